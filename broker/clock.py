"""The clock of a broker, which Kafka tells only by the time that it gives a record."""

import time
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient

from broker.admin import add_topics, asked_of_kafka, remove_topics
from broker.connection import Connection, kafka_errors, producer
from contract.kafka.rights import CLOCK_PROBE, Operation


def seconds_ahead(connection: Connection) -> float:
    """Return how far this machine's clock is ahead of the broker's; behind is negative.

    It is exact to the time of one request, a few milliseconds.  A topic of one record that bears
    the broker's time is made and deleted for each question.

    Raises:
        StackError: no broker can be reached, or it makes no topic.
    """
    return asked_of_kafka(connection, lambda admin: _asked(admin, connection))


async def _asked(admin: AIOKafkaAdminClient, connection: Connection) -> float:
    name = f"{CLOCK_PROBE}{uuid4().hex[:8]}"
    settings = {"message.timestamp.type": "LogAppendTime", "retention.ms": "3600000"}
    await add_topics(admin, connection, {name: 1}, settings)
    client = producer(connection)
    try:
        with kafka_errors(connection, name, operation=Operation.WRITE):
            await client.start()
            await client.send_and_wait(name, b"first", partition=0)  # leaders and connections
            before = time.time()  # noqa: TID251 - the clock is what is asked for
            sent = await client.send_and_wait(name, b"clock", partition=0)
            after = time.time()  # noqa: TID251
            return (before + after) / 2 - float(sent.timestamp) / 1000
    finally:
        await client.stop()
        await remove_topics(admin, connection, [name])
