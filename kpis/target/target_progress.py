"""The progress of a target's figure in its owner's books, and since when it holds its goal."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any

from msgspec import Struct

from contract.events import Target
from kpis.model.calendar import day_start, period_end
from kpis.model.kpi import Labels
from kpis.plan.plan import Plan
from kpis.plan.progress import Outlook, Progress
from kpis.port import handled
from kpis.port.books import PortBooks, is_plan
from kpis.target.measures import Measure
from kpis.zone import indicators, investment
from kpis.zone.indicators import IndicatorBook
from kpis.zone.portfolio import TIERS, Portfolio

Measured = PortBooks | Portfolio | IndicatorBook
"""The books on which a target can be measured."""
_KINDS: dict[str, type[Measured]] = {
    "port_throughput": PortBooks,
    "project": Portfolio,
    "indicator": IndicatorBook,
}
"""Name of a family -> type of its books."""


class TargetProgress(Struct, frozen=True):
    """The progress of a figure, and the instant since which it holds its goal.

    `held_since` is in Unix seconds; it is None while the goal is not held, or if the books do not
    date it.  `unit` is the unit in which an indicator was published.
    """

    progress: Progress
    held_since: float | None = None
    unit: str = ""


def progress_of(
    target: Target, measure: Measure, plan: Plan, books: Iterable[Measured], at: datetime
) -> TargetProgress | None:
    """Return the progress of a target's figure; None without its books or without a figure."""
    kind = _KINDS[measure.family.name]
    match next((one for one in books if isinstance(one, kind)), None):
        case None:
            return None
        case PortBooks() as port if measure.kpi.of is handled.ytd:
            return _handled(port, target, plan, at)
        case Portfolio() as zone if measure.is_dated:
            return _signings(zone, target, measure, plan, at)
        case IndicatorBook() as book if measure.kpi.of is indicators.value:
            return _figures(book, target, plan)
        case held:
            return _reading(held, target, measure, plan, at)


def _handled(books: PortBooks, target: Target, plan: Plan, at: datetime) -> TargetProgress | None:
    """Return the TEU over the quay in the period; a goal is reached at the end of an hour.

    None for a period that ended before the books begin.
    """
    years = tuple(books.years(at))
    since = years[-1].first_booked()
    if plan.is_over(at) and (since is None or since >= plan.end):
        return None
    terminal = target.labels.get("terminal", "")
    teu, reached = 0.0, None
    outlook: Outlook | None = None
    for port in years:
        if plan.first.year <= port.year <= (plan.end - timedelta(1)).year:
            if reached is None:
                reached = port.reached(plan.value - teu, plan.first, terminal)
            teu += port.teu_between(plan.first, plan.end, terminal)
            outlook = port.outlook if is_plan(target) else None
    held = reached if plan.holds(teu) and not plan.at_most else None
    return TargetProgress(Progress(plan, teu, outlook=outlook), held)


def _signings(
    zone: Portfolio, target: Target, measure: Measure, plan: Plan, at: datetime
) -> TargetProgress | None:
    """Return the projects or yuan signed in the period; a goal is reached on a signing's day.

    None for a period that ended before the books begin.
    """
    known = zone.state(at).signed
    if plan.is_over(at) and not any(one.on < plan.end for one in known):
        return None
    counted = measure.kpi.of is investment.signed
    least = TIERS[target.labels["tier"]] if counted else 0
    signings = sorted(
        (one.on, 1 if counted else one.card.yuan)
        for one in known
        if plan.first <= one.on < plan.end and one.card.yuan >= least
    )
    done, reached = 0, None
    for on, amount in signings:
        done += amount
        if reached is None and plan.holds(done) and not plan.at_most:
            reached = day_start(on, plan.tz)
    return TargetProgress(Progress(plan, float(done)), reached)


def _figures(book: IndicatorBook, target: Target, plan: Plan) -> TargetProgress | None:
    """Return the newest published figure; a goal is held since the end of a figure's period.

    Figures whose period ends after the target's are left out.
    """
    labels = target.labels
    unit = target.unit or labels.get("unit", "")
    figures = [
        (ended, float(one.value), one.unit)
        for one in book.figures(labels["indicator"], labels["scope"], unit)
        if (ended := period_end(one.period, book.tz)) <= plan.ends_at
    ]
    if not figures:
        return None
    as_of, value, unit = figures[-1]
    inside = [(ended, amount) for ended, amount, _ in figures if ended > plan.begins_at]
    held = list(takewhile(lambda figure: plan.holds(figure[1]), reversed(inside)))
    progress = Progress(plan, value, accumulates=False, as_of=as_of, in_period=bool(inside))
    return TargetProgress(progress, held[-1][0] if held else None, unit)


def _reading(
    books: Measured, target: Target, measure: Measure, plan: Plan, at: datetime
) -> TargetProgress | None:
    """Return the value of any other KPI, now or at the end of the period.

    Several series are summed if the KPI adds up; without any series the sum is then 0.  None for a
    period that ended before the books begin.
    """
    if "year" not in measure.kpi.labels:  # otherwise the label selects the period
        at = min(at, datetime.fromtimestamp(plan.ends_at, UTC) - timedelta(microseconds=1))
    values = list(_values(books, target, measure, plan, at))
    if not values and (plan.is_over(at) or not measure.kpi.adds_up):
        return None
    return TargetProgress(Progress(plan, sum(values), accumulates=measure.accumulates))


def _values(
    books: Any, target: Target, measure: Measure, plan: Plan, at: datetime
) -> Iterator[float]:
    """Return the KPI's values in the series that a target selects."""
    family, kpi = measure.family, measure.kpi
    for shared, part in family.parts(books, at):
        if not _is_selected(dict(zip(family.by, shared, strict=True)), target, plan):
            continue
        figure = kpi.of(part, at)
        by_own: Mapping[Labels, float]
        if figure is None:
            continue
        by_own = figure if isinstance(figure, Mapping) else {(): figure}
        for own, value in by_own.items():
            if _is_selected(dict(zip(kpi.by, own, strict=True)), target, plan):
                yield float(value)


def _is_selected(labels: Mapping[str, str], target: Target, plan: Plan) -> bool:
    """Does a target select the series with these labels?"""
    if "year" in labels and not plan.first <= date(int(labels["year"]), 1, 1) < plan.end:
        return False
    return all(labels[name] == value for name, value in target.labels.items() if name in labels)
