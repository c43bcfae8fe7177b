"""Benchmarks of published studies."""
