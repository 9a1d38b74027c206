"""The KPIs of targets: any KPI or indicator of an owner against its goal and plan.

Y is the figure that the target measures, T its goal, B the value at which its way starts (0 for
what adds up over the period), and s the planned share of the way.
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
from kpis.target.target_progress import Measured, TargetProgress, progress_of


class TargetBook:
    """The targets of one owner; the order and repetition of records have no effect."""

    def __init__(self, book: Book, owner: str) -> None:
        self.owner = owner
        self._book = book
        self._newest: dict[str, TargetSet] = {}
        self._current: dict[str, tuple[TargetSet, Measure, Plan]] = {}
        self._outlooks: dict[str, Outlook] = {}

    def post(self, event: TargetSet) -> bool:
        """Post a target or its withdrawal; return False if the book has a record as new.

        Raises:
            Rejected: the target does not fit any KPI of the owner.
        """
        target, key = event.data, event.data.key
        if not event.supersedes(self._newest.get(key)):
            return False
        if target.withdrawn:
            self._current.pop(key, None)
        else:
            measure = measure_of(target, self._book)
            plan = Plan.from_target(target, self._book.tz, measure.accumulates)
            self._current[key] = event, measure, plan
        self._newest[key] = event
        self._outlooks.pop(key, None)
        return True

    def expect(self, key: str, outlook: Outlook | None) -> None:
        """Use a forecast instead of the run-rate of a target; None returns to the run-rate."""
        if outlook is None:
            self._outlooks.pop(key, None)
        elif key in self._current:
            self._outlooks[key] = outlook

    def states(self, books: Iterable[Measured], at: datetime) -> Iterator["TargetStatus"]:
        """Return the state of every current target, measured on its owner's other books."""
        held = tuple(books)
        for key, (event, measure, plan) in self._current.items():
            found = progress_of(event.data, measure, plan, held, at)
            yield TargetStatus(event, measure, plan, found, self._outlooks.get(key))


class OwnedTarget(Struct, frozen=True):
    """The targets of an owner, and the books on which they are measured."""

    targets: TargetBook
    books: tuple[Measured, ...]


class TargetStatus:
    """A current target, and the progress of its figure."""

    def __init__(
        self,
        event: TargetSet,
        measure: Measure,
        plan: Plan,
        measured: TargetProgress | None,
        outlook: Outlook | None,
    ) -> None:
        self.event, self.target, self.measure, self.plan = event, event.data, measure, plan
        self.measured = measured
        self.progress = measured.progress if measured else None
        if self.progress and outlook:
            self.progress = self.progress.expecting(outlook)


def current(state: TargetStatus, at: datetime) -> float | None:
    """The present value of the figure that the target measures.

    Y: for TEU and signings, the sum since the period began; for an indicator, the newest published
    figure whose period ends no later than the target's; for any other KPI, its value now, or at
    the end of the period.
    """
    return state.progress.value if state.progress else None


def goal(state: TargetStatus, at: datetime) -> float:
    """The value to be reached, or not to be exceeded, by the end of the period.

    T, from the newest TargetSet.
    """
    return state.plan.value


def planned_to_date(state: TargetStatus, at: datetime) -> float:
    """The value that the plan expects now.

    planned = B + (T − B)·s.  Without a start, B is 0 for what adds up over the period, so planned
    = T·s; a level is then planned at its goal throughout, planned = T.
    """
    return state.plan.planned(at)


def pace(state: TargetStatus, at: datetime) -> float | None:
    """The figure as a ratio to the plan now: 1 is on plan, less is behind it.

    At least: Y / planned.  At most: planned / Y, so that a rank of 50 with the goal 40 has 0.8.
    It is never below 0, and absent instead of a division by 0.
    """
    return state.progress.pace(at) if state.progress else None


def gap(state: TargetStatus, at: datetime) -> float | None:
    """How far the figure is behind the plan now; negative when ahead.

    At least: planned − Y.  At most: Y − planned.
    """
    return state.progress.gap(at) if state.progress else None


