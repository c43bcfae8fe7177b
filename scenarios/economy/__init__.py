"""The whole trip: run, compare, decompose, batch and diff on one benchmark and closure."""
