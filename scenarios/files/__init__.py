"""Scenarios as values and as files, and the library of those that come with the package."""
