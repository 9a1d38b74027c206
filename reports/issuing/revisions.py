"""What differs from an earlier issue: TEU by day and terminal, their sum, goals of targets."""

from collections.abc import Iterator
from datetime import date

from kpis.model.kpi import Labels
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from reports.instants import whole_days
from reports.period import Span, year_to
from reports.values import (
    CountedCause,
    KpiReadings,
    PortValues,
    ReportValues,
    Revision,
    RevisionCause,
)

GOAL = TARGETS[target_book.goal]


def revisions(then: ReportValues, now: ReportValues) -> tuple[Revision, ...]:
    """Return what differs: the year's sum first, then days from the newest, then goals.

    Only days of the earlier issue are compared that both look back to.
    """
    found: list[Revision] = []
    if then.port and now.port:
        first = max(whole_days(one.period).first for one in (then, now))
        days = list(_days(then.port, now.port, Span(first, then.period.last)))
        found += [*_year(then.port, now.port, then.period.last, days), *days]
    span = year_to(then.period.last)
    before, after = (_goals(one.targets) for one in (then, now))
    found += [
        Revision(span, before[key], after[key], target=key, causes=_TARGET_CHANGED)
        for key in sorted(before.keys() & after.keys())
        if before[key] != after[key]
    ]
    return tuple(found)


def revised_days(found: tuple[Revision, ...]) -> frozenset[date]:
    """Return the days whose TEU differ."""
    return frozenset(one.span.last for one in found if one.terminal)


_TARGET_CHANGED = (CountedCause(RevisionCause.TARGET),)


def _days(then: PortValues, now: PortValues, span: Span) -> Iterator[Revision]:
    for on in sorted(then.days.keys() | now.days.keys(), reverse=True):
        if not span.first <= on <= span.last:
            continue
        before, after = then.days.get(on, {}), now.days.get(on, {})
        for terminal in sorted(before.keys() | after.keys()):
            was, is_now = before.get(terminal, 0.0), after.get(terminal, 0.0)
            if round(was * 100) != round(is_now * 100):
                yield Revision(Span(on, on), was, is_now, terminal)


def _year(
    then: PortValues, now: PortValues, last: date, days: list[Revision]
) -> Iterator[Revision]:
    year = year_to(last)
    was, is_now = then.teu(year), now.teu(year)
    if days and round(was * 100) != round(is_now * 100):
        yield Revision(year, was, is_now)


def _goals(readings: KpiReadings) -> dict[Labels, float]:
    return readings.selected(GOAL)
