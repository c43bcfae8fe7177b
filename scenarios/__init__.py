"""Policies, and the whole trip from a scenario to its comparison with the baseline."""
