"""A port area's year against its target: plan, pace, forecast, shortfall, daily need."""

from datetime import date, datetime, timedelta

from kpis.model.calendar import day_of, month_start
from kpis.model.kpi import Labels
from kpis.port.year import PortYear

RECENT_DAYS = 28  # four whole weeks: a liner port has a weekly rhythm


def target(port: PortYear, at: datetime) -> float | None:
    """TEU to be handled in the year.

    T, from the newest TargetSet; it and all that is measured by it are absent without one.
    """
    return port.plan.value if port.plan else None


def planned_to_date(port: PortYear, at: datetime) -> float | None:
    """TEU planned up to now.

    planned = T·s, where s is the planned share of the year: the shares of the months that are
    over, and of the current month the part of its days that has passed (the current day by the
    time of day in the port's zone).  It runs to the moment of measuring, not to the newest event.
    """
    return port.plan.planned(at) if port.plan else None


def pace(port: PortYear, at: datetime) -> float | None:
    """TEU handled as a share of the TEU planned up to now; 1 is on plan.

    pace = Y / (T·s), from 0.  Absent while s is 0.
    """
    return port.progress.pace(at) if port.progress else None


def gap(port: PortYear, at: datetime) -> float | None:
    """TEU behind the plan by now; negative when ahead.

    gap = T·s − Y.
    """
    return port.progress.gap(at) if port.progress else None


def forecast(port: PortYear, at: datetime) -> float | None:
    """TEU expected in the whole year.

    With two years of books: Y + Theta's rates per day for the days to come.  With less:
    Y / s, the run-rate against the phased plan, absent before s = 0.1.  Y once the year is over.
    Source: docs/forecast.md
    """
    return port.progress.forecast(at) if port.progress else None


def forecast_bound(port: PortYear, at: datetime) -> dict[Labels, float]:
    """TEU at the edges of the forecast's prediction intervals, by level and bound.

    From the errors that Theta made in the past, as shares of the level at their time.  Absent
    once the year is over, and for the run-rate, which has no interval.  Source: docs/forecast.md
    """
    return port.progress.bounds(at) if port.progress else {}


def shortfall(port: PortYear, at: datetime) -> float | None:
    """TEU missing at year end if the forecast holds.

    shortfall = max(0, T − forecast).
    """
    return port.progress.shortfall(at) if port.progress else None


def required_per_day(port: PortYear, at: datetime) -> float | None:
    """TEU a day needed from now on to reach the target.

    max(0, T − Y) / days left, the current day by its remaining part; on the last day it is all
    that is missing.  Absent once the year is over.
    """
    return port.progress.required_per_day(at) if port.progress else None


def recent_per_day(port: PortYear, at: datetime) -> float | None:
    """TEU a day over the last 28 closed days.

    Mean of the last 28 days that are over, across the turn of the year; of fewer where the books
    begin later.  For a year that is over: its last 28 days.
    """
    end = min(day_of(at, port.tz), date(port.year + 1, 1, 1))
    since = port.first_booked()
    if since is None or since >= end:
        return None
    days = min(RECENT_DAYS, (end - since).days)
    return port.teu_over(end - timedelta(days), end) / days


def mark_reached(port: PortYear, at: datetime) -> float | None:
    """When the year's target was reached, or is expected to be.

    In Unix seconds: the end of the first hour with which Y ≥ T.  Before that, the instant t
    at which the rest of the year, run along the plan to the forecast F, gets there:
    Y + (F − Y)·(s(t) − s) / (1 − s) = T.  Absent where the forecast stays below the target.
    """
    if port.progress is None:
        return None
    reached = port.reached(port.progress.plan.value)
    return port.progress.expected(at) if reached is None else reached


def status(port: PortYear, at: datetime) -> float | None:
    """Status of the year's target: 0 attained, 1 on track, 2 behind, 3 critical, 4 missed.

    Attained: Y ≥ T.  Missed: the year is over without.  Else by pace: on track from the target's
    `warn` (0.97) up, behind from its `critical` (0.90) up, critical below.
    """
    return port.progress.status(at) if port.progress else None


def plan_month(port: PortYear, at: datetime) -> dict[Labels, float]:
    """TEU planned for each month of the year."""
    if port.plan is None:
        return {}
    return {
        (f"{month:02}",): port.plan.value * share
        for month, share in enumerate(port.plan.shares, 1)
    }


def plan_month_start(port: PortYear, at: datetime) -> dict[Labels, float]:
    """When each month of a planned year begins in the port's zone."""
    return _months(port, 0)


def plan_month_end(port: PortYear, at: datetime) -> dict[Labels, float]:
    """When each month of a planned year is over in the port's zone: the start of the next."""
    return _months(port, 1)


def _months(port: PortYear, later: int) -> dict[Labels, float]:
    if port.plan is None:
        return {}
    return {
        (f"{month:02}",): month_start(port.year, month + later, port.tz) for month in range(1, 13)
    }
