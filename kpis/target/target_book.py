"""Targets: any KPI or indicator of an owner against its goal and plan, one set of KPIs for all.

Y is the target's figure, T its goal, B the value from which the way starts (0 for what adds up
over the period), s the planned share of the way.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from contract.book import Book
from contract.events import TargetSet
from kpis.model.kpi import Family, Kpi, Labels, Unit, View
from kpis.plan.plan import Plan
from kpis.plan.progress import Outlook
from kpis.target.measures import Measure, measure_of, unit_of
from kpis.target.target_progress import Measured, TargetProgress, course


class TargetBook:
    """The targets of one owner; order and repetition of what is posted change nothing."""

    def __init__(self, book: Book, owner: str) -> None:
        self.owner = owner
        self._book = book
        self._newest: dict[str, TargetSet] = {}
        self._standing: dict[str, tuple[TargetSet, Measure, Plan]] = {}
        self._outlooks: dict[str, Outlook] = {}

    def post(self, event: TargetSet) -> bool:
        """Take a target, or its withdrawal; False if the books hold this record or a newer.

        Raises:
            Rejected: it measures nothing that the owner's books know.
        """
        target, key = event.data, event.data.key
        if not event.supersedes(self._newest.get(key)):
            return False
        if target.withdrawn:
            self._standing.pop(key, None)
        else:
            measure = measure_of(target, self._book)
            plan = Plan.from_target(target, self._book.tz, measure.accumulates)
            self._standing[key] = event, measure, plan
        self._newest[key] = event
        self._outlooks.pop(key, None)
        return True

    def expect(self, key: str, outlook: Outlook | None) -> None:
        """Let a forecast stand in for the run-rate of a target; None takes it back."""
        if outlook is None:
            self._outlooks.pop(key, None)
        elif key in self._standing:
            self._outlooks[key] = outlook

    def aims(self, books: Iterable[Measured], at: datetime) -> Iterator["TargetStatus"]:
        """Every target that stands, measured on its owner's other books."""
        held = tuple(books)
        for key, (event, measure, plan) in self._standing.items():
            found = course(event.data, measure, plan, held, at)
            yield TargetStatus(event, measure, plan, found, self._outlooks.get(key))


class OwnedTarget(Struct, frozen=True):
    """An owner's targets, and the books that they are measured on."""

    targets: TargetBook
    books: tuple[Measured, ...]


class TargetStatus:
    """A target as it stands, and where its figure is on the way to it."""

    def __init__(
        self,
        event: TargetSet,
        measure: Measure,
        plan: Plan,
        course: TargetProgress | None,
        outlook: Outlook | None,
    ) -> None:
        self.event, self.target, self.measure, self.plan = event, event.data, measure, plan
        self.course = course
        self.progress = course.progress if course else None
        if self.progress and outlook:
            self.progress = self.progress.expecting(outlook)


def current(aim: TargetStatus, at: datetime) -> float | None:
    """The figure that the target measures, as it stands.

    Y: what has come since the period began, for TEU and signings; the newest published figure of
    an indicator whose period ends no later than the target's; any other KPI as it is now, or was
    at the end of the period.
    """
    return aim.progress.value if aim.progress else None


def goal(aim: TargetStatus, at: datetime) -> float:
    """The value to be reached, or not to be passed, by the end of the period.

    T, from the newest TargetSet.
    """
    return aim.plan.value


def planned_to_date(aim: TargetStatus, at: datetime) -> float:
    """What the plan asks for by now.

    planned = B + (T − B)·s.  Without a start B is 0 for what adds up over the period, so planned
    = T·s; a level is then asked for all the time, planned = T.
    """
    return aim.plan.planned(at)


def pace(aim: TargetStatus, at: datetime) -> float | None:
    """How the figure stands to what the plan asks for by now; 1 is on plan, below it is worse.

    At least: Y / planned.  At most: planned / Y, so that a rank of 50 where 40 is the goal has
    0.8.  From 0; absent where it would divide by 0.
    """
    return aim.progress.pace(at) if aim.progress else None


def gap(aim: TargetStatus, at: datetime) -> float | None:
    """What is missing to the plan by now; negative when ahead.

    At least: planned − Y.  At most: Y − planned.
    """
    return aim.progress.gap(at) if aim.progress else None


def forecast(aim: TargetStatus, at: datetime) -> float | None:
    """The figure expected at the end of the period.

    A forecast from history where there is one.  Else the run-rate B + (Y − B) / s from s = 0.1 on;
    for dated steps, and for levels by the date of their figure, s is the part of the period that
    has passed.  A level without a start stays as it is.  Y once the period is over.
    """
    return aim.progress.forecast(at) if aim.progress else None


def forecast_bound(aim: TargetStatus, at: datetime) -> dict[Labels, float]:
    """The edges of the forecast's prediction intervals, by level and bound.

    Absent for the run-rate, which has no interval of its own, and once the period is over.
    """
    return aim.progress.bounds(at) if aim.progress else {}


