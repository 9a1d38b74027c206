"""As of when KPIs are measured: now for the live books, the newest event that stands for a run."""

from collections.abc import Collection
from datetime import UTC, datetime

from contract.snapshots import TerminalDay
from kpis.port.books import PortBooks
from kpis.target.target_progress import Measured
from kpis.zone.indicators import IndicatorBook
from kpis.zone.portfolio import Portfolio
from streams.clocks import BookClock
from tests.unit.kpis.builders import BOOK, at, box, day, indicator, project

NOW = datetime(2026, 11, 25, tzinfo=UTC)
LIVE, RUN = BookClock(lambda: NOW, run=""), BookClock(lambda: NOW, run="y2019")


def port(*days: TerminalDay) -> PortBooks:
    books = PortBooks(BOOK, "tonghai")
    for one in days:
        books.post(one)
    return books


def zone() -> tuple[Portfolio, IndicatorBook]:
    """Signed in May 2018; 2018 was over on 1 January 2019."""
    portfolio, figures = Portfolio(BOOK, "haimen"), IndicatorBook(BOOK, "haimen")
    portfolio.post(
        project("cruise", signed="2018-05-16", milestones=[("hall", "2020-09-30", None)])
    )
    figures.post(indicator("2018", "7"))
    return portfolio, figures


def test_the_live_books_are_read_as_of_now_whatever_is_in_them() -> None:
    assert LIVE((port(day("2019-06-30", box(1, 1.0), hour=8)),)) == NOW
    assert LIVE(()) == NOW


def test_a_run_is_read_as_of_its_newest_move_over_the_quay_in_any_year() -> None:
    """A day's newest move is of half past its hour (`day`); a gate move is none over the quay."""
    moves = port(
        day("2019-06-30", box(1, 1.0), hour=8),
        day("2018-12-31", box(1, 1.0), hour=23),
        day("2019-07-02", box(1, 0.0, move="GTIN"), hour=5),
    )

    assert RUN((moves, *zone())) == at("2019-06-30 08:30")


def test_a_runs_clock_goes_by_what_stands_so_that_a_restart_does_not_change_it() -> None:
    newer = day("2019-07-01", box(1, 1.0), hour=8)
    emptied = day("2019-07-01", offset=2, hour=8)

    assert RUN((port(day("2019-06-30", box(1, 1.0)), newer, emptied),)) == at("2019-06-30 00:30")


def test_a_run_without_moves_goes_by_projects_then_by_figures_else_by_nothing() -> None:
    portfolio, figures = zone()
    found: list[Collection[Measured]] = [(port(), portfolio, figures), (figures,), (port(),), ()]

    assert [RUN(books) for books in found] == [
        at("2018-05-16 00:00"),  # a milestone that is only due is no event
        at("2019-01-01 00:00"),
        None,
        None,
    ]
