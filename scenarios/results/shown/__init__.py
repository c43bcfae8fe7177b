"""Results for readers: spreadsheets, tables for papers, figures, and the report."""
