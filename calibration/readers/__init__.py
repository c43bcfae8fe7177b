"""Readers of tables as people and publishers write them, found by content."""
