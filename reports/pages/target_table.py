"""The table of targets: those of the port area and of the zone, the slowest first."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kpis.model.kpi import Kpi, Labels
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from reports.language.language import ReportLanguage
from reports.pages.heads import status_tag
from reports.pages.notes import cut
from reports.period import Span
from reports.reason import AbsenceReason, Why
from reports.tree import Lines, NumberForm, ReportFigure, Row, Table, TableColumn, Words
from reports.values import ReportValues


class _Target(Struct, frozen=True):
    """A target's labels: key, names, unit and direction."""

    key: Labels
    names: dict[str, str]


def targets(values: ReportValues, language: ReportLanguage) -> Table | Lines:
    """Return the table of targets, or a line that says that there are none."""
    words = language.words
    found = sorted(_all(values), key=lambda one: _order(values, one))
    if not found:
        return Lines(words.targets, ((Words(words.no_targets),),))
    rows = []
    for one in found:
        name = one.names["name_zh" if language.lang == "zh" else "name_en"]
        goal = _quantity(values, one, TARGETS[target_book.goal], language)
        sign = "≤" if one.names["direction"] == "at_most" else "≥"
        code = _value(values, one, TARGETS[target_book.status])
        rows.append(
            Row(
                (
                    Words(cut(name), whole=name),
                    status_tag(code, language) or Words("–"),
                    _quantity(values, one, TARGETS[target_book.pace], language),
                    _quantity(values, one, TARGETS[target_book.current], language),
                    replace(goal, mark=sign),
                    _quantity(values, one, TARGETS[target_book.forecast], language),
                    Words(language.unit(one.names["unit"])[0]),
                )
            )
        )
    columns = (
        TableColumn(words.target, "l", 1),
        TableColumn(words.status, "c", 0),
        TableColumn(words.pace_short, width=0),
        TableColumn(words.now, width=0),
        TableColumn(words.goal, width=0),
        TableColumn(words.forecast_short, width=0),
        TableColumn(words.unit, "l", 0),
    )
    return Table(words.targets, columns, tuple(rows), words.sheet_targets, words.slowest_first)


def _all(values: ReportValues) -> Iterator[_Target]:
    kpi = TARGETS[target_book.named]
    for labels in values.targets.selected(kpi):
        names = dict(zip(kpi.labels, labels, strict=True))
        yield _Target(labels[:3], names)


def _order(values: ReportValues, one: _Target) -> tuple[float, Labels]:
    pace = _value(values, one, TARGETS[target_book.pace])
    return (9e9 if pace is None else pace), one.key


def _value(values: ReportValues, one: _Target, kpi: Kpi[Any]) -> float | None:
    return values.targets.values.get(str(kpi.series), {}).get(one.key)


def _quantity(
    values: ReportValues, one: _Target, kpi: Kpi[Any], language: ReportLanguage
) -> ReportFigure:
    value = _value(values, one, kpi)
    labels = tuple(zip(TARGETS.by, one.key, strict=True))
    span = Span(date(values.period.last.year, 1, 1), values.period.last)
    absent = Why.NO_FORECAST if kpi.of is target_book.forecast else Why.NOT_KNOWN
    known = AbsenceReason(absent) if value is None else value
    if kpi.of is target_book.pace:
        return ReportFigure(kpi, labels, span, known, NumberForm.SHARE)
    unit = one.names["unit"]
    _, scale = language.unit(unit)
    shown = None if value is None else value / scale
    digits = 0 if shown is None or abs(shown - round(shown)) < 1e-9 else 1
    return ReportFigure(
        kpi, labels, span, known, NumberForm.AMOUNT, shown=shown, digits=digits, unit=unit
    )
