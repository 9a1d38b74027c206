"""The rebuild of the books: a group's state is deleted, so that its workers read all events again.

The group's offsets are reset first.  If the rebuild is cut short after that, workers read all
events again into books that already hold some of them, which changes nothing; run it again then.
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
"""What stage 1 sends to stage 2: its offsets begin again with the rebuilt books."""
COORDINATOR_SECONDS = 30  # a broker that has just started is loading or creating its groups


def refuse_live_workers(bootstrap: str, group: str) -> None:
    """Make sure that no worker writes to the books.

    Raises:
        StackError: the group has live workers; the message names their hosts.
    """
    if hosts := asked_of_kafka(bootstrap, lambda admin: _hosts(admin, group)):
        raise StackError(
            f"group {group} has {len(hosts)} live workers ({', '.join(sorted(set(hosts)))}): "
            "stop them first (`quaymark down`); one that was killed leaves the group after 8 s"
        )


def changelogs(bootstrap: str, group: str) -> list[str]:
    """Return the changelogs of a group that exist on the broker."""
    ours = re.compile(re.escape(group) + "-[a-z]+-changelog")
    return sorted(name for name in partitions(bootstrap) if ours.fullmatch(name))


def local_stores(folder: Path) -> list[Path]:
    """Return the folders of the workers' tables on this machine."""
    return sorted(path for path in folder.glob("worker-*") if path.is_dir())


def rebuild_books(bootstrap: str, group: str, folder: Path) -> Iterator[str]:
    """Delete all state of the group, and yield a line after each step.

    Raises:
        StackError: the broker refuses a step, or is gone.
    """
    asked_of_kafka(bootstrap, lambda _: _rewind(bootstrap, group))
    yield f"group {group} reads from the beginning"
    for path in local_stores(folder):
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
    """Return the host of each member of a group; none if there is no such group."""
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
    """Commit the first offset of each partition of a worker; Kafka refuses if a worker is live."""
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
