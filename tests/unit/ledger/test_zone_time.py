"""Days and minutes of the port's zone agree with ZoneInfo, also over a change of the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ledger.zone_time import EPOCH, ZoneTime, day_number, day_of

ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Dublin",
    "Australia/Lord_Howe",  # changes by half an hour
    "Asia/Kolkata",
    "Pacific/Apia",  # left out 30 December 2011
)


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("around", [date(2026, 3, 8), date(2026, 10, 4), date(2011, 12, 30)])
def test_a_week_of_quarter_hours_is_split_as_zoneinfo_says(name: str, around: date) -> None:
    zone = ZoneInfo(name)
    start = datetime(around.year, around.month, around.day, tzinfo=UTC) - timedelta(days=3)
    instants = [start + timedelta(minutes=15 * n + 7) for n in range(7 * 96)]

    days, minutes = ZoneTime(zone).split(np.array([at.timestamp() for at in instants]))

    local = [at.astimezone(zone) for at in instants]
    assert [day_of(day) for day in days.tolist()] == [at.date() for at in local]
    assert minutes.tolist() == [at.hour * 60 + at.minute for at in local]


def test_a_minute_of_a_day_is_an_instant_again() -> None:
    zone_time = ZoneTime(ZoneInfo("Asia/Shanghai"))

    # noon in Shanghai is 04:00 UTC
    assert zone_time.instant(day_number(date(2024, 2, 29)), 720) == datetime(
        2024, 2, 29, 4, tzinfo=UTC
    )


def test_days_beyond_two_bytes_are_clipped() -> None:
    ends = np.array([-1e11, 2e11])
    days, _ = ZoneTime(ZoneInfo("America/New_York")).split(ends)

    assert days.tolist() == [0, 0xFFFF - 1]
    assert day_of(0) == EPOCH
