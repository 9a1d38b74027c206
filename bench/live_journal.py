"""The changelog that a worker writes for a year of events that arrive one at a time.

This module makes it in seconds.  Each event becomes a record of one fact.  When SLOTS such records
exist and one more fact arrives, the worker writes all of their facts as one merged record and
deletes the small ones.  Until Kafka compacts the changelog, a worker reads all of these records.
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

EVENTS_A_BATCH = 8192  # the ledger takes so many together, so that a year takes seconds
MOST_UNACKNOWLEDGED = 5000  # records that were sent and are not acknowledged yet


class Year(NamedTuple):
    """How much was written to the changelog."""

    facts: int
    """Facts that count; of an amended move only the last one."""
    records: int
    """Records of the changelog, tombstones included."""

    @property
    def left(self) -> int:
        """The most records that compaction leaves: merged ones, and those not yet merged."""
        return self.records // SLOTS + SLOTS * MOVES.partitions


class Raw(NamedTuple):
    """A record of the raw topic whose timestamp is the recorded time of its event."""

    offset: int
    timestamp: int
    value: bytes
    headers: Headers = ()
    key: bytes | None = None


def write_year(bootstrap: str, topic: str, book: Book, events: Iterable[RawEvent]) -> Year:
    """Write a changelog as if these events had arrived one at a time."""
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
    """Return the table of terminals and the facts that a ledger writes to its changelog."""
    places: tuple[BookedTerminal, ...] = ()
    parts: list[Facts] = []
    for start in range(0, len(raw), EVENTS_A_BATCH):
        for put in ledger.take(raw[start : start + EVENTS_A_BATCH]).puts:
            _, places, facts = unblob(put.key, put.value or b"")
            parts.append(facts)
    return places, np.concatenate(parts)


def one_by_one(places: tuple[BookedTerminal, ...], facts: Facts) -> Iterator[Put]:
    """Yield the puts of a worker whose facts arrive singly.

    Each put is acknowledged before the next fact arrives.
    """
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
        unacknowledged: list[asyncio.Future[Any]] = []
        for put in puts:
            sent = await client.send(topic, put.value, key=put.key, partition=partition)
            unacknowledged.append(sent)
            if len(unacknowledged) >= MOST_UNACKNOWLEDGED:
                await asyncio.gather(*unacknowledged)
                unacknowledged.clear()
        await asyncio.gather(*unacknowledged)
    finally:
        await client.stop()
