"""The days of reports, and rounding so that parts add up."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.period import Period, ReportKind, Span, year_before
from reports.rounding import spread


@pytest.mark.parametrize(
    ("kind", "on", "first", "last", "name"),
    [
        (ReportKind.DAILY, "2026-11-25", "2026-11-25", "2026-11-25", "2026-11-25"),
        (ReportKind.WEEKLY, "2026-11-25", "2026-11-23", "2026-11-29", "2026-W48"),
        (ReportKind.WEEKLY, "2027-01-01", "2026-12-28", "2027-01-03", "2026-W53"),
        (ReportKind.MONTHLY, "2024-02-10", "2024-02-01", "2024-02-29", "2024-02"),
    ],
)
def test_a_period_contains_its_day(
    kind: ReportKind, on: str, first: str, last: str, name: str
) -> None:
    """25 November 2026 is a Wednesday; 2026 has 53 weeks, since it begins on a Thursday."""
    period = Period.of(kind, date.fromisoformat(on))

    assert period.span == Span(date.fromisoformat(first), date.fromisoformat(last))
    assert period.name == name


def test_the_newest_period_is_over() -> None:
    today = date(2026, 11, 30)  # a Monday

    assert Period.newest(ReportKind.DAILY, today).name == "2026-11-29"
    assert Period.newest(ReportKind.WEEKLY, today).name == "2026-W48"
    assert Period.newest(ReportKind.MONTHLY, today).name == "2026-10"


def test_a_year_back_from_29_february_is_28_february() -> None:
    leap = Span(date(2024, 2, 29), date(2024, 2, 29))

    assert year_before(leap) == Span(date(2023, 2, 28), date(2023, 2, 28))


def test_parts_are_rounded_so_that_they_add_up() -> None:
    """0.5 + 0.5 + 0.4 is 1.4, which is 1: the first of those that lost most gets it."""
    assert spread([0.5, 0.5, 0.4]) == [1, 0, 0]
    assert spread([1339.25, 965.5, 570.25]) == [1339, 966, 570]


@given(st.lists(st.integers(0, 10**9), max_size=12))
def test_rounded_parts_add_up_to_the_rounded_sum(hundredths: list[int]) -> None:
    parts = [one / 100 for one in hundredths]

    whole = spread(parts)

    assert sum(whole) == (sum(hundredths) + 50) // 100
    assert all(abs(one - part) < 1 for one, part in zip(whole, parts, strict=True))
