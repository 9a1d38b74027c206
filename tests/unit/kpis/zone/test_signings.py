"""Signings, milestones and doubts; every expected number is counted by hand from the cards."""

import pytest

from contract.events import Stage
from kpis.zone import data_quality, milestones, signings
from kpis.zone.portfolio import Portfolio
from tests.unit.kpis.builders import BOOK, at, project

NOW = at("2020-06-30 12:00")
DAY = 86_400


def zone(*cards: object) -> Portfolio:
    books = Portfolio(BOOK, "haimen")
    for card in cards:
        books.post(card)  # type: ignore[arg-type]  # cards of `project`
    return books


def test_quarters_add_up_to_the_half_year_of_the_record() -> None:
    # DOMAIN 1, first half of 2020: 12 of at least 100 million, of which 6 of at least 2 bn.
    small = [project(f"s{n}", 150_000_000, signed=f"2020-0{n + 1}-15") for n in range(6)]
    large = [project(f"l{n}", 9_000_000_000, signed=f"2020-0{n + 1}-15") for n in range(6)]
    books = zone(*small, *large, project("before", signed="2019-12-31"))

    signed = signings.quarter_signed(books, NOW)
    yuan = signings.quarter_committed(books, NOW)

    def half(tier: str) -> float:
        return signed[tier, "2020-Q1"] + signed[tier, "2020-Q2"]

    assert (half("100M"), half("2bn")) == (12.0, 6.0)
    assert signed["100M", "2019-Q4"] == 1.0
    # 6 x 0.15 + 6 x 9 bn, half of it in each quarter
    assert (yuan["2020-Q1",], yuan["2020-Q2",]) == (27.45e9, 27.45e9)
    assert yuan["2019-Q4",] == 1e8


def test_capital_from_outside_the_mainland_is_foreign() -> None:
    gone = project("d", 7, country="US", stages=[(Stage.TERMINATED, "2020-05-01")])
    books = zone(
        project("a", 100), project("b", 20, country="JP"), project("c", 3, country="HK"), gone
    )

    assert signings.origin(books, NOW) == {("domestic",): 1.0, ("foreign",): 2.0}
    assert signings.origin_yuan(books, NOW) == {("domestic",): 100.0, ("foreign",): 23.0}


def test_yuan_by_park_leaves_out_projects_without_a_park() -> None:
    books = zone(
        project("a", 100, park="cruise"), project("b", 20), project("c", 3, park="cruise")
    )

    assert signings.park_yuan(books, NOW) == {("cruise",): 103.0}
    assert signings.park_yuan(zone(), NOW) == {("cruise",): 0.0}


def test_conversion_is_over_all_that_were_signed() -> None:
    # Signed 5, of which 3 reached construction and 1 of those production; "d" ended.
    books = zone(
        project("a", stages=[(Stage.CONSTRUCTION_START, "2020-05-01")]),
        project("b", stages=[(Stage.COMPLETED, "2020-05-01")]),
        project("c", stages=[(Stage.AT_CAPACITY, "2020-05-01")]),
        project("d", stages=[(Stage.COMPLETED, "2020-04-01"), (Stage.TERMINATED, "2020-05-01")]),
        project("e", stages=[(Stage.CONSTRUCTION_START, "2020-07-01")]),  # tomorrow
    )

    assert signings.conversion(books, NOW) == {
        ("signed_to_started",): pytest.approx(3 / 5),
        ("started_to_in_production",): pytest.approx(1 / 3),
        ("signed_to_in_production",): pytest.approx(1 / 5),
    }


def test_conversion_is_absent_while_nothing_could_convert() -> None:
    assert signings.conversion(zone(), NOW) == {}
    assert signings.conversion(zone(project("a")), NOW) == {
        ("signed_to_started",): 0.0,
        ("signed_to_in_production",): 0.0,
    }


SLIPPED = project(
    "a",
    milestones=[
        ("early", "2020-05-10", "2020-05-01"),
        ("on-the-day", "2020-05-10", "2020-05-10"),
        ("late", "2020-05-10", "2020-05-22"),  # 12 days
        ("open", "2020-06-10", None),  # 20 days until today
        ("anew", "2020-03-02/2020-08-01", None),  # 120 days after its first plan, none after this
        ("ahead", "2020-09-01", None),
    ],
)


def test_milestones_met_are_counted_by_timing() -> None:
    assert milestones.milestones_met(zone(SLIPPED), NOW) == {("on_time",): 2.0, ("late",): 1.0}


def test_the_worst_slip_is_against_the_plan_of_now_and_the_first() -> None:
    assert milestones.worst_slip(zone(SLIPPED), NOW) == {
        ("now",): 20.0 * DAY,
        ("first",): 120.0 * DAY,
    }
    assert milestones.worst_slip(zone(), NOW) == {("now",): 0.0, ("first",): 0.0}


def test_orphans_and_ids_with_two_names_are_shown() -> None:
    orphan = project("a", signed=None, milestones=[("m", None, "2020-06-01")])
    books = zone(orphan, project("b", others=("Jars",)), project("c"))

    assert (data_quality.orphans(books, NOW), data_quality.renamed(books, NOW)) == (1.0, 1.0)

    books.post(project("a", offset=2, milestones=[("m", None, "2020-06-01")]))  # now registered
    assert data_quality.orphans(books, NOW) == 0.0
