from datetime import date
from zoneinfo import ZoneInfo

import pytest

from kpis.model.calendar import day_and_fraction, day_start, hour_end, month_start, period_end
from tests.unit.kpis.builders import at, seconds

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def test_the_year_turns_in_the_ports_zone() -> None:
    before = at("2026-12-31T15:59:59", "+00:00")
    after = at("2026-12-31T16:00:00", "+00:00")

    assert day_and_fraction(before, SHANGHAI)[0] == date(2026, 12, 31)
    assert day_and_fraction(after, SHANGHAI) == (date(2027, 1, 1), 0.0)


def test_a_day_that_loses_an_hour_is_23_hours_long() -> None:
    # 29 March 2026 in Berlin: 02:00 becomes 03:00, so noon is 11 of 23 hours in.
    on, fraction = day_and_fraction(at("2026-03-29 12:00", "+02:00"), BERLIN)

    assert on == date(2026, 3, 29)
    assert fraction == pytest.approx(11 / 23)
    assert day_start(date(2026, 3, 30), BERLIN) - day_start(on, BERLIN) == 23 * 3600


def test_months_begin_at_midnight_of_the_zone() -> None:
    assert month_start(2026, 1, SHANGHAI) == seconds("2026-01-01 00:00")
    assert month_start(2026, 12, SHANGHAI) == seconds("2026-12-01 00:00")
    assert month_start(2026, 13, SHANGHAI) == seconds("2027-01-01 00:00")
    assert hour_end(date(2026, 12, 31), 23, SHANGHAI) == seconds("2027-01-01 00:00")


@pytest.mark.parametrize(
    ("period", "over"),
    [
        ("2019", "2020-01-01 00:00"),
        ("2019-Q1", "2019-04-01 00:00"),
        ("2019-Q4", "2020-01-01 00:00"),
        ("2019-02", "2019-03-01 00:00"),
        ("2019-12", "2020-01-01 00:00"),
        ("2020-02-29", "2020-03-01 00:00"),
    ],
)
def test_a_period_is_over_when_the_next_begins(period: str, over: str) -> None:
    assert period_end(period, SHANGHAI) == seconds(over)
