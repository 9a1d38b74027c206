"""Topics on a broker, as contract.topics declares them: made when missing, never changed."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, for_code
from msgspec import Struct

from contract.errors import StackError
from contract.topics import TOPICS, Topic

T = TypeVar("T")
SETTLE_SECONDS = 30
ALREADY_EXISTS = 36  # Kafka's error code TOPIC_ALREADY_EXISTS: two runs at once


class TopicsCreated(Struct, frozen=True):
    """What `create_topics` found and did: topic names."""

    created: tuple[str, ...]
    present: tuple[str, ...]


def create_topics(bootstrap: str, wanted: Sequence[Topic] = TOPICS) -> TopicsCreated:
    """Create the topics that are missing; those that are there stay as they are.

    Raises:
        StackError: no broker there, or a topic has another number of partitions than the code.
    """
    return asked_of_kafka(bootstrap, lambda admin: _create(admin, wanted))


def delete_topics(bootstrap: str, names: Sequence[str]) -> None:
    """Delete those of these topics that are there, and wait until they are gone."""
    asked_of_kafka(bootstrap, lambda admin: _delete(admin, names))


def delete_all_topics(bootstrap: str) -> None:
    """Empty a broker of every topic but Kafka's own; for tests."""
    asked_of_kafka(bootstrap, _delete_all)


def partitions(bootstrap: str) -> dict[str, int]:
    """Name -> number of partitions, of every topic on a broker."""
    return asked_of_kafka(bootstrap, _partitions)


def asked_of_kafka(
    bootstrap: str, ask: Callable[[AIOKafkaAdminClient], Coroutine[Any, Any, T]]
) -> T:
    """What a broker answers.

    Raises:
        StackError: there is none, or it refuses.
    """

    async def asked() -> T:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
        try:
            await admin.start()
            return await ask(admin)
        except (KafkaError, OSError) as error:
            raise StackError(
                f"Kafka at {bootstrap}: {error}; is it running? QUAYMARK_KAFKA names its address"
            ) from error
        finally:
            await admin.close()

    return asyncio.run(asked())


async def _create(admin: AIOKafkaAdminClient, wanted: Sequence[Topic]) -> TopicsCreated:
    found = await _partitions(admin)
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
        answer = await admin.create_topics([_new(topic) for topic in missing])
        for name, code, *message in answer.topic_errors:
            if code not in (0, ALREADY_EXISTS):
                raise StackError(f"topic {name} was not created: {message or for_code(code)}")
        await _until(admin, {topic.name: topic.partitions for topic in missing})
    created = tuple(topic.name for topic in missing)
    return TopicsCreated(created, tuple(t.name for t in wanted if t.name not in created))


def _new(topic: Topic) -> NewTopic:
    # one copy: this is for one broker on one machine; the compose file's has one, too
    return NewTopic(topic.name, topic.partitions, 1, topic_configs=topic.config)


async def _partitions(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """Only partitions that have a leader: the others can't be written to yet."""
    return {
        topic["topic"]: sum(partition["leader"] >= 0 for partition in topic["partitions"])
        for topic in await admin.describe_topics()
    }


async def _delete_all(admin: AIOKafkaAdminClient) -> None:
    await _delete(admin, [name for name in await _partitions(admin) if not name.startswith("__")])


async def _delete(admin: AIOKafkaAdminClient, names: Sequence[str]) -> None:
    if there := (await _partitions(admin)).keys() & set(names):
        await admin.delete_topics(sorted(there))
        await _until(admin, dict.fromkeys(there, 0))


async def _until(admin: AIOKafkaAdminClient, expected: dict[str, int]) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        found = await _partitions(admin)
        if all(found.get(name, 0) == count for name, count in expected.items()):
            return
        if time.monotonic() > deadline:
            raise StackError(
                f"after {SETTLE_SECONDS} s the broker still has not settled {expected}"
            )
        await asyncio.sleep(0.05)
