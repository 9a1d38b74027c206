"""Targets of every kind; each expected number is worked by hand from DOMAIN's formulas."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contract.errors import Rejected
from contract.events import Step
from kpis.model.kpi import measure
from kpis.plan.progress import Outlook
from kpis.port.books import PortBooks
from kpis.target import target_book
from kpis.target.target_book import TARGETS, OwnedTarget, TargetBook, TargetStatus
from kpis.target.target_progress import Measured
from kpis.zone.indicators import IndicatorBook
from kpis.zone.portfolio import Portfolio
from tests.unit.kpis.builders import BOOK, at, box, day, indicator, project, seconds, target

MIDNIGHT = at("2026-02-15 00:00")
RANK = {
    "owner": "haimen",
    "measures": "indicator_value",
    "labels": {"indicator": "rank", "scope": "port"},
    "monthly": (),
}


def port(teu: float, on: str = "2026-01-10") -> PortBooks:
    books = PortBooks(BOOK, "tonghai")
    books.post(day(on, box(int(teu), teu)))
    return books


def zone(*signed: str, yuan: int = 100_000_000) -> Portfolio:
    books = Portfolio(BOOK, "haimen")
    for number, on in enumerate(signed):
        books.post(project(f"p{number}", yuan, on))
    return books


def figures(*published: tuple[str, str], unit: str = "place") -> IndicatorBook:
    book = IndicatorBook(BOOK, "haimen")
    for period, value in published:
        book.post(indicator(period, value, unit=unit, name="rank"))
    return book


def state(
    books: Measured | None, when: Any, value: int = 1_000_000, **changes: Any
) -> TargetStatus:
    """The state of a target in one owner's books."""
    event = target(value, **changes)
    book = TargetBook(BOOK, event.data.owner)
    assert book.post(event)
    (found,) = book.states([books] if books else [], when)
    return found


def test_a_year_of_teu_against_its_monthly_shares() -> None:
    found = state(port(100_000), MIDNIGHT)

    # s = 0.10 + 0.05 · 14/28 = 0.125; F = 100,000 / 0.125; 320 days are left
    assert target_book.current(found, MIDNIGHT) == 100_000
    assert target_book.goal(found, MIDNIGHT) == 1_000_000
    assert target_book.planned_to_date(found, MIDNIGHT) == pytest.approx(125_000)
    assert target_book.pace(found, MIDNIGHT) == pytest.approx(0.8)
    assert target_book.gap(found, MIDNIGHT) == pytest.approx(25_000)
    assert target_book.forecast(found, MIDNIGHT) == pytest.approx(800_000)
    assert target_book.shortfall(found, MIDNIGHT) == pytest.approx(200_000)
    assert target_book.required_per_day(found, MIDNIGHT) == pytest.approx(2_812.5)
    assert target_book.attained(found, MIDNIGHT) is None
    assert target_book.expected(found, MIDNIGHT) is None
    assert target_book.status(found, MIDNIGHT) == 3
    assert (target_book.warn(found, MIDNIGHT), target_book.critical(found, MIDNIGHT)) == (
        0.97,
        0.9,
    )
    assert target_book.changed(found, MIDNIGHT) == seconds("2026-01-01 00:00")
    assert target_book.named(found, MIDNIGHT) == {
        ("年吞吐量", "TEU a year", "port_throughput_ytd_teu", "TEU", "at_least"): 1.0
    }


def test_a_target_of_a_terminal_counts_that_terminal_alone() -> None:
    books = port(60)
    books.post(day("2026-01-12", box(1, 30), terminal="THW", hour=7))
    books.post(day("2026-01-13", box(1, 10), terminal="THW", hour=9))
    found = state(books, MIDNIGHT, 40, labels={"terminal": "THW"})

    assert target_book.current(found, MIDNIGHT) == 40
    assert target_book.attained(found, MIDNIGHT) == seconds("2026-01-13 10:00")
    assert target_book.status(found, MIDNIGHT) == 0


def test_a_half_counts_its_own_days_and_is_reached_in_them() -> None:
    books = port(1_000, "2026-06-30")
    books.post(day("2026-07-02", box(1, 70), hour=5))
    books.post(day("2026-07-03", box(1, 30), hour=8))
    later = at("2026-07-04 00:00")
    half = state(books, later, 100, period="2026-H2", monthly=())

    # 1 July to 31 December are 184 days, of which 3 are over
    assert target_book.current(half, later) == 100
    assert target_book.planned_to_date(half, later) == pytest.approx(100 * 3 / 184)
    assert target_book.attained(half, later) == seconds("2026-07-03 09:00")


