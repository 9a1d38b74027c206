"""Data files in this package: the zone's projects and its published figures."""

from collections.abc import Iterator
from datetime import date
from importlib.resources import files

import structlog

from contract.book import Book
from contract.events import RawEvent
from producers.csv import indicators, projects
from producers.reading.outcome import Accepted, File, Outcomes, ReadingTerms, Refused

RECORD_ENDS = date(2020, 6, 30)
"""The last day that the file of projects covers."""
ZONE_BOOK = "zone_book.csv"
ZONE_FIGURES = "zone_figures.csv"
WRITTEN_AT = 1_593_446_400.0  # 30 June 2020; each row has its own recording date

log = structlog.get_logger(__name__)


def zone_book(book: Book) -> Iterator[RawEvent]:
    """Yield the events of the zone's projects up to `RECORD_ENDS`."""
    with (files("producers") / "data" / ZONE_BOOK).open("rb") as stream:
        yield from _events(projects.read(File(ZONE_BOOK, stream, WRITTEN_AT), ReadingTerms(book)))


def zone_figures(book: Book) -> Iterator[RawEvent]:
    """Yield the events of the zone's published figures."""
    with (files("producers") / "data" / ZONE_FIGURES).open("rb") as stream:
        yield from _events(
            indicators.read(File(ZONE_FIGURES, stream, WRITTEN_AT), ReadingTerms(book))
        )


def _events(outcomes: Outcomes) -> Iterator[RawEvent]:
    """Yield the events; a row whose words quaymark.toml lacks is logged and left out."""
    for outcome in outcomes:
        if isinstance(outcome, Accepted):
            yield outcome.event
        elif isinstance(outcome, Refused):
            log.warning("shipped.row_refused", at=outcome.at, why=outcome.message)
