"""Topics on a broker, as contract.topics declares them: made when missing, never changed."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code
from msgspec import Struct

from broker.authorizations import hidden_topics
from broker.connection import Connection, administering
from broker.rights import lack, missing_right
from contract.errors import Denied, StackError
from contract.kafka.rights import Operation, Right
from contract.topics import TOPICS, Topic

T = TypeVar("T")
SETTLE_SECONDS = 30  # until a topic that was made has leaders, or one that was deleted is gone
PROBE_SECONDS = 3.0  # a broker that takes longer to list itself is not ready
ALREADY_EXISTS = 36  # Kafka's error code TOPIC_ALREADY_EXISTS: two runs at once
UNKNOWN_TOPIC = 3  # UNKNOWN_TOPIC_OR_PARTITION: it went by itself


class TopicsCreated(Struct, frozen=True):
    """What `create_topics` found and did: topic names."""

    created: tuple[str, ...]
    present: tuple[str, ...]


class TopicLayout(Struct, frozen=True):
    """How a topic lies on the brokers."""

    partitions: int
    """With or without a leader."""
    copies: int
    """The fewest of any partition."""


def create_topics(connection: Connection, wanted: Sequence[Topic] = TOPICS) -> TopicsCreated:
    """Create the topics that are missing; those that are there stay as they are.

    Raises:
        StackError: no broker there, or a topic has another number of partitions than the code.
    """
    return asked_of_kafka(connection, lambda admin: _create(admin, connection, wanted))


def delete_topics(connection: Connection, names: Sequence[str]) -> None:
    """Delete those of these topics that are there, and wait until they are gone."""
    asked_of_kafka(connection, lambda admin: remove_topics(admin, connection, names))


def partitions(connection: Connection) -> dict[str, int]:
    """Return name -> number of partitions that have a leader, of every topic on a broker."""
    return asked_of_kafka(connection, _led_partitions)


def layouts(connection: Connection) -> tuple[int, dict[str, TopicLayout]]:
    """Return how many brokers there are, and the layout of every topic that the user may see."""
    return asked_of_kafka(connection, _layouts)


def cluster_id(connection: Connection) -> str:
    """Return the name that Kafka has given the cluster."""
    cluster = asked_of_kafka(connection, lambda admin: admin.describe_cluster())
    return str(cluster["cluster_id"])


def answers(connection: Connection) -> bool:
    """Return whether a broker answers a metadata request now and lists itself."""

    async def asked() -> bool:
        try:
            async with administering(connection, answer_seconds=PROBE_SECONDS) as admin:
                cluster = await admin.describe_cluster()
        except StackError:
            return False
        return bool(cluster["brokers"])  # a broker that is still fenced does not list itself

    return asyncio.run(asked())


def asked_of_kafka(
    connection: Connection, ask: Callable[[AIOKafkaAdminClient], Coroutine[Any, Any, T]]
) -> T:
    """Return what a broker answers.

    Raises:
        StackError: no broker can be reached, or it refuses.
    """

    async def asked() -> T:
        async with administering(connection) as admin:
            return await ask(admin)

    return asyncio.run(asked())


async def declared_partitions(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """Return name -> number of partitions of every topic, with or without a leader."""
    return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}


async def add_topics(
    admin: AIOKafkaAdminClient,
    connection: Connection,
    new: Mapping[str, int],
    config: Mapping[str, str],
) -> None:
    """Ask for topics (name -> partitions) of one configuration; they are there a moment later.

    Raises:
        StackError: Kafka does not make one of them.
    """
    copies = connection.replication
    topics = [_new(name, count, config, copies) for name, count in new.items()]
    await _add(admin, connection, topics)


async def remove_topics(
    admin: AIOKafkaAdminClient, connection: Connection, names: Sequence[str]
) -> None:
    """Delete those of these topics that are there, and wait until they are gone.

    Raises:
        StackError: Kafka does not delete one of them.
    """
    if there := (await _led_partitions(admin)).keys() & set(names):
        answer = await admin.delete_topics(sorted(there))
        for name, code in answer.topic_error_codes:
            if code not in (0, UNKNOWN_TOPIC):
                error = for_code(code)(name)
                if lacks := missing_right(error, connection.security, Operation.DELETE):
                    raise Denied(f"topic {name} was not deleted: {lacks}")
                raise StackError(f"topic {name} was not deleted: {error}")
        await _until(admin, dict.fromkeys(there, 0))


async def _create(
    admin: AIOKafkaAdminClient, connection: Connection, wanted: Sequence[Topic]
) -> TopicsCreated:
    found = await _led_partitions(admin)
    if differing := [t for t in wanted if found.get(t.name, t.partitions) != t.partitions]:
        raise StackError(
            "\n".join(
                f"topic {t.name} has {found[t.name]} partitions, expected {t.partitions}: its "
                "keys would meet other books; bring its events to a new broker (another "
                "QUAYMARK_KAFKA or QUAYMARK_FOLDER), or delete it and send them again"
                for t in differing
            )
        )
    missing = [topic for topic in wanted if topic.name not in found]
    if missing:
        if hidden := await hidden_topics(admin, [topic.name for topic in missing]):
            rights = (Right(Operation.DESCRIBE, name) for name in hidden)
            raise Denied(f"Kafka at {connection}: {lack(connection.security, *rights)}")
        copies = connection.replication
        new = [_new(t.name, t.partitions, t.config, copies) for t in missing]
        await _add(admin, connection, new)
        await _until(admin, {topic.name: topic.partitions for topic in missing})
    created = tuple(topic.name for topic in missing)
    return TopicsCreated(created, tuple(t.name for t in wanted if t.name not in created))


async def _add(
    admin: AIOKafkaAdminClient, connection: Connection, new: Sequence[NewTopic]
) -> None:
    answer = await admin.create_topics(new)
    for name, code, *message in answer.topic_errors:
        if code not in (0, ALREADY_EXISTS):
            error = for_code(code)(name)
            if lacks := missing_right(error, connection.security, Operation.CREATE):
                raise Denied(f"topic {name} was not created: {lacks}")
            why = " ".join(filter(None, message)) or error
            raise StackError(f"topic {name} was not created: {why}")


def _new(name: str, partitions: int, config: Mapping[str, str], replication: int) -> NewTopic:
    new = NewTopic(name, partitions, 1, topic_configs=dict(config))
    new.replication_factor = replication  # aiokafka refuses -1, by which Kafka takes its default
    return new


async def _led_partitions(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """Count the partitions that have a leader: the others can't be written to yet."""
    return {
        topic["topic"]: sum(partition["leader"] >= 0 for partition in topic["partitions"])
        for topic in await admin.describe_topics()
    }


async def _layouts(admin: AIOKafkaAdminClient) -> tuple[int, dict[str, TopicLayout]]:
    brokers = len((await admin.describe_cluster())["brokers"])
    return brokers, {
        topic["topic"]: TopicLayout(
            len(topic["partitions"]),
            min((len(partition["replicas"]) for partition in topic["partitions"]), default=0),
        )
        for topic in await admin.describe_topics()
    }


async def _until(admin: AIOKafkaAdminClient, expected: dict[str, int]) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        found = await _led_partitions(admin)
        if all(found.get(name, 0) == count for name, count in expected.items()):
            return
        if time.monotonic() > deadline:
            raise StackError(
                f"after {SETTLE_SECONDS} s the broker still has not settled {expected}"
            )
        await asyncio.sleep(0.05)
