"""Reports: figures of a day, a week or a month as pages that people get, print and keep."""
