"""Which reports are due: a function of the plan, the clock, and what is issued already."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from contract.reporting.issued_report import BY_SCHEDULE, IssuedReport
from contract.reporting.report_plan import ReportPlan
from kpis.model.calendar import day_of
from reports.period import DAY, Period, ReportKind

MOST_CAUGHT_UP = 31
"""After downtime as many periods of a kind are issued by themselves; older ones by hand."""
MENDED_WITHIN = timedelta(7)
"""For so long after its time a provisional report gets a new edition by itself."""


class DueReport(Struct, frozen=True):
    """A report that is to be issued: its owner, period and edition."""

    owner: str
    period: Period
    edition: int
    may_be_provisional: bool
    """Whether patience is over, so that it is issued even if its last day is not whole."""


class ReportClock(Struct, frozen=True):
    """The plan, the port's zone, and the moments by which reports are due."""

    plan: ReportPlan
    tz: ZoneInfo
    now: datetime
    since: datetime
    """Since when reports can be issued: the books need time to catch up after a start."""

    def issue_time(self, period: Period) -> datetime:
        """Return when the report of a period is to be issued."""
        return datetime.combine(period.span.after, self.plan.issue_at, self.tz)

    def is_due(self, period: Period) -> bool:
        """Whether the time of a period's report has come."""
        return self.issue_time(period) <= self.now

    def patience_is_over(self, period: Period) -> bool:
        """Whether a report no longer waits until its last day is whole."""
        return self._waits_until(period) <= self.now

    def overdue_seconds(self, period: Period) -> float:
        """Return the seconds since patience was over; 0 before that."""
        return max(0.0, (self.now - self._waits_until(period)).total_seconds())

    def _waits_until(self, period: Period) -> datetime:
        waits_since = max(self.issue_time(period), self.since)
        return waits_since + timedelta(minutes=self.plan.patience_minutes)


def due(owner: str, clock: ReportClock, issued: Iterable[IssuedReport]) -> tuple[DueReport, ...]:
    """Return the reports of an owner that are due, in the order of their periods.

    Of a kind that was never issued by itself only the newest period is due.  After that no period
    is left out, as far back as MOST_CAUGHT_UP.  A provisional report is due again once whole.
    """
    newest: dict[tuple[str, str], IssuedReport] = {}
    for one in issued:
        key = one.kind, one.period
        if one.owner == owner and (key not in newest or newest[key].edition < one.edition):
            newest[key] = one
    found: list[DueReport] = []
    for kind in map(ReportKind, clock.plan.kinds):
        periods = _last_periods(kind, clock)
        known = [
            period
            for period in periods
            if (held := newest.get((kind.value, period.name))) and held.by == BY_SCHEDULE
        ]
        wanted = [one for one in periods if known and one.span > known[-1].span] or periods[:1]
        for period in periods:
            held = newest.get((kind.value, period.name))
            if held is None and period in wanted:
                found.append(DueReport(owner, period, 1, clock.patience_is_over(period)))
            elif held and held.provisional and _can_be_mended(period, clock):
                found.append(DueReport(owner, period, held.edition + 1, False))
    order = list(ReportKind)
    return tuple(sorted(found, key=lambda one: (one.period.last, order.index(one.period.kind))))


def _last_periods(kind: ReportKind, clock: ReportClock) -> list[Period]:
    """The last periods whose time has come, the newest first."""
    found: list[Period] = []
    period = Period.newest(kind, day_of(clock.now, clock.tz))
    if not clock.is_due(period):
        period = Period.of(kind, period.span.first - DAY)
    while len(found) < MOST_CAUGHT_UP:
        found.append(period)
        period = Period.of(kind, period.span.first - DAY)
    return found


def _can_be_mended(period: Period, clock: ReportClock) -> bool:
    return clock.now <= clock.issue_time(period) + MENDED_WITHIN
