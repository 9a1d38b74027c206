"""The values of a report, measured on the books as they were at the end of its period."""