def test_three_years_of_teu_are_one_sum() -> None:
    books = port(400, "2024-05-01")
    books.post(day("2025-05-01", box(1, 300)))
    books.post(day("2026-01-10", box(1, 200), hour=3))
    long = state(books, MIDNIGHT, 900, period="2024/2026", monthly=())

    # 366 + 365 + 45 of 1,096 days
    assert target_book.current(long, MIDNIGHT) == 900
    assert target_book.planned_to_date(long, MIDNIGHT) == pytest.approx(900 * 776 / 1_096)
    assert target_book.attained(long, MIDNIGHT) == seconds("2026-01-10 04:00")


def test_dated_steps_ask_for_nothing_before_their_day_is_over() -> None:
    steps = (Step(date(2026, 3, 31), share=0.2), Step(date(2026, 6, 30), value=Decimal(50)))
    stepped = state(port(10), MIDNIGHT, 100, monthly=(), steps=steps)

    for when, planned in (
        ("2026-03-31 23:59", 0),
        ("2026-04-01 00:00", 20),
        ("2026-06-30 23:59", 20),
        ("2026-07-01 00:00", 50),
        ("2026-12-31 23:59", 50),
        ("2027-01-01 00:00", 100),
    ):
        assert target_book.planned_to_date(stepped, at(when)) == planned
    assert target_book.pace(stepped, MIDNIGHT) is None
    assert target_book.status(stepped, MIDNIGHT) == 1
    # F = Y / (45 of 365 days), since steps do not show how it grows
    assert target_book.forecast(stepped, MIDNIGHT) == pytest.approx(10 * 365 / 45)


def test_projects_are_reached_on_the_day_of_the_signing() -> None:
    books = zone("2026-01-05", "2026-01-20", "2026-02-03", "2025-12-31")
    signed = {"owner": "haimen", "measures": "project_signed_projects", "monthly": ()}
    three = state(books, MIDNIGHT, 3, labels={"tier": "100M"}, **signed)
    five = state(books, MIDNIGHT, 5, labels={"tier": "100M"}, **signed)
    large = state(books, MIDNIGHT, 5, labels={"tier": "1bn"}, **signed)
    quarter = state(books, MIDNIGHT, 2, labels={"tier": "100M"}, period="2025-Q4", **signed)

    assert target_book.current(three, MIDNIGHT) == 3
    assert target_book.attained(three, MIDNIGHT) == seconds("2026-02-03 00:00")
    assert target_book.current(large, MIDNIGHT) == 0
    # 45 of 365 days are over; F = 3 / s; the rest 2 of 21⅓ comes 2/21⅓ of the way on
    assert target_book.planned_to_date(five, MIDNIGHT) == pytest.approx(5 * 45 / 365)
    assert target_book.forecast(five, MIDNIGHT) == pytest.approx(24 + 1 / 3)
    assert target_book.expected(five, MIDNIGHT) == pytest.approx(
        seconds("2026-03-17 00:00"), abs=1
    )
    assert (target_book.current(quarter, MIDNIGHT), target_book.status(quarter, MIDNIGHT)) == (
        1,
        4,
    )


def test_committed_yuan_are_a_sum_of_the_period() -> None:
    books = zone("2026-01-05", "2026-01-20", yuan=300_000_000)
    found = state(
        books, MIDNIGHT, 500_000_000, owner="haimen", measures="project_committed_yuan", monthly=()
    )

    assert target_book.current(found, MIDNIGHT) == 600_000_000
    assert target_book.attained(found, MIDNIGHT) == seconds("2026-01-20 00:00")


def test_a_rank_is_to_be_at_most_its_goal() -> None:
    # from 60 to 40 over three years; at the end of 2024 366 of 1,096 days are over
    when = at("2025-01-01 00:00")
    found = state(
        figures(("2024", "54")),
        when,
        40,
        period="2024/2026",
        start=Decimal(60),
        direction="at_most",
        **RANK,
    )
    planned = 60 - 20 * 366 / 1_096

    assert target_book.planned_to_date(found, when) == pytest.approx(planned)
    assert target_book.pace(found, when) == pytest.approx(planned / 54)
    assert target_book.gap(found, when) == pytest.approx(54 - planned)
    # 6 places in 366 days are 17.97 in 1,096: rank 42.03
    assert target_book.forecast(found, when) == pytest.approx(60 - 6 * 1_096 / 366)
    assert target_book.shortfall(found, when) == pytest.approx(20 - 6 * 1_096 / 366)
    assert target_book.required_per_day(found, when) is None
    assert target_book.expected(found, when) is None
    assert target_book.status(found, when) == 1  # 53.32 / 54 = 0.987


def test_a_better_rank_is_expected_before_the_end() -> None:
    # 10 of the 20 places in the first 366 days: the other 10 in as many
    when = at("2025-06-01 00:00")
    found = state(
        figures(("2024", "50")),
        when,
        40,
        period="2024/2026",
        start=Decimal(60),
        direction="at_most",
        **RANK,
    )

    assert target_book.expected(found, when) == pytest.approx(seconds("2026-01-02 00:00"), abs=1)


