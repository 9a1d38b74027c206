"""Growth in history: a past day has the growth that was known at its end."""

from datetime import date, timedelta
from typing import Any

import pytest

from contract.snapshots import TerminalDay
from kpis.model.kpi import Kpi, Labels
from kpis.past.all_owners import PastOfOwners
from kpis.past.history import InstantSpan
from kpis.port import growth
from kpis.port.comparison import Comparability
from kpis.port.throughput import LATEST, THROUGHPUT
from tests.unit.kpis.builders import BOOK, box, day, seconds

OF_2026, AREA = ("tonghai", "2026"), ("tonghai",)


def daily(first: str, last: str, teu: float) -> list[TerminalDay]:
    """TEU of each day, moved in its last hour."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = (start + timedelta(n) for n in range((end - start).days + 1))
    return [day(str(on), box(1, teu), hour=23) for on in days]


def history(kpi: Kpi[Any], labels: Labels, *days: TerminalDay) -> dict[float, float]:
    """Instant -> value from 2026-01-30 to 2026-03-20; it stands until the next instant."""
    past = PastOfOwners(BOOK)
    for one in days:
        past.take(one)
    span = InstantSpan(seconds("2026-01-30 00:00"), seconds("2026-03-20 00:00"))
    return {
        point.at: reading.value
        for point in past.points(span)
        for reading in point.readings
        if reading.kpi.series == kpi.series and reading.labels == labels
    }


WHOLE = (
    *daily("2025-01-01", "2025-12-31", 10),
    *daily("2026-01-01", "2026-01-31", 12),
    *daily("2026-02-01", "2026-03-19", 24),
)
"""Each day of 2025 has 10 TEU; in 2026 those of January have 12, and all later ones 24."""


@pytest.mark.parametrize(
    ("midnight", "known"),
    [
        # 31 days of 12 against 31 of 10: February's 24 are not known yet
        ("2026-02-01 00:00", 12 / 10 - 1),
        # (31 x 12 + 14 x 24) / 45 = 708 / 45 a day against 10
        ("2026-02-15 00:00", 708 / 45 / 10 - 1),
    ],
)
def test_year_on_year_of_a_past_day_ends_with_that_day(midnight: str, known: float) -> None:
    found = history(THROUGHPUT[growth.ytd_on_year], OF_2026, *WHOLE)

    assert found[seconds(midnight)] == pytest.approx(known)


@pytest.mark.parametrize(
    ("midnight", "known"),
    [
        ("2026-02-01 00:00", 12 / 10 - 1),  # January is over, and it is still its figure
        ("2026-02-02 00:00", 24 / 10 - 1),
    ],
)
def test_a_past_month_on_year_is_that_of_the_last_whole_day(midnight: str, known: float) -> None:
    found = history(LATEST[growth.month_on_year], AREA, *WHOLE)

    assert found[seconds(midnight)] == pytest.approx(known)


@pytest.mark.parametrize(
    ("midnight", "known"),
    [
        ("2026-02-01 00:00", 12 / 10 - 1),  # January against December
        ("2026-02-02 00:00", 24 / 12 - 1),  # the first day of February against all of January
        ("2026-03-02 00:00", 24 / 24 - 1),
    ],
)
def test_a_past_month_on_month_is_against_the_whole_month_before(
    midnight: str, known: float
) -> None:
    found = history(LATEST[growth.month_on_month], AREA, *WHOLE)

    assert found[seconds(midnight)] == pytest.approx(known)


def test_a_past_month_to_date_grows_within_the_day_and_starts_again() -> None:
    found = history(LATEST[growth.month_to_date], (*AREA, "THE"), *WHOLE)

    assert found[seconds("2026-01-31 23:00")] == 30 * 12
    assert found[seconds("2026-02-01 00:00")] == 0
    assert found[seconds("2026-02-03 00:00")] == 2 * 24


def test_a_past_day_says_why_it_had_no_growth() -> None:
    """The books lack 1 to 10 March of 2025, which a comparison needs from 7 March 2026 on."""
    holed = (
        *daily("2025-01-01", "2025-02-28", 10),
        *daily("2025-03-11", "2025-12-31", 10),
        *daily("2026-01-01", "2026-03-19", 12),
    )
    ratios = history(THROUGHPUT[growth.ytd_on_year], OF_2026, *holed)
    codes = history(THROUGHPUT[growth.ytd_on_year_code], OF_2026, *holed)

    assert ratios[seconds("2026-03-01 00:00")] == pytest.approx(0.2)
    assert codes[seconds("2026-03-01 00:00")] == Comparability.COMPARED
    assert seconds("2026-03-11 00:00") not in ratios
    assert codes[seconds("2026-03-11 00:00")] == Comparability.DAYS_MISSING
