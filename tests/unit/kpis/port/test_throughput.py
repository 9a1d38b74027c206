"""The port's figures; every expected number is worked by hand from DOMAIN's formulas."""

import pytest

from contract.events import Fill
from kpis.model.kpi import measure
from kpis.plan.progress import Outlook
from kpis.port import handled, pacing
from kpis.port.books import YTD_TEU, PortBooks
from kpis.port.throughput import LATEST, THROUGHPUT
from kpis.port.year import PortYear
from tests.unit.kpis.builders import BOOK, at, box, day, seconds, target

NOON = at("2026-02-15 12:00")
MIDNIGHT = at("2026-02-15 00:00")


def year(books: PortBooks, number: int = 2026) -> PortYear:
    return books.year(number)


def with_teu(teu: float) -> PortBooks:
    books = PortBooks(BOOK, "tonghai")
    books.set_target(target())
    books.post(day("2026-01-10", box(int(teu), teu)))
    return books


def test_teu_and_moves_are_told_apart_by_terminal() -> None:
    books = PortBooks(BOOK, "tonghai")
    books.post(
        day(
            "2026-01-10",
            box(3, 6, size="40"),
            box(2, 4.5, move="DISC", size="45", fill=Fill.EMPTY),
            box(4, 0, kind="restow", size="40"),
            box(5, 0, size="unknown"),
            box(7, 0, move="GTIN"),
            box(8, 0, move="GTOT"),
        )
    )
    port = year(books)

    assert handled.ytd(port, NOON) == {("THE",): 10.5, ("THW",): 0.0}
    assert handled.ytd_moves(port, NOON) == {("THE",): 14.0, ("THW",): 0.0}  # 3 + 2 + 4 + 5
    assert handled.unsized(port, NOON) == {("THE",): 5.0, ("THW",): 0.0}
    assert handled.gate(port, NOON) == {
        ("THE", "in"): 7.0,
        ("THE", "out"): 8.0,
        ("THW", "in"): 0.0,
        ("THW", "out"): 0.0,
    }


def test_the_mix_names_move_fill_size_and_kind_in_plain_words() -> None:
    books = PortBooks(BOOK, "tonghai")
    books.post(
        day(
            "2026-01-10",
            box(3, 6, size="40", kind="transhipment"),
            box(2, 4.5, move="DISC", size="45", fill=Fill.EMPTY),
            box(1, 1, fill=None),
            box(4, 0, kind="restow"),
            box(5, 0, size="unknown"),
        )
    )

    assert handled.ytd_class(year(books), NOON) == {
        ("THE", "load", "laden", "40", "transhipment"): 6.0,
        ("THE", "discharge", "empty", "45", "normal"): 4.5,
        ("THE", "load", "unknown", "20", "normal"): 1.0,
    }


def test_a_day_lies_in_parts_on_several_partitions() -> None:
    books = PortBooks(BOOK, "tonghai")
    books.post(day("2026-01-10", box(1, 1), partition=0))
    books.post(day("2026-01-10", box(2, 2), partition=3))

    assert handled.ytd(year(books), NOON)["THE",] == 3.0


def test_a_newer_snapshot_replaces_the_older_whichever_comes_last() -> None:
    books = PortBooks(BOOK, "tonghai")

    assert books.post(day("2026-01-10", box(2, 2), box(9, 0, move="GTIN"), offset=7))
    assert not books.post(day("2026-01-10", box(5, 5), offset=6))
    assert not books.post(day("2026-01-10", box(2, 2), box(9, 0, move="GTIN"), offset=7))
    assert books.post(day("2026-01-10", box(1, 1, size="40"), offset=8))

    assert handled.ytd(year(books), NOON)["THE",] == 1.0
    assert handled.ytd_moves(year(books), NOON)["THE",] == 1.0
    assert handled.gate(year(books), NOON)["THE", "in"] == 0.0


def test_plan_pace_and_gap_at_an_instant() -> None:
    port = year(with_teu(100_000))

    # s = 0.10 + 0.05 · 14/28 = 0.125
    assert pacing.target(port, MIDNIGHT) == 1_000_000
    assert pacing.planned_to_date(port, MIDNIGHT) == pytest.approx(125_000)
    assert pacing.pace(port, MIDNIGHT) == pytest.approx(0.8)
    assert pacing.gap(port, MIDNIGHT) == pytest.approx(25_000)
    assert pacing.status(port, MIDNIGHT) == 3


def test_the_gap_is_negative_when_ahead() -> None:
    assert pacing.gap(year(with_teu(130_000)), MIDNIGHT) == pytest.approx(-5_000)


