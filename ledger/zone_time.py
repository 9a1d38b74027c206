"""Event time as day and minute of the port's zone, for whole batches."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

EPOCH = date(1970, 1, 1)
LAST_DAY = 0xFFFF  # 2149-06-06: the last that two bytes hold
QUARTER = 900  # seconds: no zone of our time changes its offset off a quarter of an hour of UTC
MAX_CACHED = 100_000  # quarters; almost three years of them

Days = npt.NDArray[np.int64]


class ZoneTime:
    """The zone's calendar; asks ZoneInfo once a quarter of an hour, not once an event."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets: dict[int, int] = {}

    def split(self, seconds: npt.NDArray[np.float64]) -> tuple[Days, Days]:
        """Day since 1970 and minute of it of each instant; 1970 and 2149 stand for all beyond."""
        clipped = np.clip(seconds, 0, LAST_DAY * 86_400 - 1).astype(np.int64)
        quarters, which = np.unique(clipped // QUARTER, return_inverse=True)
        offsets = np.array([self._offset(quarter) for quarter in quarters.tolist()], np.int64)
        local = np.maximum(clipped + offsets[which], 0)
        return local // 86_400, local % 86_400 // 60

    def day(self, at: datetime) -> int:
        """Day since 1970 of an instant."""
        return day_number(at.astimezone(self._zone).date())

    def instant(self, day: int, minute: int) -> datetime:
        """The instant of a minute of a day; the first of the two where a clock was set back."""
        wall = datetime.combine(day_of(day), time(minute // 60, minute % 60), self._zone)
        return wall.astimezone(UTC)

    def _offset(self, quarter: int) -> int:
        offset = self._offsets.get(quarter)
        if offset is None:
            if len(self._offsets) >= MAX_CACHED:
                self._offsets.clear()
            utcoffset = datetime.fromtimestamp(quarter * QUARTER, self._zone).utcoffset()
            offset = int((utcoffset or timedelta()).total_seconds())
            self._offsets[quarter] = offset
        return offset


def day_number(on: date) -> int:
    """Days from 1970 to a day."""
    return (on - EPOCH).days


def day_of(number: int) -> date:
    """The day that is so many days after 1970."""
    return EPOCH + timedelta(days=number)
