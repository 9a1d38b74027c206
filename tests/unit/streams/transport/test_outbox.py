"""An unacknowledged record blocks every commit, also after a cancelled one."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from streams.transport.outbox import Outbox


class Broker:
    """Acknowledges when it is told to."""

    def __init__(self) -> None:
        self.sent: list[asyncio.Future[Any]] = []

    async def send(self, *_: object) -> "asyncio.Future[Any]":
        self.sent.append(asyncio.get_running_loop().create_future())
        return self.sent[-1]


def test_an_acknowledgement_that_does_not_come_in_time_is_said_with_what_to_do() -> None:
    async def go() -> None:
        broker = Broker()
        outbox = Outbox(broker.send, 0.01)
        await outbox.put("journal", b"1", b"fact", 0)
        await outbox.put("journal", b"2", b"fact", 0)
        broker.sent[0].set_result(None)

        with pytest.raises(TimeoutError, match=r"1 of 2 records in 0\.01 s; start the worker"):
            await outbox.drained()

    asyncio.run(go())


def test_a_commit_that_is_cancelled_leaves_the_next_one_to_wait_for_the_same_records() -> None:
    async def go() -> int:
        broker = Broker()
        outbox = Outbox(broker.send, 5.0)
        await outbox.put("journal", b"1", b"fact", 0)
        first = asyncio.ensure_future(outbox.drained())
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        assert first.cancelled()

        broker.sent[0].set_result(None)
        await outbox.drained()
        await asyncio.sleep(0)  # its callback runs
        return len(outbox)

    assert asyncio.run(go()) == 0


def test_a_record_that_is_lost_blocks_every_commit_to_come() -> None:
    async def go() -> int:
        broker = Broker()
        outbox = Outbox(broker.send, 5.0)
        await outbox.put("journal", b"1", b"fact", 0)
        broker.sent[0].set_exception(KafkaError("lost"))

        for _ in range(2):
            with pytest.raises(KafkaError, match="lost"):
                await outbox.drained()
        return len(outbox)

    assert asyncio.run(go()) == 1
