"""Comparisons with last year and the month before, worked by hand from a few TEU a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contract.book import Book
from kpis.model.kpi import measure
from kpis.port import growth
from kpis.port.books import PortBooks
from kpis.port.comparison import Comparability, Comparison, last_whole_day
from kpis.port.comparison import completeness as whole
from kpis.port.comparison import month_on_month as on_month
from kpis.port.comparison import month_on_year as month_on_year_before
from kpis.port.comparison import year_on_year as on_year
from kpis.port.throughput import LATEST, THROUGHPUT
from tests.unit.kpis.builders import BOOK, at, box, day

DAY = timedelta(1)
SPRING = replace(BOOK, port=replace(BOOK.port, festival="spring"))


@dataclass(frozen=True)
class Daily:
    """TEU a day from the first to the last day, moved at half past ten in the evening."""

    first: str
    last: str
    teu: float

    def days(self) -> Iterable[date]:
        first, last = date.fromisoformat(self.first), date.fromisoformat(self.last)
        return (first + n * DAY for n in range((last - first).days + 1))


def books(*runs: Daily, book: Book = BOOK) -> PortBooks:
    """Quiet hours are two: at 22:30 a day's last move, and the day is whole by midnight."""
    made = PortBooks(book, "tonghai")
    for run in runs:
        for on in run.days():
            made.post(day(str(on), box(1, run.teu), hour=22))
    return made


def year(runs: PortBooks, moment: datetime, number: int = 2026) -> Comparison:
    return on_year(runs.year(number), moment)


def test_the_year_to_date_is_compared_with_the_same_days_of_last_year() -> None:
    # 1 January to 9 March: 68 days of 12 TEU against 68 of 10; the 10th is not over.
    both = books(Daily("2025-01-01", "2025-12-31", 10), Daily("2026-01-01", "2026-03-10", 12))

    found = year(both, at("2026-03-10 23:00"))

    assert found.code == Comparability.COMPARED
    assert found.growth == pytest.approx(0.2)


def test_last_years_later_days_do_not_count() -> None:
    # Had 2025 been compared whole, its 1,000 a day from April on would show.
    both = books(
        Daily("2025-01-01", "2025-03-31", 10),
        Daily("2025-04-01", "2025-12-31", 1_000),
        Daily("2026-01-01", "2026-03-10", 12),
    )

    assert year(both, at("2026-03-10 23:00")).growth == pytest.approx(0.2)


def test_a_leap_day_is_no_growth() -> None:
    # 60 days of 10 TEU against 59 of 10: the sums differ by a day's, the mean days do not.
    both = books(Daily("2023-01-01", "2023-12-31", 10), Daily("2024-01-01", "2024-02-29", 10))

    assert year(both, at("2024-03-01 00:00"), 2024).growth == pytest.approx(0)


def test_after_a_leap_year_28_february_stands_against_28_february() -> None:
    # 29 February 2024 had 6,000 TEU, and is not among the 59 days that are compared.
    both = books(
        Daily("2024-01-01", "2024-02-28", 10),
        Daily("2024-02-29", "2024-02-29", 6_000),
        Daily("2024-03-01", "2024-12-31", 10),
        Daily("2025-01-01", "2025-02-28", 11),
    )

    assert year(both, at("2025-03-01 00:00"), 2025).growth == pytest.approx(0.1)


def test_the_first_start_has_no_last_year_to_compare_with() -> None:
    """`make up` loads this year, and a few moves of last year's last night."""
    loaded = books(Daily("2025-12-31", "2025-12-31", 3), Daily("2026-01-01", "2026-11-28", 3_000))
    now = at("2026-11-29 00:00")

    assert year(loaded, now) == Comparison(Comparability.BOOKS_BEGIN_LATER)
    assert month_on_year_before(loaded, now) == Comparison(Comparability.BOOKS_BEGIN_LATER)
    assert on_month(loaded, now).growth == pytest.approx(0)
    assert whole(loaded.year(2025), now) == Comparability.BOOKS_BEGIN_LATER
    assert whole(loaded.year(2026), now) == Comparability.COMPARED


def test_a_month_is_compared_with_the_same_days_of_the_month_last_year() -> None:
    # 1 to 9 May: 15 TEU a day against 10; the rest of May 2025 does not count.
    both = books(
        Daily("2025-01-01", "2025-05-09", 10),
        Daily("2025-05-10", "2025-12-31", 99),
        Daily("2026-01-01", "2026-04-30", 1),
        Daily("2026-05-01", "2026-05-10", 15),
    )

    assert month_on_year_before(both, at("2026-05-10 12:00")).growth == pytest.approx(0.5)


def test_a_running_month_is_set_against_the_month_before_by_the_mean_day() -> None:
    # 4 days of April at 12 TEU against 31 days of March at 10: 12 / 10 − 1, not 48 / 310 − 1.
    both = books(Daily("2026-01-01", "2026-03-31", 10), Daily("2026-04-01", "2026-04-05", 12))

    assert on_month(both, at("2026-04-05 12:00")).growth == pytest.approx(0.2)


