"""Figures of a port of two terminals at a moment, gathered from books that are made here.

THE handles 330 TEU each day of 2026 and THW 165, all in the hour from 23:00;
today, on 26 November, it is the hour from 07:00.  So it is 495 a day, and 163,350 by then:
330 days since 1 January.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from contract.book import Book
from contract.events import TargetSet
from contract.settings import Settings
from contract.snapshots import Snapshot, TerminalDay
from kpis.past.all_owners import PastOfOwners
from reports.values import AlertSpan
from tests.unit.kpis.builders import BOOK, at, box, day
from tests.unit.reports.port_of_years import PLAN, days
from web.figures.site_figures import SiteFigures
from web.figures.site_gatherer import SiteGatherer

NOON = at("2026-11-26 12:00")
NO_WORKER = Settings(metrics_port=9, forecast_minutes=0)
"""Port 9 discards; nothing listens there, and no model is fitted."""


class FakeBooks:
    """Books that hold what they are given, and have as much news as a test says."""

    def __init__(self, book: Book, *held: Snapshot | TargetSet, news: int = 0) -> None:
        self.past = PastOfOwners(book)
        for one in held:
            self.past.take(one)
        self.news, self.closed = news, 0

    def read(self) -> int:
        return self.news

    def close(self) -> None:
        self.closed += 1


def morning(on: str = "2026-11-26") -> Iterator[TerminalDay]:
    yield day(on, box(100, 330.0), terminal="THE", hour=7)
    yield day(on, box(50, 165.0), terminal="THW", hour=7)


@cache
def books() -> tuple[Snapshot | TargetSet, ...]:
    """This year and this morning, with a plan of 440 TEU a day in November."""
    return (*days("2026-01-01", "2026-11-25"), *morning(), PLAN)


def gathered(
    *held: Snapshot | TargetSet,
    now: datetime = NOON,
    book: Book = BOOK,
    alerts: tuple[AlertSpan, ...] | None = None,
) -> SiteFigures:
    """The figures of a moment."""
    return SiteGatherer(NO_WORKER, book, FakeBooks(book, *held), lambda: now).gathered(alerts)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)
