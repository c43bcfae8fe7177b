"""Steps from a raw table to a benchmark: each takes a table and returns a table and a log."""
