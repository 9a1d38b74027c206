"""Event time as day and minute of the port's zone, for whole batches."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

EPOCH = date(1970, 1, 1)
LAST_DAY = 0xFFFF  # 2149-06-06: the last that two bytes hold
QUARTER = 900  # seconds: no zone of our time changes its offset off a quarter of an hour of UTC
UNKNOWN, MIXED = 1 << 30, 1 << 30 | 1  # in place of a UTC day's offset: not asked yet; it changes

# 0001-01-01 and 9999-12-31T23:59:59: an offset can carry an event out of the calendar
_FIRST, _LAST = -62_135_596_800, 253_402_300_799

Days = npt.NDArray[np.int64]


class ZoneTime:
    """The zone's calendar; asks ZoneInfo once a day of event time, not once an event."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets = np.full(LAST_DAY + 1, UNKNOWN, np.int32)  # UTC day -> seconds east

    def split(self, seconds: npt.NDArray[np.float64]) -> tuple[Days, Days]:
        """Day since 1970 and minute of it of each instant; 1970 and 2149 stand for all beyond."""
        clipped = np.clip(seconds, 0, LAST_DAY * 86_400 - 1).astype(np.int64)
        days = clipped // 86_400
        offsets = self._offsets[days]
        if (offsets == UNKNOWN).any():
            for day in np.unique(days[offsets == UNKNOWN]).tolist():
                first, last = self._offset(day * 86_400), self._offset((day + 1) * 86_400)
                self._offsets[day] = first if first == last else MIXED
            offsets = self._offsets[days]
        mixed = offsets == MIXED
        if mixed.any():
            quarters, which = np.unique(clipped[mixed] // QUARTER, return_inverse=True)
            each = [self._offset(quarter * QUARTER) for quarter in quarters.tolist()]
            offsets[mixed] = np.array(each, np.int32)[which]
        local = np.maximum(clipped + offsets, 0)
        return local // 86_400, local % 86_400 // 60

    def day(self, at: datetime) -> int:
        """Day since 1970 of an instant."""
        return day_number(at.astimezone(self._zone).date())

    def instant(self, day: int, minute: int) -> datetime:
        """The instant of a minute of a day; the first of the two where a clock was set back."""
        wall = datetime.combine(day_of(day), time(minute // 60, minute % 60), self._zone)
        return wall.astimezone(UTC)

    def _offset(self, at: int) -> int:
        offset = datetime.fromtimestamp(at, self._zone).utcoffset() or timedelta()
        return int(offset.total_seconds())


def utc(seconds: float) -> datetime:
    """The instant so many seconds after 1970; the calendar's ends stand for all beyond them."""
    return datetime.fromtimestamp(min(max(seconds, _FIRST), _LAST), UTC)


def day_number(on: date) -> int:
    """Days from 1970 to a day."""
    return (on - EPOCH).days


def day_of(number: int) -> date:
    """The day that is so many days after 1970."""
    return EPOCH + timedelta(days=number)
