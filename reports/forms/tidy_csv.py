"""A report as tidy CSV: a row for each figure, which spreadsheets open without a formula."""

import csv
from io import StringIO

from reports.forms.records import figure_records
from reports.tree import ReportTree

BOM = "\ufeff"  # by it Excel reads UTF-8
COLUMNS = ("series", "labels", "first", "last", "against", "value", "unit", "reason")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def tidy_csv(report: ReportTree) -> bytes:
    """Return the figures of a report as CSV in UTF-8."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in figure_records(report):
        labels = ";".join(f"{name}={value}" for name, value in one.labels.items())
        writer.writerow(
            (
                harmless(one.series),
                harmless(labels),
                one.first.isoformat(),
                one.last.isoformat(),
                harmless(one.against),
                "" if one.value is None else repr(one.value),
                harmless(one.unit),
                harmless(one.reason or ""),
            )
        )
    return (BOM + text.getvalue()).encode()


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
