"""What scenarios may name: instruments, groups of countries and sectors, agreements."""
