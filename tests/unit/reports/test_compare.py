"""A comparison is a number or a reason, and agrees with the KPI of the same name."""

from datetime import date

import pytest

from kpis.port import growth
from kpis.port.throughput import LATEST, THROUGHPUT
from reports import compare
from reports.period import DAY, Span, month_to, year_to
from reports.reason import AbsenceReason, Why
from tests.unit.reports.port_of_years import days, measured, two_years


def span(first: str, last: str) -> Span:
    return Span(date.fromisoformat(first), date.fromisoformat(last))


def test_the_month_stands_against_the_same_days_of_last_year() -> None:
    """495 a day against 450: +10 %."""
    port = measured(*two_years()).port
    assert port is not None

    assert compare.on_year(port, span("2026-11-01", "2026-11-25")) == pytest.approx(0.10)


def test_a_month_of_31_days_is_no_growth_on_one_of_30() -> None:
    """The same 495 a day in October (31 days) and September (30)."""
    port = measured(*two_years()).port
    assert port is not None

    assert compare.on_period_before(port, span("2026-10-01", "2026-10-31")) == pytest.approx(0)


def test_29_february_stands_against_28_february() -> None:
    """2024 handles 495 a day and 2023 450: +10 % by the mean of a day."""
    leap = [*days("2023-01-01", "2023-12-31", 300.0), *days("2024-01-01", "2024-02-29")]
    port = measured(*leap, on="2024-02-29").port
    assert port is not None

    assert compare.on_year(port, span("2024-02-29", "2024-02-29")) == pytest.approx(0.10)
    assert compare.on_year(port, span("2024-01-01", "2024-02-29")) == pytest.approx(0.10)


def test_books_that_begin_within_last_year_give_their_first_day_as_the_reason() -> None:
    port = measured(*days("2025-03-04", "2026-11-25")).port
    assert port is not None

    found = compare.on_year(port, span("2026-01-01", "2026-11-25"))

    assert found == AbsenceReason(Why.BOOKS_BEGIN, "2025-03-04")
    assert str(found) == "books-begin 2025-03-04"


def test_a_hole_of_a_week_gives_a_reason_and_one_of_six_days_does_not() -> None:
    """The hole ends on 16 November after seven days, or on 15 November after six."""
    for last, reason in (("2026-11-16", True), ("2026-11-15", False)):
        after = date.fromisoformat(last) + DAY
        held = [*days("2025-01-01", "2026-11-09"), *days(after.isoformat(), "2026-11-25")]
        port = measured(*held).port
        assert port is not None
        found = compare.on_year(port, span("2026-11-01", "2026-11-25"))
        assert (found == AbsenceReason(Why.DAYS_MISSING, "2026-11-16")) is reason


def test_a_closed_week_is_no_hole() -> None:
    closed = frozenset(date(2026, 11, day) for day in range(10, 17))
    held = [*days("2025-01-01", "2026-11-09"), *days("2026-11-17", "2026-11-25")]
    port = measured(*held, port={"closed": closed}).port
    assert port is not None

    found = compare.on_year(port, span("2026-11-01", "2026-11-25"))

    assert isinstance(found, float)


def test_a_terminal_that_rested_last_year_has_nothing_to_compare_with() -> None:
    only_one = [one for one in days("2025-01-01", "2025-12-31") if one.terminal == "THE"]
    port = measured(*only_one, *days("2026-01-01", "2026-11-25")).port
    assert port is not None

    found = compare.on_year(port, span("2026-11-01", "2026-11-25"), "THW")

    assert found == AbsenceReason(Why.WAS_ZERO)


def test_with_the_festival_no_part_of_january_and_february_is_compared() -> None:
    """Both together are: 495 a day against 450.  March is compared with both."""
    port = measured(*two_years(), port={"festival": True}).port
    assert port is not None

    for first, last in (("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28")):
        assert compare.on_year(port, span(first, last)) == AbsenceReason(Why.FESTIVAL)
        assert compare.on_period_before(port, span(first, last)) == AbsenceReason(Why.FESTIVAL)
    assert compare.on_year(port, span("2026-01-01", "2026-02-28")) == pytest.approx(0.10)
    before = compare.month_before(port, date(2026, 3, 1))
    assert before == span("2026-01-01", "2026-02-28")


def test_a_day_stands_against_the_mean_of_28_days_with_itself() -> None:
    """27 days of 495 and one of 990: the mean is 512.68, 990 is 93.1 % above it."""
    held = [*days("2026-01-01", "2026-11-24"), *days("2026-11-25", "2026-11-25", 660.0)]
    port = measured(*held).port
    assert port is not None

    found = compare.on_mean(port, span("2026-10-29", "2026-11-25"))

    assert found == pytest.approx(990 / ((27 * 495 + 990) / 28) - 1)


@pytest.mark.parametrize("on", ["2026-03-01", "2026-07-31", "2026-11-25", "2026-12-31"])
def test_the_areas_comparisons_are_those_of_the_kpis(on: str) -> None:
    """What is compared for terminals too is for the area the reading of the KPI."""
    port = measured(*two_years("2026-12-31"), on=on).port
    assert port is not None
    last = date.fromisoformat(on)
    read = port.readings[last + DAY]
    if last != date(2026, 12, 31):  # on 1 January the KPI of the year is of the new year, too
        year = read.sum(THROUGHPUT[growth.ytd_on_year])
        assert compare.on_year(port, year_to(last)) == pytest.approx(year)
    month = LATEST[growth.month_on_year], LATEST[growth.month_on_month]
    assert compare.on_year(port, month_to(last)) == pytest.approx(read.sum(month[0]))
    assert compare.on_period_before(port, month_to(last)) == pytest.approx(read.sum(month[1]))
