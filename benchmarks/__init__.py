"""Speed and size, measured: python benchmarks/run.py."""
