"""Days, months and years in the port's time zone."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo


def day_of(at: datetime, tz: ZoneInfo) -> date:
    """Return the day of an instant."""
    return at.astimezone(tz).date()


@lru_cache(maxsize=4096)  # the days of ten years; each reading of a plan asks for some
def day_start(on: date, tz: ZoneInfo) -> float:
    """Return the first instant of a day, in Unix seconds."""
    return datetime(on.year, on.month, on.day, tzinfo=tz).timestamp()


def month_start(year: int, month: int, tz: ZoneInfo) -> float:
    """Return the first instant of a month, in Unix seconds; month 13 is the next January."""
    return day_start(date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1), tz)


def hour_end(on: date, hour: int, tz: ZoneInfo) -> float:
    """Return the end of an hour (0 to 23) of a day, in Unix seconds."""
    return datetime(on.year, on.month, on.day, hour, tzinfo=tz).timestamp() + 3600


@cache
def days_of(year: int) -> tuple[int, ...]:
    """Return the lengths of the twelve months, in days."""
    return tuple(monthrange(year, month)[1] for month in range(1, 13))


def day_and_fraction(at: datetime, tz: ZoneInfo) -> tuple[date, float]:
    """Return the day of an instant, and the share of that day that has passed, from 0 to 1.

    A day on which the clocks change is 23 or 25 hours long, so the fraction is of its real length.
    """
    on = day_of(at, tz)
    start = day_start(on, tz)
    return on, (at.timestamp() - start) / (day_start(on + timedelta(1), tz) - start)


def period_end(period: str, tz: ZoneInfo) -> float:
    """Return the end of a period, in Unix seconds.

    Periods are written `2019`, `2019-Q1`, `2019-03` or `2019-03-05`.
    """
    year, _, rest = period.partition("-")
    if not rest:
        return month_start(int(year), 13, tz)
    if rest.startswith("Q"):
        return month_start(int(year), 3 * int(rest[1]) + 1, tz)
    month, _, day = rest.partition("-")
    if not day:
        return month_start(int(year), int(month) + 1, tz)
    return day_start(date(int(year), int(month), int(day)) + timedelta(1), tz)
