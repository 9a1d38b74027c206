import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import InvalidTimestampError

from broker.admin import create_topics, partitions
from broker.connection import Connection
from contract.errors import StackError
from contract.topics import MOVES, TOPICS, Cleanup, Topic
from tests.integration.support.running_broker import RunningBroker, Topics

pytestmark = pytest.mark.kafka


async def _send(bootstrap: str, values: list[bytes]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        for value in values:
            await producer.send_and_wait(MOVES.name, value, partition=0)


async def _read(bootstrap: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(MOVES.name, 0)])
        return [(await asyncio.wait_for(consumer.getone(), 20)).value for _ in range(count)]
    finally:
        await consumer.stop()


def test_topics_are_made_once_and_a_second_time_changes_nothing(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()

    second = create_topics(Connection(broker.bootstrap))

    assert second.created == ()
    found = partitions(Connection(broker.bootstrap))
    assert {topic.name: found.get(topic.name) for topic in TOPICS} == {
        topic.name: topic.partitions for topic in TOPICS
    }


def test_another_number_of_partitions_is_refused_with_the_way_out(
    broker: RunningBroker, topics: Topics
) -> None:
    topics(Topic(MOVES.name, "source", 3, Cleanup.DELETE))

    with pytest.raises(
        StackError, match=r"port\.moves\.raw has 3 partitions, expected 4.*new broker"
    ):
        create_topics(Connection(broker.bootstrap))


def test_history_keeps_its_own_time_however_old_but_not_the_future(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()
    now = datetime.now(UTC)  # noqa: TID251  # a test is a door
    old, ahead = datetime(2016, 1, 1, tzinfo=UTC), now + timedelta(hours=2)

    async def send(at: datetime) -> int:
        async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
            sent = await producer.send_and_wait(
                MOVES.name, b"x", partition=0, timestamp_ms=round(at.timestamp() * 1000)
            )
            return int(sent.timestamp)

    assert asyncio.run(send(old)) == 1_451_606_400_000  # seconds from 1970 to 2016, by hand
    with pytest.raises(InvalidTimestampError):
        asyncio.run(send(ahead))


def test_records_outlive_a_stop_and_a_crash_of_the_broker(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()
    asyncio.run(_send(broker.bootstrap, [b"1"]))

    broker.stop()
    broker.start()
    asyncio.run(_send(broker.bootstrap, [b"2"]))
    broker.kill()
    assert not broker.alive
    broker.start()

    assert asyncio.run(_read(broker.bootstrap, 2)) == [b"1", b"2"]
