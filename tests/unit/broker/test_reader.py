"""A cursor over a topic, on a consumer that hands out more than there was when it was asked."""

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest
from aiokafka import TopicPartition

from broker.connection import Connection
from broker.reader import TopicCursor
from contract.errors import StackError
from contract.topics import REJECTED

NOWHERE = Connection("nowhere:1")
ONLY = TopicPartition(REJECTED.name, 0)


class Fetched(NamedTuple):
    offset: int
    partition: int = 0


class Consumer:
    """Holds records of one partition by their offsets, and hands out all there are at once."""

    def __init__(self, offsets: Iterable[int], end: int) -> None:
        self.offsets, self.end = list(offsets), end
        self._position = 0

    async def topics(self) -> set[str]:
        return {REJECTED.name}

    def assign(self, partitions: list[TopicPartition]) -> None:
        assert partitions == [ONLY]

    async def beginning_offsets(self, _: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {ONLY: min(self.offsets)}

    async def end_offsets(self, _: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {ONLY: self.end}

    def seek(self, _: TopicPartition, offset: int) -> None:
        self._position = offset

    async def position(self, _: TopicPartition) -> int:
        return self._position

    async def getmany(self, *_: TopicPartition, timeout_ms: int) -> dict[Any, list[Fetched]]:
        found = [Fetched(offset) for offset in self.offsets if offset >= self._position]
        self._position = max(self.offsets) + 1
        return {ONLY: found} if found else {}


def offsets_of_calls(consumer: Any, *ends: int) -> list[list[int]]:
    """The offsets that each call of `rest` gives, the topic ending there at the time."""

    async def go() -> list[list[int]]:
        cursor = await TopicCursor.opened(consumer, NOWHERE, REJECTED)
        calls = []
        for end in ends:
            consumer.end = end
            calls.append([one.offset async for records in cursor.rest() for one in records])
        return calls

    return asyncio.run(go())


def test_records_that_come_while_a_topic_is_read_are_left_for_the_next_call() -> None:
    consumer = Consumer(range(3, 9), end=6)

    assert offsets_of_calls(consumer, 6, 9, 9) == [[3, 4, 5], [6, 7, 8], []]


def test_a_compacted_record_before_the_end_is_not_waited_for() -> None:
    # offsets 3 and 5 are left; 4 and 6 were compacted away, and 7 is the end of what is asked for
    consumer = Consumer([3, 5, 8], end=7)

    assert offsets_of_calls(consumer, 7, 9) == [[3, 5], [8]]


def test_a_topic_that_is_not_there_is_said_and_not_waited_for() -> None:
    class NoTopics(Consumer):
        async def topics(self) -> set[str]:
            return set()

    with pytest.raises(
        StackError, match=r"nowhere:1 has no topic port\.rejected: make it with `quaymark topics`"
    ):
        offsets_of_calls(NoTopics([0], end=1), 1)