def test_a_level_without_a_start_is_asked_for_all_the_time() -> None:
    found = state(figures(("2026-01", "50")), MIDNIGHT, 40, direction="at_most", **RANK)

    assert target_book.planned_to_date(found, MIDNIGHT) == 40
    assert target_book.pace(found, MIDNIGHT) == pytest.approx(0.8)
    assert target_book.gap(found, MIDNIGHT) == 10
    assert target_book.forecast(found, MIDNIGHT) == 50
    assert target_book.status(found, MIDNIGHT) == 3


def test_a_rank_holds_its_goal_since_the_period_from_which_on_it_did() -> None:
    book = figures(("2025-12", "39"), ("2026-01", "40"), ("2026-02", "41"), ("2026-03", "38"))
    when = at("2026-05-20 00:00")
    before = state(book, when, 40, direction="at_most", **RANK)
    book.post(indicator("2026-04", "40", unit="place", name="rank"))
    after = state(book, when, 40, direction="at_most", **RANK)

    for found in (before, after):
        assert target_book.attained(found, when) == seconds("2026-04-01 00:00")
        assert target_book.status(found, when) == 0


def test_a_figure_of_before_the_period_attains_nothing_yet() -> None:
    found = state(figures(("2025", "35")), MIDNIGHT, 40, direction="at_most", **RANK)

    assert target_book.current(found, MIDNIGHT) == 35
    assert target_book.attained(found, MIDNIGHT) is None
    assert target_book.status(found, MIDNIGHT) == 1


def test_a_level_is_missed_only_by_the_figure_of_the_periods_end() -> None:
    later = at("2027-01-20 00:00")
    book = figures(("2026-Q3", "45"))
    open_ = state(book, later, 40, direction="at_most", **RANK)
    book.post(indicator("2026", "44", unit="place", name="rank"))
    closed = state(book, later, 40, direction="at_most", **RANK)

    assert target_book.status(open_, later) == 3  # 40 / 45 = 0.889
    assert target_book.status(closed, later) == 4
    assert target_book.forecast(closed, later) == 44


def test_figures_of_after_the_period_are_another_targets() -> None:
    book = figures(("2026", "44"), ("2027-01", "39"))

    assert target_book.current(state(book, at("2027-03-01 00:00"), 40, **RANK), MIDNIGHT) == 44


def test_an_amount_not_to_be_passed_is_kept_at_the_end_and_missed_at_once() -> None:
    books = port(100)
    kept = state(books, MIDNIGHT, 1_000, direction="at_most")
    later = at("2027-01-01 00:00")
    over = state(books, MIDNIGHT, 99, direction="at_most")

    # s = 0.125: 125 may have come by now; F = 800
    assert target_book.pace(kept, MIDNIGHT) == pytest.approx(1.25)
    assert target_book.gap(kept, MIDNIGHT) == pytest.approx(-25)
    assert target_book.shortfall(kept, MIDNIGHT) == 0
    assert target_book.required_per_day(kept, MIDNIGHT) is None
    assert target_book.expected(kept, MIDNIGHT) is None
    assert target_book.attained(kept, MIDNIGHT) is None
    assert target_book.status(kept, MIDNIGHT) == 1
    assert (target_book.status(kept, later), target_book.attained(kept, later)) == (
        0,
        seconds("2027-01-01 00:00"),
    )
    assert target_book.status(over, MIDNIGHT) == 4
    assert target_book.shortfall(over, MIDNIGHT) == pytest.approx(701)


def test_any_other_kpi_is_a_level() -> None:
    books = Portfolio(BOOK, "haimen")
    books.post(project("a", milestones=[("m", "2026-01-05", None), ("n", "2026-01-06", None)]))
    none = state(
        books,
        MIDNIGHT,
        0,
        owner="haimen",
        measures="project_milestones_overdue",
        direction="at_most",
        monthly=(),
    )
    hit = state(
        books, MIDNIGHT, 1, owner="haimen", measures="project_milestone_hit_ratio", monthly=()
    )

    assert target_book.current(none, MIDNIGHT) == 2
    assert target_book.gap(none, MIDNIGHT) == 2
    assert target_book.status(none, MIDNIGHT) == 3
    assert target_book.current(hit, MIDNIGHT) == 0
    assert target_book.attained(hit, MIDNIGHT) is None


def test_a_kpi_is_measured_as_it_was_at_the_end_of_the_period() -> None:
    books = Portfolio(BOOK, "haimen")
    books.post(project("a", milestones=[("m", "2025-12-30", None), ("n", "2026-01-06", None)]))
    last = state(
        books,
        MIDNIGHT,
        0,
        owner="haimen",
        measures="project_milestones_overdue",
        direction="at_most",
        period="2025",
        monthly=(),
    )

    assert target_book.current(last, MIDNIGHT) == 1


