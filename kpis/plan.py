"""How a year's target is phased: the share of it that should be reached by an instant."""

from datetime import date, datetime, timedelta
from enum import IntEnum
from itertools import accumulate
from zoneinfo import ZoneInfo

from msgspec import Struct

from contract.events import Target
from kpis.calendar import day_and_fraction, day_start, days_in, days_of, month_start


class Status(IntEnum):
    """Where a target stands; the code that is exported."""

    ATTAINED = 0
    ON_TRACK = 1
    BEHIND = 2
    CRITICAL = 3
    MISSED = 4


class Plan(Struct, frozen=True):
    """A target of one year and its twelve monthly shares.

    Within a month the plan runs evenly by calendar days, and within a day by the time that has
    passed; a plan without shares runs evenly over the days of the year.
    """

    year: int
    value: float
    shares: tuple[float, ...]
    warn: float
    critical: float
    tz: ZoneInfo

    @classmethod
    def from_target(cls, target: Target, tz: ZoneInfo) -> "Plan":
        """The plan that a target describes."""
        year = int(target.period)
        even = tuple(days / days_in(year) for days in days_of(year))
        return cls(
            year=year,
            value=float(target.value),
            shares=target.monthly or even,
            warn=target.warn,
            critical=target.critical,
            tz=tz,
        )

    def share(self, at: datetime) -> float:
        """s(at), the planned share of the year: from 0 before the year to 1 after it."""
        on, fraction = day_and_fraction(at, self.tz)
        if on.year != self.year:
            return 0.0 if on.year < self.year else 1.0
        month = on.month - 1
        passed = (on.day - 1 + fraction) / days_of(self.year)[month]
        return sum(self.shares[:month]) + self.shares[month] * passed

    def planned(self, at: datetime) -> float:
        """T·s(at), in the target's unit."""
        return self.value * self.share(at)

    def instant(self, share: float) -> float:
        """The first instant at which s is at least `share`, in Unix seconds."""
        for month, reached in enumerate(accumulate(self.shares)):
            if reached >= share and self.shares[month] > 0:
                days = days_of(self.year)[month]
                passed = days * (1 - (reached - share) / self.shares[month])
                return self._after(month + 1, min(max(passed, 0.0), float(days)))
        return month_start(self.year, 13, self.tz)

    def status(self, reached: float, at: datetime) -> Status:
        """Attained or missed; before the year is over by the pace.

        On track from the pace `warn` up, behind from `critical` up, critical below.
        """
        planned = self.planned(at)
        if reached >= self.value:
            return Status.ATTAINED
        if at.timestamp() >= month_start(self.year, 13, self.tz):
            return Status.MISSED
        if reached >= self.warn * planned:
            return Status.ON_TRACK
        return Status.BEHIND if reached >= self.critical * planned else Status.CRITICAL

    def _after(self, month: int, days: float) -> float:
        """The instant that many days after the start of a month."""
        on = date(self.year, month, 1) + timedelta(int(days))
        start = day_start(on, self.tz)
        return start + (days - int(days)) * (day_start(on + timedelta(1), self.tz) - start)
