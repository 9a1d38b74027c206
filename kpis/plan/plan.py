"""How a target is phased: the share of the way to it that should be gone by an instant."""

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
"""Day number, and the share of the way that is asked for at its beginning."""


class Status(IntEnum):
    """Where a target stands; the code that is exported."""

    ATTAINED = 0
    ON_TRACK = 1
    BEHIND = 2
    CRITICAL = 3
    MISSED = 4


class Plan(Struct, frozen=True):
    """A goal, the days it is for, and the way to it.

    Between two knots the plan runs evenly by calendar days, and within a day by the time that has
    passed.  Twelve monthly shares have a knot a month, dated steps two a step (they are asked for
    at once, by the end of their day), a linear plan one at each end.
    """

    first: date
    end: date
    """The day after the last."""
    begin: float
    """The value from which the way starts."""
    value: float
    """The value to which it leads: the goal."""
    knots: tuple[Knot, ...]
    at_most: bool
    warn: float
    critical: float
    tz: ZoneInfo
    stepped: bool = False

    @classmethod
    def from_target(cls, target: Target, tz: ZoneInfo, accumulates: bool = True) -> "Plan":
        """The plan that a target describes.

        Without a start, what accumulates over the period starts from 0, and a level is asked for
        from the first day.
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
        """The share of each month of a plan of one year."""
        ends = (date(self.first.year, month, 1).toordinal() for month in range(2, 13))
        reached = (0.0, *map(self._share, ends), 1.0)
        return tuple(after - before for before, after in pairwise(reached))

    def share(self, at: datetime) -> float:
        """s(at), the planned share of the way: from 0 before the period to 1 after it."""
        return self._share(self._day(at))

    def elapsed(self, at: datetime) -> float:
        """How much of the period is over, by calendar days: from 0 to 1."""
        days = self._day(at) - self.first.toordinal()
        return min(max(days / (self.end - self.first).days, 0.0), 1.0)

    def planned(self, at: datetime) -> float:
        """B + (T − B)·s(at), in the target's unit: T·s(at) where the way starts from 0."""
        return self.begin + (self.value - self.begin) * self.share(at)

    def days_left(self, at: datetime) -> float:
        """Days to the end, the current one by its rest; 0 once the period is over."""
        left = self.end.toordinal() - self._day(at)
        return min(max(left, 0.0), float((self.end - self.first).days))

    def is_over(self, at: datetime) -> bool:
        """Has the period passed?"""
        return at.timestamp() >= self.ends_at

    def holds(self, value: float) -> bool:
        """Is a value on the right side of the goal?"""
        return value <= self.value if self.at_most else value >= self.value

    def instant(self, share: float) -> float:
        """The first instant at which s is at least `share`, in Unix seconds."""
        for (day, low), (after, high) in pairwise(self.knots):
            if high >= share:
                rest = max(share - low, 0.0) / (high - low) if high > low else 0.0
                return self._moment(day + (after - day) * rest)
        return self.ends_at

    def elapsed_instant(self, elapsed: float) -> float:
        """The instant at which that much of the period is over, in Unix seconds."""
        return self._moment(self.first.toordinal() + elapsed * (self.end - self.first).days)

    def _share(self, day: float) -> float:
        place = bisect_right(self.knots, (day, inf))
        if place in (0, len(self.knots)):
            return 1.0 if place else 0.0
        (before, low), (after, high) = self.knots[place - 1], self.knots[place]
        return low + (high - low) * (day - before) / (after - before)

    def _day(self, at: datetime) -> float:
        """The number of the day of an instant, and how much of that day has passed."""
        on, fraction = day_and_fraction(at, self.tz)
        return on.toordinal() + fraction

    def _moment(self, day: float) -> float:
        """The instant of a day number, in Unix seconds."""
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
