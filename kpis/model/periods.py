"""Months that may begin on any day of the month, before and after a given day."""

from calendar import monthrange
from datetime import date
from itertools import count
from typing import NamedTuple


class MonthPeriod(NamedTuple):
    """The days of about one month; `end` is the day after the last."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.end - self.start).days


def back(end: date, first: date) -> list[MonthPeriod]:
    """Return the whole months from `first` to `end`, oldest first, all ending on one day."""
    found: list[MonthPeriod] = []
    for months in count(1):
        start = _months_on(end, -months)
        if start < first:
            return found[::-1]
        found.append(MonthPeriod(start, found[-1].start if found else end))
    raise AssertionError("count has no end")


def ahead(start: date, stop: date) -> list[MonthPeriod]:
    """Return the months from `start` to `stop`; the last may be cut short."""
    found: list[MonthPeriod] = []
    for months in count(1):
        begin = found[-1].end if found else start
        if begin >= stop:
            return found
        found.append(MonthPeriod(begin, min(stop, _months_on(start, months))))
    raise AssertionError("count has no end")


def _months_on(day: date, months: int) -> date:
    """Return the same day some months later or earlier, or the last day of a shorter month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
