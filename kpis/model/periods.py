"""Months that may begin on any day: back from a day as far as there are books, and on from it."""

from calendar import monthrange
from datetime import date
from itertools import count
from typing import NamedTuple


class MonthPeriod(NamedTuple):
    """Days of about a month; `end` is the day after the last."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.end - self.start).days


def back(end: date, first: date) -> list[MonthPeriod]:
    """The whole months from `first` to `end`, oldest first, each ending on the day `end` has."""
    found: list[MonthPeriod] = []
    for months in count(1):
        start = _months_on(end, -months)
        if start < first:
            return found[::-1]
        found.append(MonthPeriod(start, found[-1].start if found else end))
    raise AssertionError("count has no end")


def ahead(start: date, stop: date) -> list[MonthPeriod]:
    """The months from `start` to `stop`; the last may be cut short."""
    found: list[MonthPeriod] = []
    for months in count(1):
        begin = found[-1].end if found else start
        if begin >= stop:
            return found
        found.append(MonthPeriod(begin, min(stop, _months_on(start, months))))
    raise AssertionError("count has no end")


def _months_on(day: date, months: int) -> date:
    """The same day some months later or earlier; the month's last where it has none."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
