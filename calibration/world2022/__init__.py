"""The recipe of the 2022 benchmark and of the duties in force in 2025-26, from raw tables to files."""
