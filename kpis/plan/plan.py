"""The plan of a target: which share of the way to its goal is planned by an instant."""

from bisect import bisect_right
from datetime import date, datetime, timedelta
from enum import IntEnum
from itertools import accumulate, pairwise
from math import inf
from zoneinfo import ZoneInfo

from msgspec import Struct

from contract.events import Target
from contract.period import days_of_period
from kpis.model.calendar import day_and_fraction, day_start, days_of

Knot = tuple[int, float]
"""Number of a day, and the share of the way that is planned at its beginning."""


class Status(IntEnum):
    """The status of a target; the number is the exported value."""

    ATTAINED = 0
    ON_TRACK = 1
    BEHIND = 2
    CRITICAL = 3
    MISSED = 4


class Plan(Struct, frozen=True):
    """A goal, its period, and the planned way to the goal.

    Between two knots the plan is linear in calendar days, and within a day in time.  Twelve
    monthly shares have a knot for each month.  Dated steps have two for each step, since a step is
    due all at once at the end of its day.  A linear plan has a knot at each end.
    """

    first: date
    end: date
    """The day after the last one."""
    begin: float
    """The value at which the way starts."""
    value: float
    """The goal, to which the way leads."""
    knots: tuple[Knot, ...]
    at_most: bool
    warn: float
    critical: float
    tz: ZoneInfo
    stepped: bool = False

    @classmethod
    def from_target(cls, target: Target, tz: ZoneInfo, accumulates: bool = True) -> "Plan":
        """Return the plan that a target describes.

        Without a start, a figure that accumulates over the period starts from 0, and a level is
        planned at its goal from the first day.
        """
        first, end = days_of_period(target.period)
        begin = target.start if target.start is not None else 0 if accumulates else target.value
        return cls(
            first=first,
            end=end,
            begin=float(begin),
            value=float(target.value),
            knots=_knots(target, first, end),
            at_most=target.direction == "at_most",
            warn=target.warn,
            critical=target.critical,
            tz=tz,
            stepped=bool(target.steps),
        )

    @property
    def begins_at(self) -> float:
        """The first instant of the period, in Unix seconds."""
        return day_start(self.first, self.tz)

    @property
    def ends_at(self) -> float:
        """The first instant after the period, in Unix seconds."""
        return day_start(self.end, self.tz)

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of each month in a plan of one year."""
        ends = (date(self.first.year, month, 1).toordinal() for month in range(2, 13))
        reached = (0.0, *map(self._share, ends), 1.0)
        return tuple(after - before for before, after in pairwise(reached))

    def share(self, at: datetime) -> float:
        """Return s(at), the planned share of the way: 0 before the period, 1 after it."""
        return self._share(self._day(at))

    def elapsed(self, at: datetime) -> float:
        """Return how much of the period has passed, by calendar days, from 0 to 1."""
        days = self._day(at) - self.first.toordinal()
        return min(max(days / (self.end - self.first).days, 0.0), 1.0)

    def planned(self, at: datetime) -> float:
        """Return B + (T − B)·s(at) in the target's unit; without a start that is T·s(at)."""
        return self.begin + (self.value - self.begin) * self.share(at)

    def days_left(self, at: datetime) -> float:
        """Return the days to the end, with the rest of the current day; 0 after the period."""
        left = self.end.toordinal() - self._day(at)
        return min(max(left, 0.0), float((self.end - self.first).days))

    def is_over(self, at: datetime) -> bool:
        """Is the period over?"""
        return at.timestamp() >= self.ends_at

    def holds(self, value: float) -> bool:
        """Does a value reach the goal, or not exceed it for at most?"""
        return value <= self.value if self.at_most else value >= self.value

    def instant(self, share: float) -> float:
        """Return the first instant at which s is at least `share`, in Unix seconds."""
        for (day, low), (after, high) in pairwise(self.knots):
            if high >= share:
                rest = max(share - low, 0.0) / (high - low) if high > low else 0.0
                return self._moment(day + (after - day) * rest)
        return self.ends_at

    def elapsed_instant(self, elapsed: float) -> float:
        """Return the instant at which that share of the period has passed, in Unix seconds."""
        return self._moment(self.first.toordinal() + elapsed * (self.end - self.first).days)

    def _share(self, day: float) -> float:
        index = bisect_right(self.knots, (day, inf))
        if index in (0, len(self.knots)):
            return 1.0 if index else 0.0
        (before, low), (after, high) = self.knots[index - 1], self.knots[index]
        return low + (high - low) * (day - before) / (after - before)

    def _day(self, at: datetime) -> float:
        """Return the number of an instant's day, plus the share of that day that has passed."""
        on, fraction = day_and_fraction(at, self.tz)
        return on.toordinal() + fraction

    def _moment(self, day: float) -> float:
        """Return the instant of a day number, in Unix seconds."""
        on = date.fromordinal(int(day))
        start = day_start(on, self.tz)
        return start + (day - int(day)) * (day_start(on + timedelta(1), self.tz) - start)


def _knots(target: Target, first: date, end: date) -> tuple[Knot, ...]:
    start, stop = first.toordinal(), end.toordinal()
    if target.monthly:
        starts = accumulate(days_of(first.year), initial=start)
        reached = (0.0, *accumulate(target.monthly[:-1]), 1.0)
        return tuple(zip(starts, reached, strict=True))
    knots: list[Knot] = [(start, 0.0)]
    for on, share in target.step_shares:
        day = on.toordinal() + 1
        knots += [(day, knots[-1][1]), (day, share)]
    if target.steps:
        knots.append((stop, knots[-1][1]))
    return (*knots, (stop, 1.0))
