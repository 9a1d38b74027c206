"""What a forecast is made from; expected values are worked by hand."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from contract.snapshots import TerminalDay
from kpis.forecast import basis as bases
from kpis.forecast.basis import Basis, questions
from kpis.plan.progress import Outlook
from kpis.port import pacing
from kpis.port.books import PortBooks
from kpis.target.target_book import TargetBook
from kpis.zone.portfolio import Portfolio
from tests.unit.kpis.builders import BOOK, at, box, day, project, target

YEARS = (date(2024, 1, 1), date(2026, 3, 15))
"""Books of these days, both included: 10 TEU a day in the east, 5 in the west."""


def daily(first: date, last: date) -> Iterator[TerminalDay]:
    for n in range((last - first).days + 1):
        on = str(first + timedelta(n))
        yield day(on, box(10, 10), hour=8)
        yield day(on, box(5, 5), terminal="THW", hour=8)


@pytest.fixture(scope="module")
def books() -> PortBooks:
    found = PortBooks(BOOK, "tonghai")
    for one in daily(*YEARS):
        found.post(one)
    found.set_target(target())
    return found


def basis(books: PortBooks, moment: datetime, terminal: str = "") -> Basis | None:
    plan = books.year(2026).plan
    assert plan
    return bases.basis(books, plan, moment, terminal)


def test_the_day_of_the_newest_move_is_under_way_if_it_is_today(books: PortBooks) -> None:
    found = basis(books, at("2026-03-15 18:00"))

    # 2024 has 366 days; to 14 March 2026 there are 366 + 365 + 73; today, the 74th, is in `done`
    assert found
    assert (found.first, found.end, found.stop) == (
        date(2024, 1, 1),
        date(2026, 3, 15),
        date(2027, 1, 1),
    )
    assert found.days == (15.0,) * (366 + 365 + 73)
    assert (found.done, found.passed) == (74 * 15.0, 0.75)
    assert found.days_to_come(found.rest[0]) == 31 - 0.75


def test_days_after_the_newest_move_are_unknown_and_not_empty(books: PortBooks) -> None:
    found = basis(books, at("2026-03-20 18:00"))

    assert found
    assert (found.end, found.passed) == (date(2026, 3, 16), 0.0)
    assert (len(found.days), found.done) == (366 + 365 + 74, 74 * 15.0)


def test_a_terminal_has_days_of_its_own(books: PortBooks) -> None:
    found = basis(books, at("2026-03-20 18:00"), "THW")

    assert found
    assert set(found.days) == {5.0}
    assert found.done == 74 * 5.0


def test_a_january_waits_for_its_february() -> None:
    january = Basis(date(2024, 1, 1), (1.0,) * (366 + 365 + 31), date(2027, 1, 1), 31.0)

    assert january.months[-1].end == date(2026, 1, 1)
    assert january.rest[0].start == date(2026, 1, 1)
    # eleven months are to come; the first of the twelve is over
    assert [january.days_to_come(month) for month in january.rest[:2]] == [0.0, 28.0]
    assert sum(january.days_to_come(month) for month in january.rest) == 365 - 31


@pytest.mark.parametrize(
    ("first", "last", "gap", "enough"),
    [
        ((2024, 3, 1), (2026, 3, 15), "", True),
        ((2024, 4, 1), (2026, 3, 15), "", False),  # 23 whole months
        ((2023, 1, 1), (2026, 3, 15), "2024", False),
        ((2022, 1, 1), (2026, 3, 15), "2023", True),
        ((2023, 1, 1), (2026, 3, 15), "2025-0", False),  # 2025 begins in October
    ],
    ids=["two years", "less", "a year is missing", "one long ago is", "the books begin anew"],
)
def test_two_years_without_a_gap_are_asked_for(
    first: tuple[int, int, int], last: tuple[int, int, int], gap: str, enough: bool
) -> None:
    books = PortBooks(BOOK, "tonghai")
    for one in daily(date(*first), date(*last)):
        if not (gap and str(one.on).startswith(gap)):
            books.post(one)
    books.set_target(target())

    assert (basis(books, at("2026-03-16 00:00")) is not None) is enough


def test_no_forecast_is_made_before_or_after_the_period(books: PortBooks) -> None:
    assert basis(books, at("2025-12-31 23:59")) is None
    assert basis(books, at("2027-01-01 00:00")) is None


def test_the_plan_and_every_other_target_on_teu_ask_for_a_forecast(books: PortBooks) -> None:
    targets = TargetBook(BOOK, "tonghai")
    targets.post(target())
    targets.post(
        target(500, target="west", labels={"terminal": "THW"}, monthly=None, period="2026-H1")
    )
    targets.post(target(1, target="pace", measures="port_throughput_pace_ratio", monthly=None))

    plan, west = questions(books, targets, at("2026-03-20 18:00"))
    plan.answer(Outlook(900.0))
    west.answer(Outlook(800.0))

    assert plan.basis
    assert west.basis
    assert (west.basis.stop, west.basis.done) == (date(2026, 7, 1), 74 * 5.0)
    # the books have 74 × 15 = 1110 by now, and no forecast falls below that
    assert pacing.forecast(books.year(2026), at("2026-03-20 18:00")) == 1110.0
    states = targets.states((books,), at("2026-03-20 18:00"))
    (state,) = (state for state in states if state.target.target == "west")
    assert state.progress
    assert state.progress.forecast(at("2026-03-20 18:00")) == 800.0
    books.expect(2026, None)


def test_neither_forecast_nor_band_falls_below_what_there_is(books: PortBooks) -> None:
    moment = at("2026-03-20 18:00")
    books.expect(2026, Outlook(1000.0, (("0.80", "lower", 900.0), ("0.80", "upper", 2000.0))))

    found = pacing.forecast_bound(books.year(2026), moment)

    assert found == {("0.80", "lower"): 1110.0, ("0.80", "upper"): 2000.0}
    books.expect(2026, None)


def test_a_target_on_signings_asks_with_its_tier_day_by_day() -> None:
    zone, targets = Portfolio(BOOK, "haimen"), TargetBook(BOOK, "haimen")
    for n, (signed, yuan) in enumerate(
        (
            ("2024-01-02", 100_000_000),
            ("2025-06-01", 1_000_000_000),
            ("2026-03-01", 2_000_000_000),
            ("2026-03-01", 1_000_000_000),
            ("2026-03-02", 999_999_999),  # below the tier
            ("2026-03-15", 5_000_000_000),  # today
        )
    ):
        zone.post(project(f"P{n}", yuan, signed))
    fields = {"owner": "haimen", "measures": "project_signed_projects", "target": "signed"}
    targets.post(target(12, monthly=None, labels={"tier": "1bn"}, **fields))

    (question,) = questions(zone, targets, at("2026-03-15 12:00"))

    # from the first signing of all, 2 January 2024: 365 + 365 + 73 days to 14 March 2026
    found = question.basis
    assert found
    assert (found.first, found.end, found.passed) == (date(2024, 1, 2), date(2026, 3, 15), 0.5)
    assert (len(found.days), sum(found.days), max(found.days)) == (365 + 365 + 73, 3.0, 2.0)
    assert found.done == 3.0
    question.answer(Outlook(9.0))
    (state,) = targets.states((zone,), at("2026-03-15 12:00"))
    assert state.progress
    assert state.progress.forecast(at("2026-03-15 12:00")) == 9.0


def test_signings_of_less_than_two_years_ask_for_nothing() -> None:
    zone, targets = Portfolio(BOOK, "haimen"), TargetBook(BOOK, "haimen")
    zone.post(project("P1", signed="2025-03-01"))
    targets.post(
        target(
            12,
            owner="haimen",
            measures="project_signed_projects",
            monthly=None,
            labels={"tier": "100M"},
        )
    )

    (question,) = questions(zone, targets, at("2026-03-15 12:00"))

    assert question.basis is None
