"""A changelog on the broker: made so that nothing of it goes, compacted when asked, measured."""

import asyncio
import time
from typing import NamedTuple

import aiokafka
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from broker.admin import asked_of_kafka
from contract.errors import StackError
from contract.topics import MOVES

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

    asked_of_kafka(bootstrap, made)


def compact(bootstrap: str, topic: str, records: int) -> None:
    """Have it compacted, and wait until at most so many records are left.

    Raises:
        StackError: there are still more after some minutes.
    """
    asked_of_kafka(
        bootstrap,
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
    async with aiokafka.AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for number in range(MOVES.partitions):
            await producer.send_and_wait(topic, None, key=NUDGE, partition=number)


async def _size(bootstrap: str, topic: str) -> Size:
    consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        at = [aiokafka.TopicPartition(topic, number) for number in range(MOVES.partitions)]
        consumer.assign(at)
        await consumer.seek_to_beginning()
        ends, count, taken = await consumer.end_offsets(at), 0, 0
        while [one for one in at if await consumer.position(one) < ends[one]]:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                count += len(records)
                taken += sum(len(one.key) + len(one.value or b"") for one in records)
        return Size(count, taken)
    finally:
        await consumer.stop()
