"""Transactional producers: aborted events are never counted, committed ones are."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from contract.events import ContainerMoved
from contract.topics import MOVES
from tests.integration.support.commands import verified
from tests.integration.support.known_moves import handled, settled
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import (
    Running,
    as_records,
    becomes,
    move,
    recent,
    send,
    until,
    worker,
)

pytestmark = pytest.mark.kafka

AT = recent()


def moves(first: int, count: int, terminal: str, size: str) -> list[ContainerMoved]:
    """Return moves of one source, so all lie on one partition."""
    numbers = range(first, first + count)
    return [move(n, terminal, size, AT, source="/tonghai/THE") for n in numbers]


async def begun(bootstrap: str, name: str, events: list[ContainerMoved]) -> AIOKafkaProducer:
    """Return a producer with an open transaction whose events the broker has."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=name)
    await producer.start()
    await producer.begin_transaction()
    for key, value, partition in as_records(events):
        await producer.send_and_wait(MOVES.name, value, key=key, partition=partition)
    return producer


def waiting(one: Running) -> float:
    return sum(one.samples("pipeline_lag_events").values())


def test_what_was_aborted_is_nowhere_and_what_was_committed_counts_once(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    port = free_port()
    environ["QUAYMARK_METRICS_PORT"] = str(port)

    async def two_at_a_time() -> None:
        # 3 x 40 ft = 6 TEU are aborted, interleaved with 2 x 20 ft = 2 TEU that are not
        first = await begun(broker.bootstrap, "first", moves(1, 3, "THE", "45G1"))
        second = await begun(broker.bootstrap, "second", moves(4, 2, "THC", "22G1"))
        await first.abort_transaction()
        await second.commit_transaction()
        await first.stop()
        await second.stop()

    with worker(broker.bootstrap, tmp_path, port) as one:
        asyncio.run(two_at_a_time())

        becomes("what is committed counts", lambda: handled(one), {"THC": 2.0})
        # two transaction markers follow the last record: they are no lag
        until("nothing is left to read", lambda: settled(one))
        done = verified(environ)
        assert done.returncode == 0, done.stdout + done.stderr

        async def one_is_open() -> None:
            third = await begun(broker.bootstrap, "third", moves(6, 1, "THW", "L5G1"))
            behind = moves(7, 1, "THW", "22G1")
            await asyncio.to_thread(send, broker.bootstrap, as_records(behind))
            await asyncio.to_thread(until, "both wait", lambda: waiting(one) == 2)
            assert handled(one) == {"THC": 2.0}
            await third.commit_transaction()
            await third.stop()

        asyncio.run(one_is_open())
        # 45 ft = 2.25 TEU in the transaction, and 20 ft = 1 TEU after it
        becomes("once it is committed", lambda: handled(one), {"THC": 2.0, "THW": 3.25})
        until("nothing is left to read", lambda: settled(one))
        assert one.stop() == 0

    with worker(broker.bootstrap, tmp_path, port) as again:
        becomes("it is so after a restart", lambda: handled(again), {"THC": 2.0, "THW": 3.25})
        until("nothing is left to read", lambda: settled(again))
        assert again.stop() == 0
