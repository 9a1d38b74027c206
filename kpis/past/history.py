"""History: what the books show at each instant of the past, as a function of their snapshots.

Snapshots hold all that is needed: a day's classes and its 24 hourly sums, cards with dated stages,
figures by period.  Posted in the order of the days and measured in between, they give what a
worker would have shown at those instants, had it known what is known now: corrections, targets
and amounts count as they stand, not as they stood.  Order of arrival can make no difference.
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
AFTERWARDS_SECONDS = 86_400  # how long the outcome of what is over is told


class HistoryPoint(NamedTuple):
    """What stands from an instant on, until the next telling `of` the same; nothing if empty."""

    at: float
    """Unix seconds."""
    of: str
    readings: tuple[Reading, ...]
    every: int = HELD_SECONDS
    """Seconds between two samples of a value that is held."""


Forecaster = Callable[[Basis], Outlook | None]
"""Makes a forecast of what a basis says."""


class InstantSpan(NamedTuple):
    """From when to when history is told, Unix seconds, both included; who forecasts, if any."""

    since: float
    until: float
    forecaster: Forecaster | None = None


class TargetHistory:
    """An owner's targets, each told from the start of its period to a day after its end."""

    def __init__(self, book: Book, owner: str, targets: Iterable[TargetSet]) -> None:
        self._book = TargetBook(book, owner)
        self._of = f"{owner} targets"
        for target in targets:
            try:
                self._book.post(target)
            except Rejected:  # the worker refuses it, too, and says so
                continue

    def questions(self, books: PortBooks, moment: datetime) -> Iterator[Question]:
        """The forecasts that the owner's targets ask for."""
        yield from questions(books, self._book, moment)

    def tell(self, at: float, moment: datetime, books: tuple[Measured, ...]) -> HistoryPoint:
        """How the targets stand on the owner's books."""
        readings = tuple(measure(_CURRENT, OwnedTarget(self._book, books), moment))
        return HistoryPoint(at, self._of, readings, DAILY_SECONDS)

    def end(self, at: float) -> HistoryPoint:
        """No more is told of them."""
        return HistoryPoint(at, self._of, ())


def _current(owned: OwnedTarget, at: datetime) -> Iterator[tuple[Labels, TargetStatus]]:
    for labels, aim in TARGETS.parts(owned, at):
        if aim.plan.begins_at <= at.timestamp() <= aim.plan.ends_at + AFTERWARDS_SECONDS:
            yield labels, aim


_CURRENT = replace(TARGETS, parts=_current)