def test_the_month_before_counts_with_each_of_its_days() -> None:
    # March: 10 days of 10 TEU and 21 of 41 make 961 in 31 days, 31 a day; April has 62 a day.
    both = books(
        Daily("2026-03-01", "2026-03-10", 10),
        Daily("2026-03-11", "2026-03-31", 41),
        Daily("2026-04-01", "2026-04-05", 62),
    )

    assert on_month(both, at("2026-04-05 12:00")).growth == pytest.approx(62 / 31 - 1)


def test_on_the_first_of_a_month_the_month_that_is_over_is_compared_whole() -> None:
    # May at 15 against April at 10, to be read on 1 June, when the monthly form is due.
    both = books(Daily("2026-01-01", "2026-04-30", 10), Daily("2026-05-01", "2026-05-31", 15))

    assert on_month(both, at("2026-06-01 00:00")).growth == pytest.approx(0.5)


def test_on_new_years_day_the_year_that_is_over_is_compared_whole() -> None:
    both = books(Daily("2024-01-01", "2024-12-31", 10), Daily("2025-01-01", "2025-12-31", 11))
    now = at("2026-01-01 00:00")

    assert year(both, now, 2025).growth == pytest.approx(0.1)
    assert year(both, now, 2026) == Comparison(Comparability.NO_WHOLE_DAY)
    assert on_month(both, now).growth == pytest.approx(0)


def test_a_week_without_teu_is_a_hole_and_six_days_are_not() -> None:
    def held(last_before: str) -> Comparison:
        return year(
            books(
                Daily("2025-01-01", last_before, 10),
                Daily("2025-02-20", "2025-12-31", 10),
                Daily("2026-01-01", "2026-03-10", 10),
            ),
            at("2026-03-10 12:00"),
        )

    # 14 to 19 February are six days, 13 to 19 February seven.
    assert held("2025-02-13").code == Comparability.COMPARED
    assert held("2025-02-12") == Comparison(Comparability.DAYS_MISSING)


def test_days_on_which_the_quay_is_closed_are_no_hole() -> None:
    closed = tuple(date(2025, 2, 13) + n * DAY for n in range(7))
    book = replace(BOOK, port=replace(BOOK.port, closed=closed))
    rested = books(
        Daily("2025-01-01", "2025-02-12", 10),
        Daily("2025-02-20", "2025-12-31", 10),
        Daily("2026-01-01", "2026-03-10", 10),
        book=book,
    )

    assert year(rested, at("2026-03-10 12:00")).code == Comparability.COMPARED


def test_a_year_between_that_the_books_lack_is_a_hole() -> None:
    sparse = books(Daily("2024-01-01", "2024-12-31", 10), Daily("2026-01-01", "2026-03-10", 10))

    assert year(sparse, at("2026-03-10 12:00")) == Comparison(Comparability.DAYS_MISSING)


def test_growth_on_nothing_is_no_number() -> None:
    # 31 December is whole but has no TEU of its own; so has 1 January of the year before.
    made = books(
        Daily("2024-12-31", "2024-12-31", 10),
        Daily("2025-01-01", "2025-01-02", 0),
        Daily("2025-01-03", "2025-12-31", 10),
        Daily("2026-01-01", "2026-01-02", 10),
    )

    assert year(made, at("2026-01-02 12:00")) == Comparison(Comparability.WAS_ZERO)


def test_without_moves_there_is_no_whole_day() -> None:
    empty = PortBooks(BOOK, "tonghai")

    assert year(empty, at("2026-03-10 12:00")) == Comparison(Comparability.NO_WHOLE_DAY)
    assert on_month(empty, at("2026-03-10 12:00")) == Comparison(Comparability.NO_WHOLE_DAY)
    assert whole(empty.year(2026), at("2026-03-10 12:00")) == Comparability.NO_WHOLE_DAY


def test_a_day_is_whole_once_it_is_over_and_its_last_move_is_in_the_books() -> None:
    running = books(Daily("2026-03-01", "2026-03-09", 10))
    port = running.year(2026)

    # The newest move is of 22:30, and two quiet hours later it is midnight.
    assert last_whole_day(port, at("2026-03-09 23:59")) == date(2026, 3, 8)
    assert last_whole_day(port, at("2026-03-10 00:00")) == date(2026, 3, 9)
    assert last_whole_day(port, at("2026-03-20 00:00")) == date(2026, 3, 9)


def test_a_day_whose_moves_stop_at_noon_waits_for_the_next() -> None:
    running = books(Daily("2026-03-01", "2026-03-08", 10))
    running.post(day("2026-03-09", box(1, 10), hour=12))
    port = running.year(2026)
    assert last_whole_day(port, at("2026-03-10 08:00")) == date(2026, 3, 8)

    running.post(day("2026-03-10", box(1, 10), hour=9))

    assert last_whole_day(port, at("2026-03-10 10:00")) == date(2026, 3, 9)


