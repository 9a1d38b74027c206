"""The truth, by brute force: plain dicts over the topic, far from the ledger."""

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
"""Source and id."""
Newest = tuple[datetime, Key, int]
"""When an event was last recorded, where it counts and the hundredths of a TEU then."""


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
    count = Count()
    async for value in _values(bootstrap):
        count.take(value)
    return count.truth()


class Count:
    """Events counted in each of the three ways, as they come."""

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
        if name not in newest or record[0] > newest[name][0]:  # a tie stays with the earlier one
            newest[name] = record

    def truth(self) -> Truth:
        """What they come to."""
        return Truth(
            self._events,
            self._bytes,
            self._repeats,
            {text(key): teu for key, teu in (+self._every).items()},
            {text(key): teu for key, teu in (+self._first).items()},
            _books(one for name, one in self._newest.items() if name not in self._retracted),
        )


def _books(standing: Iterable[Newest]) -> dict[tuple[str, str], int]:
    books = Counter[tuple[str, str]]()
    for _, (terminal, day), teu in standing:
        books[terminal, str((date(1970, 1, 1) + timedelta(days=day)).year)] += teu
    return dict(+books)  # who handled nothing has no series


async def _values(bootstrap: str) -> AsyncIterator[bytes]:
    """Yield every value of the topic, in order within its partition."""
    async for records in read_to_end(Connection(bootstrap), MOVES):
        for record in records:
            yield record.value or b""
