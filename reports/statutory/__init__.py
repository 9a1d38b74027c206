"""Statutory forms: the user's own workbook, whose cells a mapping file names figures for."""
