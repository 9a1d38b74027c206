"""The forms of a report: HTML, Typst's input, a workbook, CSV, JSON and plain text."""
