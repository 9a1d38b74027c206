from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from kpis.model.periods import MonthPeriod, ahead, back

days = st.dates(date(2020, 1, 1), date(2025, 12, 31))


def test_months_go_back_from_a_day_to_the_same_day_of_earlier_months() -> None:
    found = back(date(2026, 3, 16), date(2026, 1, 10))

    # the stretch from 10 to 16 January is no whole month
    assert found == [
        MonthPeriod(date(2026, 1, 16), date(2026, 2, 16)),
        MonthPeriod(date(2026, 2, 16), date(2026, 3, 16)),
    ]
    assert [month.days for month in found] == [31, 28]


def test_from_the_first_of_a_month_they_are_calendar_months() -> None:
    assert back(date(2026, 3, 1), date(2026, 1, 1)) == [
        MonthPeriod(date(2026, 1, 1), date(2026, 2, 1)),
        MonthPeriod(date(2026, 2, 1), date(2026, 3, 1)),
    ]


def test_a_day_that_a_month_lacks_is_its_last() -> None:
    found = back(date(2026, 3, 31), date(2025, 12, 31))

    assert [month.start for month in found] == [
        date(2025, 12, 31),
        date(2026, 1, 31),
        date(2026, 2, 28),
    ]


def test_months_ahead_end_with_the_period() -> None:
    assert ahead(date(2026, 11, 16), date(2027, 1, 1)) == [
        MonthPeriod(date(2026, 11, 16), date(2026, 12, 16)),
        MonthPeriod(date(2026, 12, 16), date(2027, 1, 1)),
    ]


@settings(max_examples=40)
@given(days, days)
def test_months_follow_each_other_without_a_gap(one: date, other: date) -> None:
    first, last = sorted((one, other))

    past, coming = back(last, first), ahead(first, last)

    for months in (past, coming):
        assert all(month.start < month.end for month in months)
        assert [month.end for month in months[:-1]] == [month.start for month in months[1:]]
    assert (past[-1].end if past else last) == last
    assert (coming[0].start, coming[-1].end) == (first, last) if coming else first == last
