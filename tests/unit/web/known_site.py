"""Figures of a port of two terminals at a moment, gathered from books that are made here.

THE handles 330 TEU each day of 2026 and THW 165, 300 and 150 in 2025, all in the hour from 23:00;
today, on 26 November, it is the hour from 07:00.  So it is 495 a day, and 163,350 by then:
330 days since 1 January.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from contract.book import Book
from contract.events import TargetSet
from contract.settings import Settings
from contract.snapshots import Snapshot, TerminalDay
from kpis.past.all_owners import PastOfOwners
from reports.values import AlertSpan
from tests.unit.kpis.builders import BOOK, at, box, day
from tests.unit.reports.port_of_years import PLAN, two_years
from web.figures.site_figures import SiteFigures
from web.figures.site_gatherer import SiteGatherer

NOON = at("2026-11-26 12:00")
NO_WORKER = Settings(metrics_port=9, forecast_minutes=0)
"""Port 9 discards; nothing listens there, and no model is fitted."""


class FakeBooks:
    """Books that hold what they are given."""

    def __init__(self, book: Book, *held: Snapshot | TargetSet) -> None:
        self.past = PastOfOwners(book)
        self.coming = list(held)
        self.closed = 0

    def read(self) -> int:
        count = len(self.coming)
        for one in self.coming:
            self.past.take(one)
        self.coming = []
        return count

    def close(self) -> None:
        self.closed += 1


def morning(on: str = "2026-11-26") -> Iterator[TerminalDay]:
    yield day(on, box(100, 330.0), terminal="THE", hour=7)
    yield day(on, box(50, 165.0), terminal="THW", hour=7)


def books() -> tuple[Snapshot | TargetSet, ...]:
    """Two years and this morning, with a plan of 440 TEU a day in November."""
    return (*two_years(), *morning(), PLAN)


def gathered(
    *held: Snapshot | TargetSet,
    now: datetime = NOON,
    book: Book = BOOK,
    alerts: tuple[AlertSpan, ...] | None = None,
) -> SiteFigures:
    """The figures of a moment; gathered twice, since what was just read may still be filling."""
    gatherer = SiteGatherer(NO_WORKER, book, FakeBooks(book, *held), lambda: now)
    gatherer.gathered(alerts)
    return gatherer.gathered(alerts)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)
