"""The progress of a figure on its way to a goal: pace, gap, forecast, shortfall and status."""

from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from kpis.plan.plan import Plan, Status

FORECAST_FROM = 0.1  # share of the way below which a run-rate means nothing yet


class Outlook(Struct, frozen=True):
    """A forecast of the value at the end of the period, which replaces the run-rate.

    It is made in a process of its own.  `bounds` are (level, "lower" or "upper", value).
    """

    value: float
    bounds: tuple[tuple[str, str, float], ...] = ()


class Progress(Struct, frozen=True):
    """A figure Y against its plan, with the goal T and B + (T − B)·s planned.

    `as_of` is the instant of a level that is published from time to time; a figure that
    accumulates is always of now.  `in_period` is False while the newest figure is from before the
    period.
    """

    plan: Plan
    value: float
    accumulates: bool = True
    as_of: float | None = None
    in_period: bool = True
    outlook: Outlook | None = None

    def expecting(self, outlook: Outlook) -> "Progress":
        """Return the same progress with a forecast."""
        return replace(self, outlook=outlook)

    def pace(self, at: datetime) -> float | None:
        """Return Y / planned, or planned / Y for at most; None instead of a division by 0."""
        planned = self.plan.planned(at)
        above, below = (planned, self.value) if self.plan.at_most else (self.value, planned)
        return above / below if below > 0 else None

    def gap(self, at: datetime) -> float:
        """Return planned − Y, or Y − planned for at most."""
        gap = self.plan.planned(at) - self.value
        return -gap if self.plan.at_most else gap

    def forecast(self, at: datetime) -> float | None:
        """Return the value expected at the end of the period; None if it is unknown yet."""
        if self.plan.is_over(at):
            return self.value
        if self.outlook:
            return self._at_least_now(self.outlook.value)
        if not self.accumulates and self.plan.begin == self.plan.value:
            return self.value
        gone = self._gone(at)
        way = self.value - self.plan.begin
        return self.plan.begin + way / gone if gone >= FORECAST_FROM else None

    def bounds(self, at: datetime) -> dict[tuple[str, ...], float]:
        """Return (level, bound) -> edge of the forecast's prediction interval."""
        if self.outlook is None or self.plan.is_over(at):
            return {}
        return {
            (level, bound): self._at_least_now(value)
            for level, bound, value in self.outlook.bounds
        }

    def shortfall(self, at: datetime) -> float | None:
        """Return how far the forecast misses: max(0, T − F), or max(0, F − T) for at most."""
        forecast = self.forecast(at)
        if forecast is None:
            return None
        short = self.plan.value - forecast
        return max(0.0, -short if self.plan.at_most else short)

    def required_per_day(self, at: datetime) -> float | None:
        """Return max(0, T − Y) / days left; on the last day it is all that is missing.

        None once the period is over, for at most, and for a level, which has no amount a day.
        """
        left = self.plan.days_left(at)
        if left <= 0 or self.plan.at_most or not self.accumulates:
            return None
        return max(0.0, self.plan.value - self.value) / max(1.0, left)

    def expected(self, at: datetime) -> float | None:
        """Return the instant t at which the figure reaches T if it follows the plan's way to F.

        Y + (F − Y)·(s(t) − s) / (1 − s) = T, in Unix seconds.  None if T is reached, if F misses
        it, and for a budget, which is attained only at its end.
        """
        forecast = self.forecast(at)
        plan = self.plan
        if forecast is None or plan.is_over(at) or self._is_budget:
            return None
        if plan.holds(self.value) or not plan.holds(forecast):
            return None
        gone = self._gone(at)
        rest = (plan.value - self.value) / (forecast - self.value)
        reached = gone + (1 - gone) * rest
        instant = plan.elapsed_instant(reached) if self._by_time else plan.instant(reached)
        return max(instant, at.timestamp())

    def status(self, at: datetime) -> Status:
        """Return the status: attained, missed, or until then the one of its pace.

        On track is a pace of at least `warn`, behind one of at least `critical`, critical a lower
        one.  A budget is missed as soon as it is exceeded, and attained when its period is over.
        A published level is not missed before the figure for the end of the period is published.
        """
        plan, holds = self.plan, self.plan.holds(self.value) and self.in_period
        over = plan.is_over(at)
        if holds and (over or not self._is_budget):
            return Status.ATTAINED
        last = self.as_of is None or self.as_of >= plan.ends_at
        if (over and last) or (self._is_budget and not holds):
            return Status.MISSED
        planned = plan.planned(at)
        done, asked = (planned, self.value) if plan.at_most else (self.value, planned)
        if done >= plan.warn * asked:
            return Status.ON_TRACK
        return Status.BEHIND if done >= plan.critical * asked else Status.CRITICAL

    def is_kept(self, at: datetime) -> bool:
        """Is it a budget that was not exceeded when its period ended?"""
        return self._is_budget and self.plan.is_over(at) and self.plan.holds(self.value)

    def _at_least_now(self, forecast: float) -> float:
        """Return an old forecast, but of a figure that accumulates at least its present value."""
        return max(forecast, self.value) if self.accumulates else forecast

    @property
    def _is_budget(self) -> bool:
        """A figure that accumulates and must not exceed the goal."""
        return self.accumulates and self.plan.at_most

    @property
    def _by_time(self) -> bool:
        """Whether its way is measured in time: steps and levels have no growth in between."""
        return self.plan.stepped or not self.accumulates

    def _gone(self, at: datetime) -> float:
        """Return the share of the way that has passed by the instant of the value."""
        if not self._by_time:
            return self.plan.share(at)
        when = at if self.as_of is None else datetime.fromtimestamp(self.as_of, UTC)
        return self.plan.elapsed(when)