def forecast(state: TargetStatus, at: datetime) -> float | None:
    """The figure expected at the end of the period.

    A forecast from history if there is one, or else the run-rate B + (Y − B) / s from s = 0.1 on.
    For dated steps, and for levels by the date of their figure, s is the share of the period that
    has passed.  A level without a start is expected to remain.  Y once the period is over.
    """
    return state.progress.forecast(at) if state.progress else None


def forecast_bound(state: TargetStatus, at: datetime) -> dict[Labels, float]:
    """The edges of the forecast's prediction intervals, by level and bound.

    Absent for the run-rate, which has no interval of its own, and once the period is over.
    """
    return state.progress.bounds(at) if state.progress else {}


def shortfall(state: TargetStatus, at: datetime) -> float | None:
    """How far the figure will miss the goal at the end of the period if the forecast F holds.

    At least: max(0, T − F).  At most: max(0, F − T).
    """
    return state.progress.shortfall(at) if state.progress else None


def required_per_day(state: TargetStatus, at: datetime) -> float | None:
    """The amount a day that is needed from now on to reach the goal.

    max(0, T − Y) / days left, with the rest of the current day; on the last day it is all that is
    missing.  Absent once the period is over, for at most, and for a level such as a rank or a
    share, which has no amount a day.
    """
    return state.progress.required_per_day(at) if state.progress else None


def attained(state: TargetStatus, at: datetime) -> float | None:
    """When the goal was reached.

    In Unix seconds, by event time: for TEU the end of the hour that reached it, for projects the
    day of the signing, and for an indicator the end of the period from which on its figures hold
    it.  An amount not to be exceeded attains its goal at the end of the period.  Absent before,
    and for other KPIs, whose books do not date it.
    """
    if state.measured is None or state.progress is None:
        return None
    if state.measured.held_since is None and state.progress.is_kept(at):
        return state.plan.ends_at
    return state.measured.held_since


def expected(state: TargetStatus, at: datetime) -> float | None:
    """When the goal is expected to be reached, if the forecast reaches it.

    In Unix seconds: the instant t at which the figure reaches T if it follows the plan's way to
    the forecast F: Y + (F − Y)·(s(t) − s) / (1 − s) = T.  Absent once it is reached, if F misses
    it, and for an amount not to be exceeded.
    """
    return state.progress.expected(at) if state.progress else None


def status(state: TargetStatus, at: datetime) -> float | None:
    """Status of the target: 0 attained, 1 on track, 2 behind, 3 critical, 4 missed.

    Attained: a figure of the period reaches the goal; an amount not to be exceeded must keep it to
    the end.  Missed: the period ended without that, and for an indicator its last figure is
    published; an amount not to be exceeded is missed as soon as it is exceeded.  Otherwise by
    pace: on track is at least the target's `warn`, behind at least its `critical`, critical less.
    Absent without a figure.
    """
    return state.progress.status(at) if state.progress else None


def warn(state: TargetStatus, at: datetime) -> float:
    """The pace below which the target is behind, set in the target."""
    return state.plan.warn


def critical(state: TargetStatus, at: datetime) -> float:
    """The pace below which the target is critical, set in the target."""
    return state.plan.critical


def changed(state: TargetStatus, at: datetime) -> float:
    """When the target was last set or changed.

    In Unix seconds: the recordedtime of the newest TargetSet.
    """
    return state.event.recordedtime.timestamp()


def named(state: TargetStatus, at: datetime) -> dict[Labels, float]:
    """Name, KPI, unit and direction of the target; the value is always 1.

    `direction` is at_least or at_most.
    """
    target = state.target
    unit = unit_of(target, state.measure) or (state.measured.unit if state.measured else "")
    return {(target.name.zh, target.name.en, target.measures, unit, target.direction): 1.0}


def _states(owned: OwnedTarget, at: datetime) -> Iterator[tuple[Labels, TargetStatus]]:
    for state in owned.targets.states(owned.books, at):
        yield (state.target.owner, state.target.target, state.target.period), state


_BOUND = ("level", "bound")
_NAMED = ("name_zh", "name_en", "measures", "unit", "direction")

TARGETS = Family(
    "target",
    level="target",
    by=("owner", "target", "period"),
    parts=_states,
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
