"""Event times as day and minute in the port's time zone, for whole batches."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

EPOCH = date(1970, 1, 1)
LAST_DAY = 0xFFFF  # 2149-06-06, the last day that two bytes can hold
QUARTER = 900  # seconds: since 1970, zones change their offset at quarters of an hour of UTC
UNKNOWN, MIXED = (
    1 << 30,
    1 << 30 | 1,
)  # instead of the offset of a UTC day: not looked up yet; changes within the day

# 0001-01-01 and 9999-12-31T23:59:59: an offset can move an event beyond the calendar
_FIRST, _LAST = -62_135_596_800, 253_402_300_799

Days = npt.NDArray[np.int64]


class ZoneTime:
    """The calendar of a time zone; it asks ZoneInfo once for each day of event time."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets = np.full(LAST_DAY + 1, UNKNOWN, np.int32)  # UTC day -> seconds east

    def split(self, seconds: npt.NDArray[np.float64]) -> tuple[Days, Days]:
        """Return day since 1970 and minute of the day of each instant, clipped to 1970 to 2149."""
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
        """Return the day since 1970 of an instant."""
        return day_number(at.astimezone(self._zone).date())

    def instant(self, day: int, minute: int) -> datetime:
        """Return the instant of a minute of a day; the first of two when clocks were set back."""
        wall = datetime.combine(day_of(day), time(minute // 60, minute % 60), self._zone)
        return wall.astimezone(UTC)

    def _offset(self, at: int) -> int:
        offset = datetime.fromtimestamp(at, self._zone).utcoffset() or timedelta()
        return int(offset.total_seconds())


def utc(seconds: float) -> datetime:
    """Return the instant so many seconds after 1970, clipped to the years 1 to 9999."""
    return datetime.fromtimestamp(min(max(seconds, _FIRST), _LAST), UTC)


def day_number(on: date) -> int:
    """Return the number of days from 1970-01-01 to a day."""
    return (on - EPOCH).days


def day_of(number: int) -> date:
    """Return the day that is so many days after 1970-01-01."""
    return EPOCH + timedelta(days=number)
