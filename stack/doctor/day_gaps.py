"""Days without moves in a terminal's books, against the rhythm in which the terminal works."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

USUAL_SHARE = 0.9  # of the intervals between two days with moves
LONGER = 1.5  # an interval of a terminal that does not work daily may be so much longer than usual
SHORT_DAYS = 2  # the rhythm of a terminal that works daily, or rests on one day of the week


class DayGap(NamedTuple):
    """The first and the last day of a row of days without moves."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        """Return the days as a person writes them."""
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


def usual_interval(days: Sequence[date]) -> float:
    """Return after how many days the terminal usually has moves again, at the latest.

    It is the interval that nine of ten do not exceed; where that is more than two days, half as
    much again.  1 is daily.
    """
    intervals = sorted((after - before).days for before, after in pairwise(days))
    if not intervals:
        return 1.0
    usual = intervals[int(USUAL_SHARE * (len(intervals) - 1))]
    return float(usual) if usual <= SHORT_DAYS else usual * LONGER


def day_gaps(days: Sequence[date], closed: Collection[date], today: date) -> list[DayGap]:
    """Return the rows of days without moves that are longer than usual, up to yesterday.

    `days` are those with moves, in order; a day on which the quay is closed is no gap.  The last
    row, if it reaches to yesterday, is of a terminal that fell silent.
    """
    if not days:
        return []
    usual = usual_interval(days)
    found: list[DayGap] = []
    for before, after in zip(days, (*days[1:], today), strict=True):
        first, last = before + timedelta(1), after - timedelta(1)
        while first <= last and first in closed:
            first += timedelta(1)
        while first <= last and last in closed:
            last -= timedelta(1)
        open_days = sum(first + timedelta(n) not in closed for n in range((last - first).days + 1))
        if open_days + 1 > usual and open_days > 0:
            found.append(DayGap(first, last))
    return found
