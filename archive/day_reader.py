"""A reader of raw topics by day: each partition in its order, in bounded memory."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import date
from types import TracebackType
from typing import Any, NamedTuple, Self

from archive.filing import DAILY, FiledRecord, filed
from archive.manifest import OffsetSpan
from broker.connection import Connection, consuming
from broker.reader import TopicCursor
from contract.errors import StackError
from contract.record import ConsumerRecord
from contract.topics import Topic

FETCH_BYTES = 4 << 20  # of a partition at once; four partitions wait side by side
MOST_RECORDS = 50_000  # of a partition at once: a year that was loaded on one day has many more


class DayRecords(NamedTuple):
    """Records of a topic that are filed under one day, partition after partition.

    A day with very many records comes in several of these.
    """

    topic: str
    day: date
    records: list[ConsumerRecord]
    spans: dict[int, OffsetSpan]


class DayReader:
    """A connection that reads topics up to the ends that they have when each is asked for."""

    def __init__(self, connection: Connection, prefix: str = "") -> None:
        self._connection, self._prefix = connection, prefix
        self._open = AsyncExitStack()
        self._consumer: Any = None  # aiokafka has no types

    async def __aenter__(self) -> Self:
        self._consumer = await self._open.enter_async_context(
            consuming(self._connection, fetch_bytes=FETCH_BYTES)
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._open.aclose()

    async def days(
        self,
        topic: Topic,
        reached: Mapping[int, OffsetSpan],
        since_ms: int | None = None,
        *,
        monthly: bool | None = None,
    ) -> AsyncIterator[DayRecords]:
        """Yield the days of a topic, from where its spans end up to its end of now.

        `monthly` files the records by whole months; without it the topic decides (`DAILY`).

        `since_ms` lets a partition without a span begin at the first record sent since then.

        Raises:
            StackError: the topic is not there, or it ends before what was read of it already.
        """
        own = topic.under(self._prefix)
        cursor = await TopicCursor.opened(self._consumer, self._connection, own)
        first = dict(cursor.begin)
        end = await cursor.ends()
        if since_ms is not None:
            since = await cursor.first_since(since_ms)
            first = {n: end[n] if found is None else found for n, found in since.items()}
        if monthly is None:
            monthly = topic.name not in DAILY
        partitions = []
        for number in range(topic.partitions):
            span = reached.get(number)
            if span is not None and end[number] < span.end:
                raise StackError(
                    f"{own.name}, partition {number}, ends at offset {end[number]}, but was "
                    f"read up to {span.end} before: the topic is new; start a new archive, too"
                )
            begin = first[number] if span is None else span.end
            cursor.seek(number, begin)
            newest = 0 if span is None else span.newest
            partitions.append(_Partition(cursor, number, (begin, end[number]), newest, monthly))
        async for records in _by_day(topic.name, partitions):
            yield records


class _Partition:
    """One partition, read a fetch at a time."""

    def __init__(
        self,
        cursor: TopicCursor,
        number: int,
        bounds: tuple[int, int],
        newest: int,
        monthly: bool,
    ) -> None:
        self.number = number
        self._cursor, self._monthly = cursor, monthly
        (self._first, self._end), self._newest = bounds, newest
        self._fetched: list[FiledRecord] = []
        self._at = 0

    async def next_day(self) -> date | None:
        """Return the day of the next record; None at the partition's end."""
        while self._at == len(self._fetched):
            if self._cursor.next_offset(self.number) >= self._end:
                return None
            fetched = await self._cursor.fetch(self.number)
            records = [r for batch in fetched for r in batch if r.offset < self._end]
            self._fetched, self._at = list(filed(records, self._newest, monthly=self._monthly)), 0
            if records:
                self._newest = self._fetched[-1].newest
            elif fetched:
                return None
        return self._fetched[self._at].day

    async def take(self, day: date) -> tuple[list[ConsumerRecord], OffsetSpan | None]:
        """Return the next records of a day, and their span; None once there are no more."""
        taken: list[ConsumerRecord] = []
        newest = 0
        while len(taken) < MOST_RECORDS and await self.next_day() == day:
            while self._at < len(self._fetched) and self._fetched[self._at].day == day:
                _, record, newest = self._fetched[self._at]
                taken.append(record)
                self._at += 1
        if not taken:
            return taken, None
        first, self._first = self._first, taken[-1].offset + 1
        return taken, OffsetSpan(first, self._first, newest, len(taken))


async def _by_day(topic: str, partitions: list[_Partition]) -> AsyncIterator[DayRecords]:
    while True:
        days = [day for p in partitions if (day := await p.next_day()) is not None]
        if not days:
            return
        day = min(days)
        records: list[ConsumerRecord] = []
        spans: dict[int, OffsetSpan] = {}
        for partition in partitions:
            taken, span = await partition.take(day)
            if span is not None:
                records += taken
                spans[partition.number] = span
        yield DayRecords(topic, day, records, spans)
