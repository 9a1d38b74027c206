"""What differs from an earlier issue: TEU of days and years, projects, goals of targets."""

from collections.abc import Iterator
from datetime import date

from kpis.model.kpi import Labels
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from kpis.zone import investment
from kpis.zone.investment import INVESTMENT
from kpis.zone.portfolio import STAGES
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
    """Return what differs: the years' sums first, then days from the newest, projects, goals.

    Only days of the earlier issue are compared that both look back to.
    """
    found: list[Revision] = []
    if then.port and now.port:
        first = max(whole_days(one.period).first for one in (then, now))
        days = list(_days(then.port, now.port, Span(first, then.period.last)))
        found += [*_years(then.port, now.port, Span(first, then.period.last), days), *days]
    found += _projects(then, now)
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


def _years(
    then: PortValues, now: PortValues, span: Span, days: list[Revision]
) -> Iterator[Revision]:
    """The sums of the year to date and of last year as a whole, where days of it differ."""
    last = span.last
    for year in range(last.year, span.first.year - 1, -1):
        whole = Span(date(year, 1, 1), date(year, 12, 31))
        summed = year_to(last) if year == last.year else whole
        was, is_now = then.teu(summed), now.teu(summed)
        differs = any(one.span.last.year == year for one in days)
        if differs and round(was * 100) != round(is_now * 100):
            yield Revision(summed, was, is_now)


def _projects(then: ReportValues, now: ReportValues) -> Iterator[Revision]:
    """The projects by stage at the end of the earlier issue, as known then and now.

    Only an issue of the same period, or of the one right before it, ends where a reading is.
    """
    if then.zone is None or now.zone is None:
        return
    end, last = then.period.span.after, then.period.last
    held = {now.period.span.first: now.zone.before, now.period.span.after: now.zone.readings}
    if end not in held:
        return
    for kpi, is_amount in ((_COUNTED, False), (_YUAN, True)):
        for stage in STAGES:
            was, is_now = (
                one.sum(kpi, zone=now.zone.code, stage=stage) or 0.0
                for one in (then.zone.readings, held[end])
            )
            if was != is_now:
                yield Revision(
                    Span(last, last),
                    was,
                    is_now,
                    causes=_PROJECT,
                    stage=str(stage),
                    is_amount=is_amount,
                )


_PROJECT = (CountedCause(RevisionCause.PROJECT),)
_COUNTED, _YUAN = INVESTMENT[investment.at_stage], INVESTMENT[investment.stage_yuan]


def _goals(readings: KpiReadings) -> dict[Labels, float]:
    return readings.selected(GOAL)