def test_kpis_of_a_year_are_those_of_the_period() -> None:
    books = port(5, "2025-03-01")
    books.post(day("2026-01-10", box(7, 7)))
    moves: dict[str, Any] = {"measures": "port_throughput_ytd_moves", "monthly": ()}

    assert target_book.current(state(books, MIDNIGHT, 9, **moves), MIDNIGHT) == 7
    both = state(books, MIDNIGHT, 9, period="2025/2026", **moves)
    assert target_book.current(both, MIDNIGHT) == 12
    # 365 + 45 of 730 days
    assert target_book.planned_to_date(both, MIDNIGHT) == pytest.approx(9 * 410 / 730)


def test_a_period_of_before_the_books_is_not_judged() -> None:
    signed: dict[str, Any] = {
        "owner": "haimen",
        "measures": "project_signed_projects",
        "labels": {"tier": "100M"},
    }
    moves = "port_throughput_ytd_moves"

    for found in (
        state(port(400, "2024-05-01"), MIDNIGHT, 9, period="2023"),
        state(port(400, "2024-05-01"), MIDNIGHT, 9, period="2023", measures=moves),
        state(zone("2020-03-01"), MIDNIGHT, 9, period="2019", **signed),
    ):
        assert target_book.current(found, MIDNIGHT) is None
        assert target_book.status(found, MIDNIGHT) is None
    begun = state(zone("2019-12-31"), MIDNIGHT, 9, period="2019/2020", monthly=(), **signed)
    assert (target_book.current(begun, MIDNIGHT), target_book.status(begun, MIDNIGHT)) == (1, 4)
    assert target_book.current(state(zone("2019-12-31"), MIDNIGHT, 9, **signed), MIDNIGHT) == 0


def test_a_forecast_from_history_replaces_the_run_rate() -> None:
    book, event = TargetBook(BOOK, "tonghai"), target()
    book.post(event)
    book.expect(event.data.key, Outlook(950_000.0, (("0.80", "lower", 900_000.0),)))
    (found,) = book.states([port(100_000)], MIDNIGHT)

    assert target_book.forecast(found, MIDNIGHT) == 950_000
    assert target_book.shortfall(found, MIDNIGHT) == 50_000
    assert target_book.forecast_bound(found, MIDNIGHT) == {("0.80", "lower"): 900_000.0}


def test_the_ports_own_forecast_is_that_of_its_target() -> None:
    books = port(100_000)
    books.expect(2026, Outlook(950_000.0))

    assert target_book.forecast(state(books, MIDNIGHT), MIDNIGHT) == 950_000
    one_terminal = state(books, MIDNIGHT, labels={"terminal": "THE"})
    assert target_book.forecast(one_terminal, MIDNIGHT) == pytest.approx(800_000)


def test_without_figures_only_the_plan_is_said() -> None:
    book = TargetBook(BOOK, "tonghai")
    book.post(target())
    measured = {str(one.kpi.series) for one in measure(TARGETS, OwnedTarget(book, ()), MIDNIGHT)}

    assert measured == {
        "target_goal_value",
        "target_planned_to_date_value",
        "target_warn_ratio",
        "target_critical_ratio",
        "target_changed_timestamp_seconds",
        "target_info",
    }


def test_the_newest_record_counts_also_if_it_is_a_withdrawal() -> None:
    old = target(1, recorded="2026-01-01 00:00")
    new = target(2, recorded="2026-02-01 00:00")
    gone = target(2, recorded="2026-03-01 00:00", withdrawn=True)

    def standing(*events: Any) -> list[float]:
        book = TargetBook(BOOK, "tonghai")
        for event in events:
            book.post(event)
        return [target_book.goal(one, MIDNIGHT) for one in book.states([], MIDNIGHT)]

    assert standing(old, new) == standing(new, old) == [2.0]
    assert standing(old, new, gone) == standing(gone, new, old) == []
    assert standing(gone, target(3, recorded="2026-04-01 00:00")) == [3.0]


def test_a_ports_plan_goes_with_its_target() -> None:
    books = PortBooks(BOOK, "tonghai")
    books.set_target(target(5, recorded="2026-01-01 00:00"))
    assert books.set_target(target(5, recorded="2026-02-01 00:00", withdrawn=True))

    assert books.year(2026).plan is None


def test_what_measures_nothing_is_refused_and_changes_nothing() -> None:
    book = TargetBook(BOOK, "tonghai")
    book.post(target(5))

    with pytest.raises(Rejected, match="is no KPI"):
        book.post(target(6, recorded="2026-05-01 00:00", measures="port_throughput_ytd_tue"))

    assert [target_book.goal(one, MIDNIGHT) for one in book.states([], MIDNIGHT)] == [5.0]
