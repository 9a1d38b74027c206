"""The sums that each system must find, counted with plain dicts and without the ledger's code."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, timedelta

from msgspec import Struct

from bench import counting
from bench.counting import Key, text
from broker.connection import Connection
from broker.reader import read_to_end
from contract.events import ContainerMoved
from contract.topics import MOVES
from contract.wire import decode_move

Name = tuple[str, str]
"""Source and id of an event."""
Newest = tuple[datetime, Key, int]
"""The newest version of an event: its recorded time, its key, its hundredths of a TEU."""


class Truth(Struct, frozen=True):
    """What a topic holds, and the correct sum of each kind of counting in hundredths of a TEU."""

    events: int
    value_bytes: int
    repeats: int
    """Moves that repeat an earlier source and id: duplicates and amendments."""
    every_event: dict[str, int]
    """`terminal|day` -> sum of all moves, duplicates included, as the limit counts."""
    first_of_id: dict[str, int]
    """`terminal|day` -> sum of the first record of each id, as the peers count."""
    books: dict[tuple[str, str], int]
    """(terminal, year) -> sum after amendments and retractions, as the worker counts."""


def recount(bootstrap: str) -> Truth:
    """Read the whole topic and count it in all three ways."""
    return asyncio.run(_recount(bootstrap))


async def _recount(bootstrap: str) -> Truth:
    count = Count()
    async for value in _values(bootstrap):
        count.take(value)
    return count.truth()


class Count:
    """A count of events in all three ways, one event after another."""

    def __init__(self) -> None:
        self._every, self._first = Counter[Key](), Counter[Key]()
        self._newest: dict[Name, Newest] = {}
        self._retracted: set[Name] = set()
        self._events = self._bytes = self._repeats = 0

    def take(self, value: bytes) -> None:
        """Count one event."""
        event = decode_move(value)
        self._events += 1
        self._bytes += len(value)
        if not isinstance(event, ContainerMoved):
            self._retracted.add((event.source, event.data.retractedEventID))
            return
        name, newest = (event.source, event.id), self._newest
        record = event.recordedtime, counting.key(event), counting.hundredths(event)
        self._every[record[1]] += record[2]
        if name in newest:
            self._repeats += 1
        else:
            self._first[record[1]] += record[2]
        if (
            name not in newest or record[0] > newest[name][0]
        ):  # of two with one time, the first counts
            newest[name] = record

    def truth(self) -> Truth:
        """Return the sums of the events so far."""
        return Truth(
            self._events,
            self._bytes,
            self._repeats,
            {text(key): teu for key, teu in (+self._every).items()},
            {text(key): teu for key, teu in (+self._first).items()},
            _books(one for name, one in self._newest.items() if name not in self._retracted),
        )


def _books(counted: Iterable[Newest]) -> dict[tuple[str, str], int]:
    books = Counter[tuple[str, str]]()
    for _, (terminal, day), teu in counted:
        books[terminal, str((date(1970, 1, 1) + timedelta(days=day)).year)] += teu
    return dict(+books)  # a terminal that handled nothing has no series


async def _values(bootstrap: str) -> AsyncIterator[bytes]:
    """Yield every value of the topic, in order within its partition."""
    async for records in read_to_end(Connection(bootstrap), MOVES):
        for record in records:
            yield record.value or b""
