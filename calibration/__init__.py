"""Numbers from data: read, aggregate, balance, and calibrate."""