def test_while_the_books_are_being_loaded_only_loaded_days_are_compared() -> None:
    # 2026 has come to 10 February of a year that is loaded in November.
    loading = books(Daily("2025-01-01", "2025-12-31", 10), Daily("2026-01-01", "2026-02-10", 12))

    assert year(loading, at("2026-11-29 12:00")).growth == pytest.approx(0.2)


def test_january_and_february_are_compared_together_where_spring_festival_is_kept() -> None:
    # 2025: 10 a day in January, 20 in February: 310 + 560 = 870 TEU in 59 days.
    # 2026: 20 a day in January, 10 in February: 620 + 280 = 900; 900 / 870 − 1 = 3.448 %.
    both = books(
        Daily("2024-12-01", "2024-12-31", 30),
        Daily("2025-01-01", "2025-01-31", 10),
        Daily("2025-02-01", "2025-02-28", 20),
        Daily("2025-03-01", "2025-11-30", 10),
        Daily("2025-12-01", "2025-12-31", 30),
        Daily("2026-01-01", "2026-01-31", 20),
        Daily("2026-02-01", "2026-02-28", 10),
        Daily("2026-03-01", "2026-03-05", 30),
        book=SPRING,
    )
    for early in (at("2026-01-20 12:00"), at("2026-02-01 00:00"), at("2026-02-28 12:00")):
        assert year(both, early) == Comparison(Comparability.SPRING_FESTIVAL)
        assert month_on_year_before(both, early) == Comparison(Comparability.SPRING_FESTIVAL)
        assert on_month(both, early) == Comparison(Comparability.SPRING_FESTIVAL)

    march = at("2026-03-01 00:00")
    assert year(both, march).growth == pytest.approx(900 / 870 - 1)
    assert month_on_year_before(both, march).growth == pytest.approx(900 / 870 - 1)
    # against December, by the mean day: (900 / 59) / 30 − 1
    assert on_month(both, march).growth == pytest.approx(900 / 59 / 30 - 1)
    # four whole days of March at 30 against January and February together
    assert on_month(both, at("2026-03-05 12:00")).growth == pytest.approx(30 / (900 / 59) - 1)


def test_elsewhere_january_and_february_stand_alone() -> None:
    both = books(Daily("2025-12-01", "2025-12-31", 10), Daily("2026-01-01", "2026-01-20", 12))

    assert on_month(both, at("2026-01-20 12:00")).growth == pytest.approx(0.2)


def test_a_year_that_broke_off_is_not_whole() -> None:
    broke_off = books(Daily("2025-01-01", "2025-12-28", 10))

    assert whole(broke_off.year(2025), at("2025-12-29 12:00")) == Comparability.COMPARED
    assert whole(broke_off.year(2025), at("2026-01-10 12:00")) == Comparability.DAYS_MISSING


def test_a_quiet_last_evening_does_not_break_a_year_off() -> None:
    """The last move of 31 December is of noon; on 2 January nothing newer has come."""
    quiet = books(Daily("2025-01-01", "2025-12-30", 10))
    quiet.post(day("2025-12-31", box(1, 10), hour=12))

    assert whole(quiet.year(2025), at("2026-01-01 00:00")) == Comparability.COMPARED
    assert whole(quiet.year(2025), at("2026-01-02 00:00")) == Comparability.DAYS_MISSING

    broke_off = books(Daily("2025-01-01", "2025-12-28", 10))
    assert whole(broke_off.year(2025), at("2026-01-01 00:00")) == Comparability.DAYS_MISSING


def test_the_month_to_date_is_that_of_each_terminal_and_starts_again() -> None:
    both = books(Daily("2026-03-30", "2026-04-02", 10))
    both.post(day("2026-04-01", box(1, 5), terminal="THW", hour=3))

    assert growth.month_to_date(both, at("2026-04-02 23:00")) == {("THE",): 20.0, ("THW",): 5.0}
    assert growth.month_to_date(both, at("2026-05-01 00:10")) == {("THE",): 0.0, ("THW",): 0.0}


spans = st.builds(
    lambda first, length, teu: Daily(
        str(date(2024, 12, 20) + first * DAY),
        str(date(2024, 12, 20) + (first + length) * DAY),
        teu,
    ),
    st.integers(0, 430),
    st.integers(0, 400),
    st.sampled_from((0, 1, 10)),
)


@settings(max_examples=60)
@given(
    st.lists(spans, max_size=3),
    st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    st.sampled_from((BOOK, SPRING)),
)
def test_a_comparison_is_a_number_or_a_reason(runs: list[Daily], on: date, book: Book) -> None:
    made, now = books(*runs, book=book), at(f"{on} 12:00")
    found: dict[tuple[str, ...], float] = {}
    for one in (*measure(THROUGHPUT, made, now), *measure(LATEST, made, now)):
        found[str(one.kpi.series), *one.labels] = one.value

    codes = {key: value for key, value in found.items() if "_on_" in key[0] and "_code" in key[0]}
    assert codes
    for (series, *labels), code in codes.items():
        ratio = series.replace("_code", "_ratio")
        assert ((ratio, *labels) in found) == (code == Comparability.COMPARED)
