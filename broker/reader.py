"""A topic read to its end: by a cursor over its partitions, or whole in one call."""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition

from broker.authorizations import absence
from broker.connection import Connection, consuming, kafka_errors
from contract.record import ConsumerRecord
from contract.topics import Topic

__all__ = ["TopicCursor", "TopicReading", "read_to_end"]

FETCH_BYTES = 8 << 20  # of a partition at once: a year is a few dozen fetches
WAIT_MS = 500  # for records; a fetch that brings none moves on past what was aborted

T = TypeVar("T")


async def read_to_end(
    connection: Connection, topic: Topic
) -> AsyncIterator[Sequence[ConsumerRecord]]:
    """Yield the records that a topic holds now, fetch by fetch, each partition in its order.

    Raises:
        StackError: no broker can be reached, or it has no such topic.
    """
    async with consuming(connection, fetch_bytes=FETCH_BYTES) as consumer:
        cursor = await TopicCursor.opened(consumer, connection, topic)
        async for records in cursor.rest():
            yield records


class TopicCursor:
    """Where a consumer stands in the partitions of one topic; belongs to no group.

    A partition is named by its number.  Every method raises a StackError when Kafka fails.
    """

    def __init__(self, consumer: AIOKafkaConsumer, connection: Connection, topic: Topic) -> None:
        self._consumer, self._connection, self._topic = consumer, connection, topic
        self._partitions: dict[int, TopicPartition] = {}
        self._next: dict[int, int] = {}
        """Partition -> offset of the next record to be handed out."""
        self.begin: Mapping[int, int] = {}
        """Partition -> offset of the first record that Kafka still keeps."""

    @classmethod
    async def opened(
        cls,
        consumer: AIOKafkaConsumer,
        connection: Connection,
        topic: Topic,
        numbers: Collection[int] | None = None,
    ) -> "TopicCursor":
        """Let a consumer read these partitions of a topic, or all, from their beginning.

        Raises:
            StackError: the broker has no such topic; aiokafka would wait for it for ever.
        """
        cursor = cls(consumer, connection, topic)
        await cursor._open(range(topic.partitions) if numbers is None else numbers)
        return cursor

    async def ends(self) -> dict[int, int]:
        """Return partition -> offset behind its last committed record."""
        found = await self._asked(self._consumer.end_offsets(list(self._partitions.values())))
        return {at.partition: offset for at, offset in found.items()}

    async def first_since(self, sent_ms: int) -> dict[int, int | None]:
        """Return partition -> offset of the first record sent since then; None if there is none.

        `sent_ms` is in milliseconds since 1970.
        """
        asked = dict.fromkeys(self._partitions.values(), sent_ms)
        found = await self._asked(self._consumer.offsets_for_times(asked))
        return {
            at.partition: None if first is None else int(first.offset)
            for at, first in found.items()
        }

    def seek(self, number: int, offset: int) -> None:
        """Go on from an offset of a partition."""
        self._consumer.seek(self._partitions[number], offset)
        self._next[number] = offset

    def next_offset(self, number: int) -> int:
        """Return the offset of the next record of a partition to be handed out."""
        return self._next[number]

    async def left(self) -> int:
        """Return how many offsets lie between the last record handed out and the end of now."""
        ends = await self.ends()
        return sum(end - self.next_offset(number) for number, end in ends.items())

    async def fetch(self, *numbers: int) -> list[list[ConsumerRecord]]:
        """Return what comes next of these partitions, or of all: a list for each that has any."""
        some = [self._partitions[number] for number in numbers or self._partitions]
        found = await self._asked(self._consumer.getmany(*some, timeout_ms=WAIT_MS))
        for at in some:
            self._next[at.partition] = await self._asked(self._consumer.position(at))
        return list(found.values())

    async def rest(self) -> AsyncIterator[list[ConsumerRecord]]:
        """Yield the records from where the cursor stands to the ends of now, fetch by fetch."""
        ends = await self.ends()
        while unread := [number for number, end in ends.items() if self._next[number] < end]:
            for records in await self.fetch(*unread):
                end = ends[records[0].partition]
                if records[-1].offset >= end:  # it came after `ends`: left for the next call
                    self.seek(records[0].partition, end)
                    records = [record for record in records if record.offset < end]
                if records:
                    yield records

    async def _open(self, numbers: Collection[int]) -> None:
        name = self._topic.name
        if name not in await self._asked(self._consumer.topics()):
            raise await absence(self._connection, name)
        self._partitions = {number: TopicPartition(name, number) for number in numbers}
        partitions = list(self._partitions.values())
        self._consumer.assign(partitions)
        begin = await self._asked(self._consumer.beginning_offsets(partitions))
        self.begin = {at.partition: offset for at, offset in begin.items()}
        for number, offset in self.begin.items():
            self.seek(number, offset)

    async def _asked(self, asked: Coroutine[Any, Any, T]) -> T:
        with kafka_errors(self._connection, self._topic.name):
            return await asked


class TopicReading:
    """The records of a topic for callers without an event loop; belongs to no group."""

    def __init__(self, connection: Connection, topic: Topic) -> None:
        self._connection, self._topic = connection, topic
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()

    def __enter__(self) -> "TopicReading":
        """Connect.

        Raises:
            StackError: no broker can be reached, or it has no such topic.
        """
        self._runner.__enter__()
        try:
            self._cursor = self._runner.run(self._started())
        except BaseException:
            self._runner.run(self._open.aclose())
            self._runner.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Disconnect."""
        self._runner.run(self._open.aclose())
        self._runner.close()

    def left(self) -> int:
        """Return how many offsets lie between the last record handed out and the end of now."""
        return self._runner.run(self._cursor.left())

    def ends(self) -> dict[int, int]:
        """Return partition -> offset behind its last committed record."""
        return self._runner.run(self._cursor.ends())

    def rest(self) -> Iterator[Sequence[ConsumerRecord]]:
        """Yield the records that are there now and were not handed out yet, fetch by fetch."""
        rest = self._cursor.rest()

        async def following() -> Sequence[ConsumerRecord] | None:
            return await anext(rest, None)

        while (records := self._runner.run(following())) is not None:
            yield records

    async def _started(self) -> TopicCursor:
        consumer = await self._open.enter_async_context(
            consuming(self._connection, fetch_bytes=FETCH_BYTES)
        )
        return await TopicCursor.opened(consumer, self._connection, self._topic)
