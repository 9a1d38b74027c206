"""The truth, by brute force: plain dicts over the topic itself, no line shared with the ledger."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime

import aiokafka
from msgspec import Struct

from bench import counting
from contract.events import ContainerMoved
from contract.topics import MOVES
from contract.wire import decode_move

Name = tuple[str, str]
"""Source and id."""
Newest = tuple[datetime, str, int]
"""When an event was last recorded, and its `terminal|day` and TEU then."""


class Truth(Struct, frozen=True):
    """What a topic holds and what each kind of counting must come to, in hundredths of a TEU."""

    events: int
    value_bytes: int
    repeats: int
    """Moves whose source and id came before: copies and amendments."""
    every_event: dict[str, int]
    """`terminal|day` -> sum of all moves as they come: the limit's."""
    first_of_id: dict[str, int]
    """`terminal|day` -> sum of the first record of each id: the peers'."""
    books: dict[tuple[str, str], int]
    """(terminal, year) -> sum with amendments and retractions: the worker's."""


def recount(bootstrap: str) -> Truth:
    """Read the whole topic and count it in each of the three ways."""
    return asyncio.run(_recount(bootstrap))


async def _recount(bootstrap: str) -> Truth:
    every, first = Counter[str](), Counter[str]()
    newest: dict[Name, Newest] = {}
    retracted: set[Name] = set()
    events = value_bytes = repeats = 0
    async for value in _values(bootstrap):
        event = decode_move(value)
        events += 1
        value_bytes += len(value)
        if not isinstance(event, ContainerMoved):
            retracted.add((event.source, event.data.retractedEventID))
            continue
        name = event.source, event.id
        record = event.recordedtime, counting.key(event), counting.hundredths(event)
        every[record[1]] += record[2]
        if name in newest:
            repeats += 1
        else:
            first[record[1]] += record[2]
        if name not in newest or record[0] > newest[name][0]:  # a tie stays with the earlier one
            newest[name] = record
    return Truth(
        events,
        value_bytes,
        repeats,
        dict(+every),
        dict(+first),
        _books(record for name, record in newest.items() if name not in retracted),
    )


def _books(standing: Iterable[Newest]) -> dict[tuple[str, str], int]:
    books = Counter[tuple[str, str]]()
    for _, key, teu in standing:
        terminal, day = key.split(counting.SEPARATOR)
        books[terminal, str(date.fromordinal(counting.EPOCH + int(day)).year)] += teu
    return dict(books)


async def _values(bootstrap: str) -> AsyncIterator[bytes]:
    """Every value of the topic, in order within its partition."""
    consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [aiokafka.TopicPartition(MOVES.name, at) for at in range(MOVES.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        left = sum((await consumer.end_offsets(partitions)).values())
        while left > 0:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    yield record.value
                left -= len(records)
    finally:
        await consumer.stop()
