"""The blocks of a scenario, one file a kind, and the levels of the instruments that they act on."""