def shortfall(aim: TargetStatus, at: datetime) -> float | None:
    """What is missing at the end of the period if the forecast F holds.

    At least: max(0, T − F).  At most: max(0, F − T).
    """
    return aim.progress.shortfall(at) if aim.progress else None


def required_per_day(aim: TargetStatus, at: datetime) -> float | None:
    """What is needed a day from now on to reach the goal.

    max(0, T − Y) / days left, the current day by its remaining part; on the last day it is all
    that is missing.  Absent once the period is over, for at most, and for a level such as a rank
    or a share, which does not come by days.
    """
    return aim.progress.required_per_day(at) if aim.progress else None


def attained(aim: TargetStatus, at: datetime) -> float | None:
    """When the goal was reached.

    In Unix seconds, by event time: the end of the hour that reached it for TEU, the day of the
    signing for projects; for an indicator the end of the period since which its figures have held
    it.  An amount not to be passed is kept only at the period's end.  Absent before, and for other
    KPIs, whose books don't say since when.
    """
    if aim.course is None or aim.progress is None:
        return None
    if aim.course.held_since is None and aim.progress.is_kept(at):
        return aim.plan.ends_at
    return aim.course.held_since


def expected(aim: TargetStatus, at: datetime) -> float | None:
    """When the goal is expected to be reached, if the forecast reaches it.

    In Unix seconds: the instant t at which the rest, run along the plan to the forecast F, gets
    there: Y + (F − Y)·(s(t) − s) / (1 − s) = T.  Absent once it is reached, where F falls short,
    and for an amount not to be passed.
    """
    return aim.progress.expected(at) if aim.progress else None


def status(aim: TargetStatus, at: datetime) -> float | None:
    """Where the target stands: 0 attained, 1 on track, 2 behind, 3 critical, 4 missed.

    Attained: the goal holds, by a figure of the period; an amount not to be passed must hold it to
    the end.  Missed: the period is over without, and for an indicator the last figure is there; an
    amount not to be passed, at once.  Else by pace: on track from the target's `warn` up, behind
    from its `critical` up, critical below.  Absent while there is no figure.
    """
    return aim.progress.status(at) if aim.progress else None


def warn(aim: TargetStatus, at: datetime) -> float:
    """The pace below which the target is behind, as the target says."""
    return aim.plan.warn


def critical(aim: TargetStatus, at: datetime) -> float:
    """The pace below which the target is critical, as the target says."""
    return aim.plan.critical


def changed(aim: TargetStatus, at: datetime) -> float:
    """When the target was set as it stands.

    In Unix seconds: the recordedtime of the newest TargetSet.
    """
    return aim.event.recordedtime.timestamp()


def named(aim: TargetStatus, at: datetime) -> dict[Labels, float]:
    """What the target is called, measures and is counted in; always 1.

    `direction` is at_least or at_most.
    """
    target = aim.target
    unit = unit_of(target, aim.measure) or (aim.course.unit if aim.course else "")
    return {(target.name.zh, target.name.en, target.measures, unit, target.direction): 1.0}


def _aims(owned: OwnedTarget, at: datetime) -> Iterator[tuple[Labels, TargetStatus]]:
    for aim in owned.targets.aims(owned.books, at):
        yield (aim.target.owner, aim.target.target, aim.target.period), aim


_BOUND = ("level", "bound")
_NAMED = ("name_zh", "name_en", "measures", "unit", "direction")

TARGETS = Family(
    "target",
    level="target",
    by=("owner", "target", "period"),
    parts=_aims,
    source="TargetSet, and what the target measures",
    kpis=(
        Kpi("current", current, Unit.VALUE, View.TABLE),
        Kpi("goal", goal, Unit.VALUE, View.TABLE),
        Kpi("planned_to_date", planned_to_date, Unit.VALUE, View.TABLE),
        Kpi("pace", pace, Unit.RATIO, View.TABLE),
        Kpi("gap", gap, Unit.VALUE, View.TABLE),
        Kpi("forecast", forecast, Unit.VALUE, View.TABLE),
        Kpi("forecast_bound", forecast_bound, Unit.VALUE, View.PART, by=_BOUND),
        Kpi("shortfall", shortfall, Unit.VALUE, View.TABLE),
        Kpi("required_per_day", required_per_day, Unit.VALUE, View.TABLE),
        Kpi("attained", attained, Unit.TIMESTAMP, View.TABLE),
        Kpi("expected", expected, Unit.TIMESTAMP, View.TABLE),
        Kpi("status", status, Unit.CODE, View.TABLE),
        Kpi("warn", warn, Unit.RATIO, View.TABLE),
        Kpi("critical", critical, Unit.RATIO, View.TABLE),
        Kpi("changed", changed, Unit.TIMESTAMP, View.TABLE),
        Kpi("info", named, Unit.COUNT, View.TABLE, by=_NAMED),
    ),
)
