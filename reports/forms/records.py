"""The figures of a report as records: one each, with its KPI, labels, days, value or reason."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from contract.reporting.issued_report import FigureRecord
from reports.reason import AbsenceReason
from reports.tree import ReportFigure, ReportTree

VERSION = 1

__all__ = ["FigureRecord", "ReportFile", "figure_records"]


class ReportFile(Struct, frozen=True):
    """A report as JSON; a new version of the form has another `version`."""

    version: int
    kind: str
    period: str
    first: date
    last: date
    owner: str
    language: str
    title: str
    whole: bool
    warning: str
    figures: tuple[FigureRecord, ...]
    edition: int | None = None
    """The edition of an issued report; null for one that is only shown."""
    provisional: bool = False
    """Whether it was issued before its last day was whole."""


def figure_records(report: ReportTree) -> tuple[FigureRecord, ...]:
    """Return the figures of a report and of its workbook's own sheets, each once."""
    found = dict.fromkeys(_key(one) for one in _quantities(report))
    return tuple(
        FigureRecord(series, dict(labels), first, last, against, value, unit, reason)
        for series, labels, first, last, against, value, unit, reason in found
    )


def _quantities(report: ReportTree) -> Iterator[ReportFigure]:
    yield from report.quantities()
    for table in report.sheets:
        for row in table.rows:
            yield from (cell for cell in row.cells if isinstance(cell, ReportFigure))


_Key = tuple[str, tuple[tuple[str, str], ...], date, date, str, float | None, str, str | None]


def _key(one: ReportFigure) -> _Key:
    reason = str(one.value) if isinstance(one.value, AbsenceReason) else None
    unit = one.unit or one.form.unit
    span, series = one.span, str(one.kpi.series)
    return series, one.labels, span.first, span.last, str(one.against), one.number, unit, reason
