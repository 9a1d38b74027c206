"""A changelog topic on the broker that is created uncompacted, compacted on demand, measured."""

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
PAUSE_SECONDS = 5.0  # the interval at which our Kafka's log cleaner looks for work
LEFT_ALONE = {"cleanup.policy": "delete", "retention.ms": "-1"}
AT_ONCE = {
    "cleanup.policy": "compact",
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0",
    "max.compaction.lag.ms": "1000",
    "delete.retention.ms": "500",  # tombstones go, too; Kafka's default is a day
}
FILLER_KEY = b"nudge"  # of a tombstone: Kafka closes a segment only when a record follows


class Size(NamedTuple):
    """How much a worker has to read from a changelog."""

    records: int
    bytes: int
    """Bytes of all keys and values."""


def make(bootstrap: str, topic: str) -> None:
    """Create a changelog that is never compacted and never expires."""

    async def made(admin: AIOKafkaAdminClient) -> None:
        await admin.create_topics([NewTopic(topic, MOVES.partitions, 1, topic_configs=LEFT_ALONE)])

    asked_of_kafka(Connection(bootstrap), made)


def compact(bootstrap: str, topic: str, records: int) -> None:
    """Have Kafka compact the changelog and wait until at most `records` records are left.

    Raises:
        StackError: more records are left after `PATIENCE_SECONDS`.
    """
    asked_of_kafka(
        Connection(bootstrap),
        lambda admin: admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic, AT_ONCE)]
        ),
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        asyncio.run(_close_segments(bootstrap, topic))
        time.sleep(PAUSE_SECONDS)
        if (left := size(bootstrap, topic).records) <= records:
            return
        if time.monotonic() > deadline:
            raise StackError(f"{topic}: {left:,} records are left, expected at most {records:,}")


def size(bootstrap: str, topic: str) -> Size:
    """Read the whole changelog and return its size."""
    return asyncio.run(_size(bootstrap, topic))


async def _close_segments(bootstrap: str, topic: str) -> None:
    async with producer(Connection(bootstrap)) as client:
        for number in range(MOVES.partitions):
            await client.send_and_wait(topic, None, key=FILLER_KEY, partition=number)


async def _size(bootstrap: str, topic: str) -> Size:
    count = taken = 0
    changelog = Topic(topic, "", MOVES.partitions)
    async for records in read_to_end(Connection(bootstrap), changelog):
        count += len(records)
        taken += sum(len(one.key or b"") + len(one.value or b"") for one in records)
    return Size(count, taken)
