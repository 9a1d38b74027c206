"""Books begun again: what a group of workers keeps is dropped, so that it reads all anew.

The group's offsets go first: were this cut short, workers would read everything again into books
that hold a part of it, which changes nothing.  Run it again then.
"""

import asyncio
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code

from broker.admin import asked_of_kafka, create_topics, delete_topics, partitions
from contract.errors import StackError
from contract.topics import (
    INDICATOR_VALUES,
    PROJECT_CARDS,
    READINGS,
    REJECTED,
    TERMINAL_DAYS,
    TOPICS,
)

SNAPSHOTS = (TERMINAL_DAYS, PROJECT_CARDS, INDICATOR_VALUES)
"""What stage 1 tells stage 2: with the books' beginning offsets begin again, too."""
COORDINATOR_SECONDS = 30  # a broker that has just started loads, or only now makes, its groups


def refuse_living_workers(bootstrap: str, group: str) -> None:
    """Make sure that nobody writes to the books.

    Raises:
        StackError: a worker of the group is alive; says where.
    """
    if hosts := asked_of_kafka(bootstrap, lambda admin: _hosts(admin, group)):
        raise StackError(
            f"group {group} has {len(hosts)} living workers ({', '.join(sorted(set(hosts)))}): "
            "stop them first (`quaymark down`); one that was killed leaves the group after 8 s"
        )


def changelogs(bootstrap: str, group: str) -> list[str]:
    """The changelogs of a group that are on the broker."""
    ours = re.compile(re.escape(group) + "-[a-z]+-changelog")
    return sorted(name for name in partitions(bootstrap) if ours.fullmatch(name))


def stores(folder: Path) -> list[Path]:
    """The folders of the workers' tables on this machine."""
    return sorted(path for path in folder.glob("worker-*") if path.is_dir())


def rebuild(bootstrap: str, group: str, folder: Path) -> Iterator[str]:
    """Drop all that the group keeps, and say each step once it is done.

    Raises:
        StackError: the broker refuses a step, or is gone.
    """
    asked_of_kafka(bootstrap, lambda _: _rewind(bootstrap, group))
    yield f"group {group} reads from the beginning"
    for path in stores(folder):
        shutil.rmtree(path)
        yield f"removed  {path}"
    gone = [*changelogs(bootstrap, group), *(topic.name for topic in SNAPSHOTS)]
    delete_topics(bootstrap, gone)
    for name in create_topics(bootstrap).created:
        yield f"emptied  {name}"
    for name in gone:
        if name.endswith("-changelog"):
            yield f"deleted  {name}"


async def _hosts(admin: AIOKafkaAdminClient, group: str) -> list[str]:
    """Where each member of a group runs; none if there is no such group."""
    deadline = time.monotonic() + COORDINATOR_SECONDS
    while True:
        try:
            [answer] = await admin.describe_consumer_groups([group])
            [(code, _, _, _, _, members, *_)] = answer.groups
            if code:
                raise for_code(code)(f"group {group}")
            return [member[2].lstrip("/") for member in members]
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


async def _rewind(bootstrap: str, group: str) -> None:
    """Commit the beginning of all that a worker reads; Kafka refuses while one is alive."""
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False
    )
    await consumer.start()
    try:
        read = [
            TopicPartition(topic.name, number)
            for topic in TOPICS
            if topic not in (READINGS, REJECTED)
            for number in range(topic.partitions)
        ]
        consumer.assign(read)
        await consumer.commit(await consumer.beginning_offsets(read))
    finally:
        await consumer.stop()