def test_the_run_rate_forecast_and_what_is_missing() -> None:
    port = year(with_teu(100_000))

    # F = 100,000 / 0.125; 31 + 14 days are over, 320 are left: 900,000 / 320
    assert pacing.forecast(port, MIDNIGHT) == pytest.approx(800_000)
    assert pacing.shortfall(port, MIDNIGHT) == pytest.approx(200_000)
    assert pacing.required_per_day(port, MIDNIGHT) == pytest.approx(2_812.5)
    assert pacing.forecast_bound(port, MIDNIGHT) == {}


def test_there_is_no_shortfall_ahead_of_plan() -> None:
    assert pacing.shortfall(year(with_teu(150_000)), MIDNIGHT) == 0


def test_the_run_rate_is_not_published_before_a_tenth_of_the_plan() -> None:
    port = year(with_teu(50_000))

    # 31 January, noon: s = 0.10 · 30.5/31 = 0.098; 1 February: 0.10
    assert pacing.forecast(port, at("2026-01-31 12:00")) is None
    assert pacing.shortfall(port, at("2026-01-31 12:00")) is None
    assert pacing.forecast(port, at("2026-02-01 00:00")) == pytest.approx(500_000)


def test_a_forecast_from_history_replaces_the_run_rate() -> None:
    books = with_teu(100_000)
    bounds = (("0.80", "lower", 900_000.0), ("0.80", "upper", 1_000_000.0))
    books.expect(2026, Outlook(950_000.0, bounds))

    assert pacing.forecast(year(books), MIDNIGHT) == 950_000
    assert pacing.shortfall(year(books), MIDNIGHT) == 50_000
    assert pacing.forecast_bound(year(books), MIDNIGHT) == {
        ("0.80", "lower"): 900_000.0,
        ("0.80", "upper"): 1_000_000.0,
    }
    assert pacing.forecast(year(books), at("2027-01-01 00:00")) == 100_000
    assert pacing.forecast_bound(year(books), at("2027-01-01 00:00")) == {}


def test_a_year_that_is_over_is_its_own_forecast() -> None:
    port = year(with_teu(900_000))
    later = at("2027-01-05 00:00")

    assert pacing.forecast(port, later) == 900_000
    assert pacing.shortfall(port, later) == 100_000
    assert pacing.required_per_day(port, later) is None
    assert pacing.mark_reached(port, later) is None
    assert pacing.status(port, later) == 4


def test_on_the_last_day_all_that_is_missing_is_needed() -> None:
    assert pacing.required_per_day(year(with_teu(990_000)), at("2026-12-31 20:00")) == 10_000


def test_without_a_target_only_what_was_handled_is_said() -> None:
    books = PortBooks(BOOK, "tonghai")
    books.post(day("2026-01-10", box(1, 1)))
    said = {str(reading.kpi.series) for reading in measure(THROUGHPUT, books, NOON)}

    assert said == {
        "port_throughput_ytd_teu",
        "port_throughput_ytd_moves",
        "port_throughput_ytd_class_teu",
        "port_throughput_unsized_moves",
        "port_throughput_gate_moves",
        "port_throughput_as_of_timestamp_seconds",
        "port_throughput_ytd_on_year_code",
        "port_throughput_complete_code",
        "port_throughput_recent_per_day_teu",
    }


def test_the_recent_mean_runs_over_28_closed_days_and_the_turn_of_the_year() -> None:
    books = PortBooks(BOOK, "tonghai")
    # On 10 January the days 13 December to 9 January count: the first and last are here.
    for on, teu in (
        ("2025-12-12", 1000),
        ("2025-12-13", 28),
        ("2026-01-09", 56),
        ("2026-01-10", 9),
    ):
        books.post(day(on, box(1, teu)))

    assert pacing.recent_per_day(year(books), at("2026-01-10 12:00")) == pytest.approx(84 / 28)
    # 2025 by itself: 12 to 31 December, for the books begin only there
    assert pacing.recent_per_day(year(books, 2025), at("2026-01-10 12:00")) == pytest.approx(
        1028 / 20
    )


def test_the_recent_mean_of_young_books_runs_over_their_days() -> None:
    books = PortBooks(BOOK, "tonghai")
    books.post(day("2026-01-08", box(1, 30)))

    assert pacing.recent_per_day(year(books), at("2026-01-08 12:00")) is None
    assert pacing.recent_per_day(year(books), at("2026-01-11 12:00")) == pytest.approx(10)


def test_the_mark_is_reached_at_the_end_of_the_hour_that_reaches_it() -> None:
    books = PortBooks(BOOK, "tonghai")
    books.set_target(target(100))
    books.post(day("2026-01-10", box(1, 60)))
    books.post(day("2026-01-11", box(1, 30), hour=5))
    books.post(day("2026-01-11", box(1, 10), hour=7, terminal="THW"))
    books.post(day("2026-01-11", box(1, 50), hour=9, partition=1))

    assert pacing.mark_reached(year(books), NOON) == seconds("2026-01-11 08:00")
    assert pacing.status(year(books), NOON) == 0


