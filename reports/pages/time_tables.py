"""The months and the days of the year, as tables."""

from datetime import date

from kpis.port import growth
from kpis.port.throughput import LATEST
from reports import compare
from reports.language.language import ReportLanguage
from reports.pages.port_figures import PortFigures
from reports.period import Span, month_end, year_before, year_to
from reports.tree import Against, Day, NumberForm, ReportFigure, Row, Table, TableColumn, Words


def months(figures: PortFigures, language: ReportLanguage) -> Table:
    """Return the months of the year that are over, each beside its plan and last year.

    With Spring Festival January and February stand in grey, and both together in bold.
    """
    words, year = language.words, figures.until.year
    rows: list[Row] = []
    for month in range(1, figures.until.month + 1):
        span = Span(date(year, month, 1), month_end(date(year, month, 1)))
        if span.last > figures.until or figures.port.begin is None:
            break
        if figures.port.begin > span.last:
            continue
        rows.append(_month(figures, span, is_newest=span.last == figures.until))
        if figures.port.festival and month == 2 and figures.port.begin <= date(year, 1, 1):
            rows.append(_both(figures, language))
    columns = (
        TableColumn(words.month, "l", 0.8),
        TableColumn(words.throughput),
        TableColumn(words.a_day),
        TableColumn(words.on_year),
        TableColumn(words.on_month_short),
        TableColumn(words.of_month),
        TableColumn(words.sum),
        TableColumn(words.sum_on_year),
        TableColumn(words.of_year),
    )
    note = words.festival_note if figures.port.festival else ""
    return Table(words.by_month, columns, tuple(rows), words.sheet_months, note)


def days(figures: PortFigures, language: ReportLanguage, span: Span) -> Table:
    """Return days, each beside its plan and last year's same day."""
    words, rows = language.words, []
    for on in span.each():
        day = Span(on, on)
        if figures.port.begin is None or on < figures.port.begin:
            continue
        rows.append(
            Row(
                (
                    Day(on),
                    figures.teu(day),
                    figures.plan(day),
                    figures.of_plan(day, day),
                    _last_year(figures, day),
                    figures.on_year(day),
                    figures.teu(year_to(on)),
                )
            )
        )
    columns = (
        TableColumn(words.day, "l", 0.8),
        TableColumn(words.throughput),
        TableColumn(words.plan_teu),
        TableColumn(words.of_day),
        TableColumn(words.last_year_teu),
        TableColumn(words.on_year),
        TableColumn(words.sum),
    )
    return Table(words.by_day, columns, tuple(rows), words.sheet_days)


def _month(figures: PortFigures, span: Span, is_newest: bool) -> Row:
    year = Span(date(span.last.year, 1, 1), span.last)
    whole = Span(year.first, date(year.first.year, 12, 31))
    return Row(
        (
            Day(span.first, by_month=True),
            figures.teu(span),
            figures.per_day(span),
            _month_on_year(figures, span),
            figures.on_month(span),
            figures.of_plan(span, span),
            figures.teu(year),
            figures.on_year(year),
            figures.of_plan(year, whole),
        ),
        is_sum=is_newest,
    )


def _month_on_year(figures: PortFigures, span: Span) -> ReportFigure:
    """A month's growth; January and February alone are grey and marked, as the festival moves."""
    if not figures.port.festival or span.last.month > 2:
        return figures.on_year(span)
    value = compare.growth(figures.port, span, year_before(span))
    return figures.of(
        LATEST[growth.month_on_year],
        span,
        value,
        NumberForm.CHANGE,
        against=Against.YEAR_BEFORE,
        muted=True,
        mark="春",
    )


def _both(figures: PortFigures, language: ReportLanguage) -> Row:
    year = figures.until.year
    both = Span(date(year, 1, 1), month_end(date(year, 2, 1)))
    return Row(
        (
            Words(language.words.january_february),
            figures.teu(both),
            figures.per_day(both),
            figures.on_year(both),
            Words(""),
            figures.of_plan(both, both),
            Words(""),
            Words(""),
            Words(""),
        ),
        is_sum=True,
    )


def _last_year(figures: PortFigures, day: Span) -> ReportFigure:
    before = year_before(day)
    reason = compare.gap(figures.port, before)
    kpi = figures.kpi_of(before)
    value = reason or figures.port.teu(before)
    return figures.of(kpi, before, value, NumberForm.TEU)
