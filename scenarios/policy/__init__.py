"""From a scenario to the numbers that the model takes, on one benchmark."""
