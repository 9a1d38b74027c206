"""The past of the books, read from the snapshot topics of the live books or of a run."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from broker.connection import Connection
from broker.reader import TopicReading
from contract.binary_mode import structured
from contract.book import Book
from contract.errors import Rejected
from contract.record import ConsumerRecord
from contract.settings import run_prefix
from contract.snapshots import PastReading
from contract.target_changes import target_set
from contract.topics import INDICATOR_VALUES, PROJECT_CARDS, TARGETS, TERMINAL_DAYS, Topic
from contract.wire import decode_snapshot
from kpis.model.calendar import day_start
from kpis.past.all_owners import PastOfOwners
from kpis.past.history import HistoryPoint

TOPICS_OF_PAST = (TERMINAL_DAYS, PROJECT_CARDS, INDICATOR_VALUES, TARGETS)
"""The topics that hold all snapshots and targets."""


def read_past(connection: Connection, book: Book, run: str = "") -> PastOfOwners:
    """Read all snapshots and targets that the topics hold now.

    Raises:
        StackError: there is no broker, or a topic is missing.
    """
    past = PastOfOwners(book)
    for topic in TOPICS_OF_PAST:
        with TopicReading(connection, topic.under(run_prefix(run))) as reading:
            for batch in reading.rest():
                take_records(past, topic, batch)
    return past


def take_records(past: PastOfOwners, topic: Topic, records: Iterable[ConsumerRecord]) -> None:
    """Take records of one of the topics of the past; what the worker rejects is left out."""
    for record in records:
        try:
            value = structured(record.value, record.headers)
            if value is None:
                continue
            if topic is TARGETS:
                past.take(target_set(value, record.timestamp))
            else:
                past.take(decode_snapshot(value))
        except Rejected:  # the worker rejects it too, and reports it
            continue


def daily_readings(points: Iterable[HistoryPoint], book: Book) -> Iterator[PastReading]:
    """Yield the readings at the end of each day, out of some points of history."""
    for one in points:
        at = datetime.fromtimestamp(one.at, UTC)
        on = at.astimezone(book.tz).date()
        if one.at != day_start(on, book.tz):
            continue
        for reading in one.readings:
            yield PastReading(
                owner=reading.labels[0],
                series=str(reading.kpi.series),
                labels=reading.labelled,
                on=on - timedelta(1),
                at=at,
                value=reading.value,
            )
