from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.plan.plan import Plan, Status
from kpis.plan.progress import Progress
from tests.unit.kpis.builders import at, seconds, target

SHANGHAI = ZoneInfo("Asia/Shanghai")
PHASED = Plan.from_target(target().data, SHANGHAI)
LINEAR = Plan.from_target(target(monthly=()).data, SHANGHAI)


@pytest.mark.parametrize(
    ("when", "share"),
    [  # worked from SHARES: January 0.10 over 31 days, February 0.05 over 28
        ("2025-12-31 23:59", 0.0),
        ("2026-01-01 00:00", 0.0),
        ("2026-02-01 00:00", 0.10),
        ("2026-02-15 00:00", 0.10 + 0.05 * 14 / 28),
        ("2026-02-15 12:00", 0.10 + 0.05 * 14.5 / 28),
        ("2026-07-01 00:00", 0.50),
        ("2026-12-31 12:00", 0.90 + 0.10 * 30.5 / 31),
        ("2027-01-01 00:00", 1.0),
        ("2030-01-01 00:00", 1.0),
    ],
)
def test_the_share_follows_months_days_and_hours(when: str, share: float) -> None:
    assert PHASED.share(at(when)) == pytest.approx(share, abs=1e-12)


def test_a_plan_without_shares_runs_evenly_over_the_days() -> None:
    # 1 March is 59 days into the year; noon of 1 July 181.5.
    assert LINEAR.share(at("2026-03-01 00:00")) == pytest.approx(59 / 365)
    assert LINEAR.share(at("2026-07-01 12:00")) == pytest.approx(181.5 / 365)


def test_a_leap_day_has_its_part_of_february() -> None:
    leap = Plan.from_target(target(period="2028").data, SHANGHAI)

    assert leap.share(at("2028-02-29 00:00")) == pytest.approx(0.10 + 0.05 * 28 / 29)


def test_the_share_is_the_zones_whatever_the_offset_of_the_instant() -> None:
    assert PHASED.share(at("2026-01-31 16:00", "+00:00")) == PHASED.share(at("2026-02-01 00:00"))


def test_days_left_count_the_current_day_by_its_rest() -> None:
    leap = Plan.from_target(target(period="2024").data, SHANGHAI)

    assert PHASED.days_left(at("2026-12-30 12:00")) == 1.5
    assert PHASED.days_left(at("2027-01-01 00:00")) == 0
    assert leap.days_left(at("2023-06-01 00:00")) == 366


def test_the_instant_of_a_share_is_worked_back() -> None:
    # 0.54 is half of July's 0.08: 15.5 days after 1 July.
    assert PHASED.instant(0.54) == pytest.approx(seconds("2026-07-16 12:00"), abs=1)
    assert PHASED.instant(1.0) == pytest.approx(seconds("2027-01-01 00:00"), abs=1)
    assert PHASED.instant(0.0) == pytest.approx(seconds("2026-01-01 00:00"), abs=1)


@given(st.floats(0, 364.99))
def test_the_instant_of_the_share_of_an_instant_is_that_instant(days: float) -> None:
    when = at("2026-01-01 00:00") + timedelta(days=days)

    back = PHASED.instant(PHASED.share(when))

    assert back == pytest.approx(when.timestamp(), abs=2)


@given(st.floats(-10, 380), st.floats(0, 5))
def test_the_share_never_falls(days: float, later: float) -> None:
    when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)

    assert PHASED.share(when) <= PHASED.share(when + timedelta(days=later)) + 1e-12


@pytest.mark.parametrize(
    ("reached", "when", "status"),
    [  # 15 February, 00:00: 125,000 planned; 0.97 of it are 121,250, 0.90 are 112,500
        (1_000_000, "2026-02-15 00:00", Status.ATTAINED),
        (130_000, "2026-02-15 00:00", Status.ON_TRACK),
        (121_251, "2026-02-15 00:00", Status.ON_TRACK),
        (121_249, "2026-02-15 00:00", Status.BEHIND),
        (112_501, "2026-02-15 00:00", Status.BEHIND),
        (112_499, "2026-02-15 00:00", Status.CRITICAL),
        (0, "2026-01-01 00:00", Status.ON_TRACK),
        (999_999, "2027-01-01 00:00", Status.MISSED),
        (1_000_000, "2027-01-01 00:00", Status.ATTAINED),
    ],
)
def test_the_status_follows_the_targets_own_thresholds(
    reached: float, when: str, status: Status
) -> None:
    assert Progress(PHASED, reached).status(at(when)) is status


def test_other_thresholds_give_another_status() -> None:
    strict = Plan.from_target(target(warn=0.995, critical=0.97).data, SHANGHAI)

    assert Progress(strict, 121_251).status(at("2026-02-15 00:00")) is Status.BEHIND
    assert Progress(strict, 121_249).status(at("2026-02-15 00:00")) is Status.CRITICAL
