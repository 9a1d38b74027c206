"""The zone's figures; every expected number is counted by hand from the cards above it."""

from datetime import date

import pytest

from contract.events import Stage
from kpis.model.kpi import measure
from kpis.zone import investment, milestones
from kpis.zone.portfolio import TIERS, Portfolio, furthest
from tests.unit.kpis.builders import BOOK, at, project

NOW = at("2020-06-30 12:00")
DAY = 86_400


def zone(*cards: object) -> Portfolio:
    books = Portfolio(BOOK, "haimen")
    for card in cards:
        books.post(card)  # type: ignore[arg-type]  # cards of `project`
    return books


def test_tiers_are_nested_and_reached_at_their_amount() -> None:
    books = zone(
        project("a", 99_999_999),
        project("b", 100_000_000),
        project("c", 1_000_000_000, signed="2019-05-01"),
        project("d", 20_000_000_000),
    )

    signed = investment.signed(books, NOW)

    assert {tier: signed[tier, "2020"] for tier in TIERS} == {
        "100M": 2.0,  # b, d
        "500M": 1.0,
        "1bn": 1.0,
        "2bn": 1.0,
        "5bn": 1.0,
        "10bn": 1.0,
    }
    assert (signed["1bn", "2019"], signed["2bn", "2019"]) == (1.0, 0.0)


def test_the_marks_of_2016_to_2019_come_out_of_their_cards() -> None:
    # DOMAIN 1: 130 of at least 100 million, of which 26 of at least 1 bn and 1 of at least 10 bn.
    small = [project(f"s{n}", 150_000_000, signed=f"{2016 + n % 4}-04-01") for n in range(104)]
    large = [project(f"l{n}", 1_500_000_000, signed=f"{2016 + n % 4}-04-01") for n in range(25)]
    books = zone(*small, *large, project("ship", 20_000_000_000, signed="2018-01-01"))

    signed = investment.signed(books, NOW)

    def over_years(tier: str) -> float:
        return sum(count for (label, _), count in signed.items() if label == tier)

    assert [over_years(tier) for tier in ("100M", "1bn", "10bn")] == [130.0, 26.0, 1.0]
    # 104 · 0.15 + 25 · 1.5 + 20 bn
    assert sum(investment.committed(books, NOW).values()) == pytest.approx(73.1e9)


def test_what_is_signed_tomorrow_counts_tomorrow() -> None:
    books = zone(project("a", signed="2020-07-01"), project("orphan", signed=None))

    assert investment.signed(books, NOW) == {}
    # 2020-06-30T16:00Z is 1 July in the zone.
    assert investment.signed(books, at("2020-06-30 16:00", "+00:00"))["100M", "2020"] == 1.0


def test_a_newer_card_replaces_the_older_whichever_comes_last() -> None:
    books = Portfolio(BOOK, "haimen")

    assert books.post(project("a", 300_000_000, offset=5))
    assert not books.post(project("a", 100_000_000, offset=4))
    assert not books.post(project("a", 300_000_000, offset=5))

    assert investment.committed(books, NOW) == {("2020",): 300_000_000.0}


def test_the_funnel_counts_a_project_in_every_stage_up_to_its_furthest() -> None:
    books = zone(
        project("a", 100_000_000),
        project("b", 200_000_000, stages=[(Stage.CONSTRUCTION_START, "2020-05-01")]),
        project("c", 400_000_000, stages=[(Stage.IN_PRODUCTION, "2020-07-01")]),  # tomorrow
        project(
            "d",
            800_000_000,
            stages=[(Stage.CONSTRUCTION_START, "2020-04-01"), (Stage.TERMINATED, "2020-05-01")],
        ),
    )

    funnel = investment.at_stage(books, NOW)
    yuan = investment.stage_yuan(books, NOW)

    assert {stage: count for (stage,), count in funnel.items()} == {
        "signed": 3.0,
        "registered": 1.0,
        "filed": 1.0,
        "construction_start": 1.0,
        "completed": 0.0,
        "in_production": 0.0,
        "at_capacity": 0.0,
        "terminated": 1.0,
    }
    assert (yuan["signed",], yuan["filed",], yuan["terminated",]) == (7e8, 2e8, 8e8)


def test_a_regress_does_not_take_a_project_back() -> None:
    card = project("a", stages=[(Stage.COMPLETED, "2020-04-01"), (Stage.FILED, "2020-05-01")])

    assert furthest(card, date(2020, 6, 30)) is Stage.COMPLETED


def test_terminated_projects_stay_signed_and_leave_the_present_portfolio() -> None:
    gone = project("a", park="cruise", stages=[(Stage.TERMINATED, "2020-05-01")])
    books = zone(gone, project("b", 300_000_000, park="cruise"), project("c"))

    assert investment.signed(books, NOW)["100M", "2020"] == 3.0
    assert investment.committed(books, NOW) == {("2020",): 5e8}
    assert investment.cluster(books, NOW) == {("offshore",): 4e8}
    assert investment.area(books, NOW) == {("riverside",): 4e8}
    assert investment.park(books, NOW) == {("cruise",): 1.0}


def test_an_empty_zone_shows_its_clusters_areas_and_parks_at_zero() -> None:
    books = zone()

    assert investment.cluster(books, NOW) == {("offshore",): 0.0}
    assert investment.area(books, NOW) == {("riverside",): 0.0}
    assert investment.park(books, NOW) == {("cruise",): 0.0}
    assert investment.milestone_hit(books, NOW) is None


MILESTONES = project(
    "a",
    milestones=[
        ("on-time", "2020-04-01", "2020-04-01"),
        ("late-but-met", "2020-04-01", "2020-04-02"),
        ("late", "2020-06-20", None),
        ("met-tomorrow", "2020-06-29", "2020-07-01"),
        ("today", "2020-06-30", None),
        ("in-30-days", "2020-07-30", None),
        ("in-31-days", "2020-07-31", None),
        ("in-91-days", "2020-09-29", None),
        ("early", "2020-07-15", "2020-06-01"),
        ("unplanned", None, "2020-06-01"),
    ],
)


def test_only_open_milestones_past_their_day_are_late() -> None:
    books = zone(MILESTONES)

    assert milestones.late_milestone(books, NOW) == {
        ("a", "late"): 10.0 * DAY,
        ("a", "met-tomorrow"): 1.0 * DAY,
    }
    assert milestones.milestones_overdue(books, NOW) == 2.0


def test_windows_run_from_today_and_are_nested() -> None:
    # 30 days: today, in-30-days; 90 days: those and in-31-days.
    assert milestones.due_soon(zone(MILESTONES), NOW) == {("30d",): 2.0, ("90d",): 3.0}


def test_the_hit_ratio_is_over_what_was_due_before_today() -> None:
    # Due before 30 June: on-time, late-but-met, late, met-tomorrow; one of the four in time.
    assert investment.milestone_hit(zone(MILESTONES), NOW) == 0.25


def test_milestones_of_a_terminated_project_are_nobodys_concern() -> None:
    ended = project(
        "a", stages=[(Stage.TERMINATED, "2020-05-01")], milestones=[("m", "2020-05-02", None)]
    )

    assert milestones.late_milestone(zone(ended), NOW) == {}


def test_readings_bear_the_zone() -> None:
    readings = list(measure(investment.INVESTMENT, zone(MILESTONES), NOW))

    assert {reading.labels[0] for reading in readings} == {"haimen"}
    late = next(r for r in readings if r.kpi is investment.INVESTMENT[milestones.late_milestone])
    assert late.labelled == {"zone": "haimen", "project": "a", "milestone": "late"}
