"""The recipe of the embedded 2020 benchmarks, from raw tables to files."""
