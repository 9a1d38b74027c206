"""A changelog on the broker: made so that nothing of it goes, compacted when asked, measured."""

import asyncio
import time
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from broker.admin import asked_of_kafka
from broker.connection import Connection, producer
from broker.reader import read_to_end
from contract.errors import StackError
from contract.topics import MOVES, Topic

PATIENCE_SECONDS = 300.0
PAUSE_SECONDS = 5.0  # the cleaner of our Kafka looks so often
LEFT_ALONE = {"cleanup.policy": "delete", "retention.ms": "-1"}
AT_ONCE = {
    "cleanup.policy": "compact",
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0",
    "max.compaction.lag.ms": "1000",
    "delete.retention.ms": "500",  # deletions go, too; Kafka keeps them for a day by itself
}
NUDGE = b"nudge"  # a deletion of nothing: Kafka closes a segment only when something comes after


class Size(NamedTuple):
    """What is to be read of a changelog."""

    records: int
    bytes: int
    """Keys and values."""


def make(bootstrap: str, topic: str) -> None:
    """Make one of which nothing ever goes."""

    async def made(admin: AIOKafkaAdminClient) -> None:
        await admin.create_topics([NewTopic(topic, MOVES.partitions, 1, topic_configs=LEFT_ALONE)])

    asked_of_kafka(Connection(bootstrap), made)


def compact(bootstrap: str, topic: str, records: int) -> None:
    """Have it compacted, and wait until at most so many records are left.

    Raises:
        StackError: there are still more after some minutes.
    """
    asked_of_kafka(
        Connection(bootstrap),
        lambda admin: admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic, AT_ONCE)]
        ),
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        asyncio.run(_nudge(bootstrap, topic))
        time.sleep(PAUSE_SECONDS)
        if (left := size(bootstrap, topic).records) <= records:
            return
        if time.monotonic() > deadline:
            raise StackError(f"{topic}: {left:,} records are left, expected {records:,} at most")


def size(bootstrap: str, topic: str) -> Size:
    """Read all of it."""
    return asyncio.run(_size(bootstrap, topic))


async def _nudge(bootstrap: str, topic: str) -> None:
    async with producer(Connection(bootstrap)) as client:
        for number in range(MOVES.partitions):
            await client.send_and_wait(topic, None, key=NUDGE, partition=number)


async def _size(bootstrap: str, topic: str) -> Size:
    count = taken = 0
    changelog = Topic(topic, "", MOVES.partitions)
    async for records in read_to_end(Connection(bootstrap), changelog):
        count += len(records)
        taken += sum(len(one.key or b"") + len(one.value or b"") for one in records)
    return Size(count, taken)
