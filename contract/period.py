"""Periods by name: 2026, 2026-H1, 2026-Q2, 2026-03, or a range such as 2026-Q1/2026-Q3."""

import re
from datetime import date, timedelta

_MONTHS = {"H": 6, "Q": 3}  # letter -> months in one
_ONE = r"\d{4}(-H[12]|-Q[1-4]|-(0[1-9]|1[0-2]))?"
PERIOD = rf"^{_ONE}(/{_ONE})?$"
"""The regular expression of a period's name."""


def days_of_period(period: str) -> tuple[date, date]:
    """Return the first day of a period, and the day after its last day.

    Raises:
        ValueError: a range that ends before it begins.
    """
    begins, _, ends = period.partition("/")
    (first, after), end = _days(begins), _days(ends or begins)[1]
    if end < after or (ends and _days(ends)[0] < first):
        raise ValueError(f"period is {period}, expected a range that ends after it begins")
    return first, end


def end_of_period(period: str) -> date:
    """Return the day after the last day of an indicator's period, which may also be one day.

    Raises:
        ValueError: there is no such month or day.
    """
    try:
        if len(period) == len("2019-03-05"):
            return date.fromisoformat(period) + timedelta(1)
        return days_of_period(period)[1]
    except (ValueError, OverflowError):
        raise ValueError(f"period is {period}, which is not in the calendar") from None


def days_named(text: str) -> tuple[date, date]:
    """Return the first and the last day of a period, or one day twice.

    Raises:
        ValueError: it is neither.
    """
    try:
        if re.fullmatch(PERIOD, text):
            first, after = days_of_period(text)
            return first, after - timedelta(1)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text), date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(
        f"{text} is no period: write 2026, 2026-Q3, 2026-08, 2026-08-23 or 2026-01/2026-08"
    )


def is_one_year(period: str) -> bool:
    """Is the period one calendar year?"""
    return len(period) == 4


def _days(name: str) -> tuple[date, date]:
    year, _, part = name.partition("-")
    if not part:
        return _month(int(year), 0), _month(int(year), 12)
    length = _MONTHS.get(part[0], 1)
    number = int(part[1:]) if part[0] in _MONTHS else int(part)
    return _month(int(year), (number - 1) * length), _month(int(year), number * length)


def _month(year: int, month: int) -> date:
    """Return the first day of a month of a year; months count from 0 for its January."""
    return date(year + month // 12, month % 12 + 1, 1)
