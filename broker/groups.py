"""A consumer group on a broker: where its members run, and its offsets set back."""

import asyncio
import time
from collections.abc import Iterable

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code

from broker.admin import asked_of_kafka
from broker.connection import Connection, consuming, kafka_errors
from contract.topics import Topic

COORDINATOR_SECONDS = 30  # a broker that has just started loads, or only now makes, its groups


def hosts(connection: Connection, group: str) -> list[str]:
    """Return where each member of a group runs; none if there is no such group.

    Raises:
        StackError: no broker can be reached, or it does not say.
    """
    return asked_of_kafka(connection, lambda admin: _hosts(admin, group))


def rewind(connection: Connection, group: str, topics: Iterable[Topic]) -> None:
    """Commit the beginning of these topics for a group.

    Raises:
        StackError: no broker can be reached, or it refuses, as while a member is alive.
    """
    asyncio.run(_rewind(connection, group, topics))


async def _hosts(admin: AIOKafkaAdminClient, group: str) -> list[str]:
    deadline = time.monotonic() + COORDINATOR_SECONDS
    while True:
        try:
            [answer] = await admin.describe_consumer_groups([group])
            [(code, _, _, _, _, members, *_)] = answer.groups
            if code:
                raise for_code(code)(group)
            return [member[2].lstrip("/") for member in members]
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


async def _rewind(connection: Connection, group: str, topics: Iterable[Topic]) -> None:
    read = [
        TopicPartition(topic.name, number)
        for topic in topics
        for number in range(topic.partitions)
    ]
    async with consuming(connection, group=group) as consumer:
        with kafka_errors(connection):
            consumer.assign(read)
            await consumer.commit(await consumer.beginning_offsets(read))
