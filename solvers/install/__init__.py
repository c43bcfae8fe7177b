"""The native parts: how they are built, and what is installed."""
