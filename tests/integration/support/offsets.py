"""Committed offsets, topic offsets, keys and group members, as the broker reports them."""

import asyncio
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from broker.admin import partitions
from broker.connection import Connection
from contract.topics import MOVES
from tests.integration.support.workers import until

GROUP = "quaymark"


def committed(bootstrap: str, topic: str = MOVES.name) -> dict[int, int]:
    """Partition -> the committed offset, from which the group continues."""

    async def ask() -> dict[int, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            found = await admin.list_consumer_group_offsets(GROUP)
        finally:
            await admin.close()
        return {at.partition: said.offset for at, said in found.items() if at.topic == topic}

    return asyncio.run(ask())


def commit_past_the_ends(bootstrap: str, past: int = 0, topic: str = MOVES.name) -> None:
    """Move the group's offsets to the ends of a topic, or `past` records beyond them.

    An operator's mistaken offset reset has this effect.  Auto-commit is off, because the commit
    that a consumer makes as it stops would restore the positions with which it began.
    """
    until("the group has no member left", lambda: members(bootstrap, GROUP) == 0)
    numbers = partitions(Connection(bootstrap))[topic]

    async def go() -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, group_id=GROUP, enable_auto_commit=False
        )
        await consumer.start()
        try:
            at = [TopicPartition(topic, number) for number in range(numbers)]
            consumer.assign(at)
            ends = await consumer.end_offsets(at)
            await consumer.commit({one: end + past for one, end in ends.items()})
        finally:
            await consumer.stop()

    asyncio.run(go())


def ends(bootstrap: str, topic: str = MOVES.name) -> dict[int, int]:
    """Partition -> the offset of the next record; partitions without a record are left out."""
    return {partition: end for partition, (_, end) in spans(bootstrap, topic).items() if end}


def spans(bootstrap: str, topic: str) -> dict[int, tuple[int, int]]:
    """Partition -> the offsets of its first record and of the next record to come."""

    numbers = partitions(Connection(bootstrap))[topic]

    async def ask() -> dict[int, tuple[int, int]]:
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
        await consumer.start()
        try:
            at = [TopicPartition(topic, number) for number in range(numbers)]
            begins = await consumer.beginning_offsets(at)
            ends = await consumer.end_offsets(at)
            return {one.partition: (begins[one], ends[one]) for one in at}
        finally:
            await consumer.stop()

    return asyncio.run(ask())


class Key(NamedTuple):
    """A key of a compacted topic."""

    partition: int
    key: bytes


def records(bootstrap: str, topic: str) -> int:
    """Return how many records a topic holds: fewer than its offsets once it is compacted."""
    return len(_keys(bootstrap, topic))


def kept(bootstrap: str, topic: str) -> set[Key]:
    """Return the keys of all records that a topic holds, tombstones included."""
    return set(_keys(bootstrap, topic))


def _keys(bootstrap: str, topic: str) -> list[Key]:
    at_hand = spans(bootstrap, topic)

    async def read() -> list[Key]:
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
        await consumer.start()
        try:
            at = [TopicPartition(topic, number) for number in at_hand]
            consumer.assign(at)
            await consumer.seek_to_beginning()
            found: list[Key] = []
            while [one for one in at if await consumer.position(one) < at_hand[one.partition][1]]:
                for fetched in (await consumer.getmany(timeout_ms=500)).values():
                    found += (Key(record.partition, record.key) for record in fetched)
            return found
        finally:
            await consumer.stop()

    return asyncio.run(read())


def members(bootstrap: str, group: str) -> int:
    """Return how many members a consumer group has now."""

    async def ask() -> int:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            [answer] = await admin.describe_consumer_groups([group])
        finally:
            await admin.close()
        [(_, _, _, _, _, found, *_)] = answer.groups
        return len(found)

    return asyncio.run(ask())
