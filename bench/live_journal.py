"""A year's changelog as a worker leaves it whose events came one at a time, without the year.

Each event is a record of one fact; SLOTS of them and the next one are written again as one, and
then deleted.  Until Kafka compacts it, all of that is there to be read.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from broker.connection import Connection, producer
from contract.binary_mode import Headers
from contract.book import Book
from contract.events import RawEvent
from contract.record import Record
from contract.topics import MOVES
from contract.wire import encode, epoch_ms, event_key, partition_of
from ledger.facts import Facts
from ledger.journal import SLOTS, BookedTerminal, Put, blob, unblob
from ledger.move_ledger import MoveLedger

AT_ONCE = 8192  # events judged together: a year of them then takes seconds
UNDER_WAY = 5000  # records sent and not yet acknowledged


class Year(NamedTuple):
    """What was written."""

    facts: int
    """That stand: of a move that was amended the last one."""
    records: int
    """Of the changelog; a deletion is one, too."""

    @property
    def left(self) -> int:
        """How many compaction leaves at most: the merged ones, and those not merged yet."""
        return self.records // SLOTS + SLOTS * MOVES.partitions


class Raw(NamedTuple):
    """A record of the raw topic, received at the moment at which it was recorded."""

    offset: int
    timestamp: int
    value: bytes
    headers: Headers = ()
    key: bytes | None = None


def write_year(bootstrap: str, topic: str, book: Book, events: Iterable[RawEvent]) -> Year:
    """Write a changelog that holds these events, one a record."""
    streams: defaultdict[int, list[Raw]] = defaultdict(list)
    for event in events:
        raw = streams[partition_of(event_key(event), MOVES.partitions)]
        raw.append(Raw(len(raw), epoch_ms(event.recordedtime), encode(event)))
    facts = records = 0
    for partition, raw in sorted(streams.items()):
        ledger = MoveLedger(partition, book)
        puts = list(one_by_one(*booked(ledger, raw)))
        asyncio.run(_send(bootstrap, topic, partition, puts))
        facts, records = facts + ledger.facts, records + len(puts)
    return Year(facts, records)


def booked(ledger: MoveLedger, raw: Sequence[Record]) -> tuple[tuple[BookedTerminal, ...], Facts]:
    """The facts that a ledger writes to its changelog, and the table of their places."""
    places: tuple[BookedTerminal, ...] = ()
    parts: list[Facts] = []
    for start in range(0, len(raw), AT_ONCE):
        for put in ledger.take(raw[start : start + AT_ONCE]).puts:
            _, places, facts = unblob(put.key, put.value or b"")
            parts.append(facts)
    return places, np.concatenate(parts)


def one_by_one(places: tuple[BookedTerminal, ...], facts: Facts) -> Iterator[Put]:
    """What a worker writes of facts that come singly, each put acknowledged before the next."""
    for start in range(0, len(facts), SLOTS + 1):
        some = facts[start : start + SLOTS + 1]
        small = [blob(0, places, some[n : n + 1]) for n in range(min(len(some), SLOTS))]
        yield from small
        if len(some) > SLOTS:
            keys = tuple(put.key for put in small)
            yield blob(1, places, some, keys)
            yield from (Put(key, None) for key in keys)


async def _send(bootstrap: str, topic: str, partition: int, puts: Iterable[Put]) -> None:
    client = producer(
        Connection(bootstrap), enable_idempotence=True, linger_ms=20, max_batch_size=1 << 18
    )
    await client.start()
    try:
        under_way: list[asyncio.Future[Any]] = []
        for put in puts:
            sent = await client.send(topic, put.value, key=put.key, partition=partition)
            under_way.append(sent)
            if len(under_way) >= UNDER_WAY:
                await asyncio.gather(*under_way)
                under_way.clear()
        await asyncio.gather(*under_way)
    finally:
        await client.stop()
