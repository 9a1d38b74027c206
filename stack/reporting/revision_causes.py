"""The moves that came after an issue, read from the raw topic by the offsets that it keeps."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

import msgspec

from broker.connection import Connection, consuming
from broker.reader import FETCH_BYTES, TopicCursor
from contract.binary_mode import structured
from contract.book import Book
from contract.errors import Rejected
from contract.events import MoveEvent
from contract.record import ConsumerRecord
from contract.topics import MOVES
from contract.wire import decode_move
from kpis.model.calendar import day_start
from reports.issuing.move_causes import DayOfTerminal, MoveCauses
from reports.values import RevisionCause

Causes = Mapping[DayOfTerminal, Counter[RevisionCause]]


def revision_causes(
    connection: Connection, book: Book, issue_ends: Sequence[int], days: Collection[date]
) -> Causes:
    """Return why some days differ from an issue that read the moves up to these offsets.

    Records after the offsets are read, then those before them since the first of the days, which
    tell a late move from an amended one.  It returns {} if Kafka no longer has the records.

    Raises:
        StackError: there is no broker, or no such topic.
    """
    if not days:
        return {}
    return asyncio.run(_causes(connection, book, issue_ends, days))


async def _causes(
    connection: Connection, book: Book, issue_ends: Sequence[int], days: Collection[date]
) -> Causes:
    found = MoveCauses(book, days)
    async with consuming(connection, fetch_bytes=FETCH_BYTES) as consumer:
        cursor = await TopicCursor.opened(consumer, connection, MOVES)
        ends = await cursor.ends()
        old = dict(enumerate(issue_ends))
        if old.keys() != ends.keys() or any(
            not cursor.begin[number] <= at <= ends[number] for number, at in old.items()
        ):
            return {}
        for number, at in old.items():
            cursor.seek(number, at)
        async for records in cursor.rest():
            _take(records, found.take_newer)
        first = await cursor.first_since(round(day_start(min(days), book.tz) * 1000))
        for number, since in first.items():
            cursor.seek(number, old[number] if since is None else min(since, old[number]))
        async for records in cursor.rest():
            at = old[records[0].partition]
            _take([one for one in records if one.offset < at], found.take_before)
    return found.counts()


def _take(records: Sequence[ConsumerRecord], take: Callable[[MoveEvent], None]) -> None:
    for record in records:
        try:
            value = structured(record.value, record.headers)
            if value is not None:
                take(decode_move(value))
        except (Rejected, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue  # the worker rejects it too, so that no figure has it
