"""A stretch of days by its name: 2026, 2026-H1, 2026-Q2, 2026-03, or from one to another."""

from datetime import date, timedelta

_MONTHS = {"H": 6, "Q": 3}  # letter -> months in one
_ONE = r"\d{4}(-H[12]|-Q[1-4]|-(0[1-9]|1[0-2]))?"
PERIOD = rf"^{_ONE}(/{_ONE})?$"
"""What the name of a period looks like."""


def days_of_period(period: str) -> tuple[date, date]:
    """The first day of a period, and the day after its last.

    Raises:
        ValueError: a range that ends before it begins.
    """
    begins, _, ends = period.partition("/")
    (first, after), end = _days(begins), _days(ends or begins)[1]
    if end < after or (ends and _days(ends)[0] < first):
        raise ValueError(f"period is {period}, expected a range that ends after it begins")
    return first, end


def end_of_period(period: str) -> date:
    """The day after the last of a published figure's period, which may be a day, too.

    Raises:
        ValueError: there is no such month or day.
    """
    try:
        if len(period) == len("2019-03-05"):
            return date.fromisoformat(period) + timedelta(1)
        return days_of_period(period)[1]
    except (ValueError, OverflowError):
        raise ValueError(f"period is {period}, which is not in the calendar") from None


def is_one_year(period: str) -> bool:
    """Is it a calendar year?"""
    return len(period) == 4


def _days(name: str) -> tuple[date, date]:
    year, _, part = name.partition("-")
    if not part:
        return _month(int(year), 0), _month(int(year), 12)
    length = _MONTHS.get(part[0], 1)
    number = int(part[1:]) if part[0] in _MONTHS else int(part)
    return _month(int(year), (number - 1) * length), _month(int(year), number * length)


def _month(year: int, month: int) -> date:
    """The first day of a month, counted from 0 in January."""
    return date(year + month // 12, month % 12 + 1, 1)