def test_the_mark_is_expected_where_the_plan_carries_the_rest_of_the_forecast() -> None:
    # F = 250,000 / 0.125 = 2,000,000; T is half of it, and s is 0.50 at the end of June.
    port = year(with_teu(250_000))

    assert pacing.mark_reached(port, MIDNIGHT) == pytest.approx(seconds("2026-07-01 00:00"), abs=1)


def test_the_mark_is_not_expected_while_the_forecast_is_below_it() -> None:
    assert pacing.mark_reached(year(with_teu(100_000)), MIDNIGHT) is None


def test_figures_are_as_of_the_newest_quay_move() -> None:
    books = PortBooks(BOOK, "tonghai")
    assert handled.as_of(year(books), NOON) is None

    books.post(day("2026-01-11", box(1, 1), hour=3))
    books.post(day("2026-01-10", box(1, 1), hour=9))
    books.post(day("2026-01-12", box(1, 0, move="GTIN"), hour=9))

    assert handled.as_of(year(books), NOON) == seconds("2026-01-11 03:30")


def test_an_area_that_left_the_book_keeps_its_history() -> None:
    books = PortBooks(BOOK, "gone")
    books.post(day("2026-01-10", box(1, 1), terminal="OLD"))

    assert handled.ytd(year(books), NOON) == {("OLD",): 1.0}


def test_the_last_closed_day_and_hour() -> None:
    books = PortBooks(BOOK, "tonghai")
    books.post(day("2026-02-14", box(1, 40), hour=3))
    books.post(day("2026-02-15", box(1, 5), hour=11))
    books.post(day("2026-02-15", box(1, 7), hour=12, partition=1))

    assert handled.day(books, NOON) == {("THE",): 40.0, ("THW",): 0.0}
    assert handled.hour(books, NOON) == {("THE",): 5.0, ("THW",): 0.0}


def test_the_last_closed_day_of_new_years_day_is_last_years() -> None:
    books = PortBooks(BOOK, "tonghai")
    books.post(day("2025-12-31", box(1, 40), hour=23))

    assert handled.day(books, at("2026-01-01 00:10"))["THE",] == 40.0
    assert handled.hour(books, at("2026-01-01 00:10"))["THE",] == 40.0


def test_before_the_books_begin_there_is_no_last_day() -> None:
    books = PortBooks(BOOK, "tonghai")
    books.post(day("2026-02-15", box(1, 5)))

    assert handled.day(books, NOON) == {}
    assert "day" not in {r.kpi.name for r in measure(LATEST, books, NOON)}


def test_the_months_of_the_plan_are_exported_with_their_ends() -> None:
    port = year(with_teu(1))

    assert pacing.plan_month(port, NOON)["02",] == pytest.approx(50_000)
    assert pacing.plan_month_start(port, NOON)["02",] == seconds("2026-02-01 00:00")
    assert pacing.plan_month_end(port, NOON)["12",] == seconds("2027-01-01 00:00")
    assert list(pacing.plan_month(port, NOON)) == [(f"{n:02}",) for n in range(1, 13)]


def test_the_current_year_and_every_earlier_one_with_books_are_measured() -> None:
    books = PortBooks(BOOK, "tonghai")
    books.post(day("2024-05-01", box(1, 1)))
    books.post(day("2027-01-01", box(1, 1)))
    books.set_target(target(period="2025"))

    years = {reading.labels[1] for reading in measure(THROUGHPUT, books, NOON)}

    assert years == {"2024", "2026"}


def test_measuring_on_new_years_day_opens_no_empty_year() -> None:
    books = PortBooks(BOOK, "tonghai")
    now = at("2026-01-01 00:10")

    for _ in range(2):
        list(measure(LATEST, books, now))
        years = {reading.labels[1] for reading in measure(THROUGHPUT, books, now)}

    assert years == {"2026"}


def test_the_newest_target_stands_whichever_comes_last() -> None:
    books = PortBooks(BOOK, "tonghai")

    assert books.set_target(target(1_200_000, recorded="2026-03-01 00:00"))
    assert not books.set_target(target(1_000_000, recorded="2026-01-01 00:00"))
    assert not books.set_target(target(1_200_000, recorded="2026-03-01 00:00"))

    assert pacing.target(year(books), NOON) == 1_200_000


def test_a_target_on_something_else_is_not_the_plan() -> None:
    books = PortBooks(BOOK, "tonghai")

    assert not books.set_target(target(measures="project_signed_projects"))
    assert not books.set_target(target(labels={"terminal": "THE"}))

    assert pacing.target(year(books), NOON) is None


def test_the_plan_is_the_target_on_the_series_of_the_year_to_date() -> None:
    assert THROUGHPUT[handled.ytd].series == YTD_TEU
