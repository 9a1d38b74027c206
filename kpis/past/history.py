"""History: the KPIs at each instant of the past, as a function of the books' snapshots.

Snapshots hold all that history needs: the classes and the 24 hourly sums of a day, project cards
with dated stages, figures by period.  They are posted in the order of the days and measured in
between.  The readings are those that a worker would have shown then, had it known what is known
now: corrections, targets and amounts count in their newest version.  The order in which snapshots
arrive makes no difference.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from contract.book import Book
from contract.errors import Rejected
from contract.events import TargetSet
from kpis.forecast.basis import Basis, Question, questions
from kpis.model.kpi import Labels, Reading, measure
from kpis.plan.progress import Outlook
from kpis.port.books import PortBooks
from kpis.target.target_book import TARGETS, OwnedTarget, TargetBook, TargetStatus
from kpis.target.target_progress import Measured

DAY = timedelta(1)
HELD_SECONDS = 300  # Prometheus looks back 5 minutes: a query finds a value at any instant
DAILY_SECONDS = 6 * 3600  # between samples of what moves once a day: boards bridge 26 hours
AFTERWARDS_SECONDS = 86_400  # how long history goes on to show the outcome of an ended period


class HistoryPoint(NamedTuple):
    """The readings that hold from an instant until the next point of the same subject.

    A point without readings ends the series of its subject.
    """

    at: float
    """Unix seconds."""
    subject: str
    readings: tuple[Reading, ...]
    step_seconds: int = HELD_SECONDS
    """Seconds between two samples of a value that is held."""


Forecaster = Callable[[Basis], Outlook | None]
"""Makes a forecast from its input."""


class InstantSpan(NamedTuple):
    """The first and last instant of history in Unix seconds, and the forecaster, if any."""

    since: float
    until: float
    forecaster: Forecaster | None = None


class TargetHistory:
    """An owner's targets, each from the start of its period to a day after its end."""

    def __init__(self, book: Book, owner: str, targets: Iterable[TargetSet]) -> None:
        self.book = TargetBook(book, owner)
        self._subject = f"{owner} targets"
        for target in targets:
            try:
                self.book.post(target)
            except Rejected:  # the worker rejects it, too, and logs why
                continue

    def questions(self, books: PortBooks, moment: datetime) -> Iterator[Question]:
        """Iterate over the forecasts that the owner's targets need."""
        yield from questions(books, self.book, moment)

    def point(self, at: float, moment: datetime, books: tuple[Measured, ...]) -> HistoryPoint:
        """Return the readings of the targets, measured on the owner's books."""
        readings = tuple(measure(CURRENT_TARGETS, OwnedTarget(self.book, books), moment))
        return HistoryPoint(at, self._subject, readings, DAILY_SECONDS)

    def end_point(self, at: float) -> HistoryPoint:
        """Return the point that ends the targets' series."""
        return HistoryPoint(at, self._subject, ())


def _current(owned: OwnedTarget, at: datetime) -> Iterator[tuple[Labels, TargetStatus]]:
    for labels, status in TARGETS.parts(owned, at):
        if status.plan.begins_at <= at.timestamp() <= status.plan.ends_at + AFTERWARDS_SECONDS:
            yield labels, status


CURRENT_TARGETS = replace(TARGETS, parts=_current)
