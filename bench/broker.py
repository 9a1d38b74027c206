"""The bench's own Kafka broker, which starts with it, is cleaned between runs, and then stops."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from broker.admin import create_topics
from broker.connection import Connection, administering
from contract.errors import StackError
from contract.topics import MOVES
from stack.processes import kafka
from stack.processes.child import Child
from stack.processes.kafka import Broker
from stack.processes.tcp_ports import free_port

READY_SECONDS = 60.0
SETTLE_SECONDS = 60.0
JOIN_MS = 3000  # so that workers that start together get their partitions in one rebalance


@contextmanager
def running(folder: Path, join_ms: int = JOIN_MS) -> Iterator[str]:
    """Run a broker with empty topics and yield its host:port.

    A consumer group waits `join_ms` for members before its first rebalance.
    """
    with started(folder, join_ms) as (bootstrap, _):
        yield bootstrap


@contextmanager
def started(folder: Path, join_ms: int = JOIN_MS) -> Iterator[tuple[str, Child]]:
    """Run a broker as `running` does, and yield its host:port and its process."""
    broker = Broker(folder / "kafka", free_port(), free_port())
    program = kafka.prepare(broker, say=print)
    with (broker.folder / "server.properties").open("a", encoding="utf-8") as properties:
        properties.write(
            f"group.initial.rebalance.delay.ms={join_ms}\n"
        )  # Kafka takes the last value
    child, connection = Child(program, folder), Connection(broker.bootstrap)
    child.start()
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not kafka.answers(connection):
            if not child.alive or time.monotonic() > deadline:
                raise StackError(f"Kafka did not start:\n{child.tail(20)}")
            time.sleep(0.1)
        create_topics(connection)
        yield broker.bootstrap, child
    finally:
        child.stop()


def clean(bootstrap: str, kept: str = MOVES.name) -> None:
    """Delete every topic except the moves, so that no snapshot or changelog of a run remains.

    `kept` names the topic that stays; with an empty name every topic is deleted.
    """
    connection = Connection(bootstrap)
    asyncio.run(_clean(connection, kept))
    create_topics(connection)


async def _clean(connection: Connection, kept: str) -> None:
    async with administering(connection) as admin:
        deadline = time.monotonic() + SETTLE_SECONDS
        while left := await _others(admin, kept):
            if time.monotonic() > deadline:
                raise StackError(f"Kafka still has {left} after {SETTLE_SECONDS:.0f} s")
            await admin.delete_topics(left)
            await asyncio.sleep(0.1)


async def _others(admin: AIOKafkaAdminClient, kept: str) -> list[str]:
    return [
        name for name in await admin.list_topics() if name != kept and not name.startswith("__")
    ]
