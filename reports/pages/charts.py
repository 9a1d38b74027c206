"""The charts of a port area: its year against the plan, and its days as bars."""

from collections.abc import Collection
from datetime import date
from itertools import accumulate

from kpis.port import pacing
from kpis.port.throughput import THROUGHPUT
from reports import compare
from reports.language.language import ReportLanguage
from reports.pages.port_figures import PortFigures
from reports.period import DAY, Span, year_before
from reports.reason import Why
from reports.tree import Block, Columns, Curve, Lines, NumberForm, Words

DAYS = 35  # five whole weeks


def year_against_plan(figures: PortFigures, language: ReportLanguage) -> Block:
    """Return the year's deviation from plan, or a line that says that there is no plan."""
    port, words = figures.port, language.words
    if not port.planned or figures.until.year != port.year:
        return Lines(words.ahead_or_behind, ((Words(words.no_plan_set),),))
    year = Span(figures.year.first, figures.year.first.replace(month=12, day=31))
    last_year = year_before(year)
    before: tuple[float, ...] = ()
    if compare.gap(port, last_year) is None:
        before = _deviation(figures, last_year)
    goal = figures.reading(THROUGHPUT[pacing.target], NumberForm.TEU, Why.NO_PLAN).number or 0.0
    forecast = figures.forecast().number
    bands = []
    for level in ("0.95", "0.80"):
        low, high = (one.number for one in figures.bounds(level, NumberForm.TEU))
        if low is not None and high is not None:
            bands.append((low - goal, high - goal))
    now = _deviation(figures, figures.year)
    return Curve(
        words.ahead_or_behind,
        _note(before, bands, forecast, language),
        language.plain(words.curve_alt, teu=language.whole(now[-1] if now else 0.0)),
        now,
        before,
        None if forecast is None else forecast - goal,
        tuple(bands),
        year.first.year,
    )


def days_as_bars(
    figures: PortFigures, language: ReportLanguage, span: Span | None = None
) -> Columns:
    """Return the last 35 days, or those of a span, with their plan."""
    port, words = figures.port, language.words
    dark: Collection[date] = (figures.period.last,)
    title = language.plain(words.last_days, days=str(DAYS))
    if span is None:
        span = Span(figures.period.last - (DAYS - 1) * DAY, figures.period.last)
    else:
        extremes = figures.extremes(span)
        dark = tuple(found.last for found in extremes if found is not None)
        title = words.each_day
    need = figures.reading(THROUGHPUT[pacing.required_per_day], NumberForm.TEU, Why.NO_PLAN).number
    days = tuple((on, port.teu(Span(on, on))) for on in span.each())
    return Columns(
        title,
        words.dark_days if len(dark) > 1 else "",
        language.plain(words.bars_alt, days=str(len(days))),
        days,
        tuple(port.plan(Span(on, on)) for on, _ in days),
        need or None,
        tuple(dark),
    )


def _deviation(figures: PortFigures, span: Span) -> tuple[float, ...]:
    """TEU ahead of this year's plan by the end of each day, a leap day as the day after it."""
    planned = figures.port.planned
    done = accumulate(figures.port.teu(Span(on, on)) for on in span.each())
    return tuple(teu - planned[min(day, len(planned) - 1)] for day, teu in enumerate(done, 1))


def _note(
    before: tuple[float, ...],
    bands: list[tuple[float, float]],
    forecast: float | None,
    language: ReportLanguage,
) -> str:
    words = language.words
    parts = [words.forecast_dashed] if forecast is not None else []
    parts += [words.bands_shown] if bands else []
    parts += [] if before else [words.last_year_not_whole]
    return language.joined(parts)
