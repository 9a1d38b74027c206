"""The consumer's fetches and seeks, with a stand-in for the thread that talks to Kafka."""

import asyncio
from typing import Any

import pytest
from faust.types import TP

from streams.batches import BatchConsumer

MOVES_0, JOURNAL_0 = TP("port.moves.raw", 0), TP("quaymark-ledger-changelog", 0)


class Thread:
    """Fetches end when they are told to."""

    def __init__(self) -> None:
        self.asked: list[set[TP]] = []
        self.sought: list[dict[TP, int]] = []
        self.begun, self.end = asyncio.Event(), asyncio.Event()

    async def getmany(self, partitions: set[TP], timeout: float) -> dict[TP, list[Any]]:  # noqa: ASYNC109
        self.asked.append(partitions)
        self.begun.set()
        await self.end.wait()
        return {}

    async def seek_wait(self, partitions: dict[TP, int]) -> None:
        self.sought.append(partitions)


def consumer(thread: Thread) -> BatchConsumer:
    made = BatchConsumer.__new__(BatchConsumer)
    made._thread = thread  # type: ignore[assignment]
    made._moving = asyncio.Lock()
    return made


@pytest.mark.parametrize("change", ["clear", "add"])
def test_a_fetch_asks_for_what_flowed_when_it_began_whatever_changes_meanwhile(
    change: str,
) -> None:
    async def go() -> set[TP]:
        thread, flowing = Thread(), {JOURNAL_0}
        fetch = asyncio.ensure_future(consumer(thread)._getmany(flowing, 1.0))
        await thread.begun.wait()
        flowing.clear() if change == "clear" else flowing.add(MOVES_0)
        thread.end.set()
        await fetch
        return thread.asked[0]

    assert asyncio.run(go()) == {JOURNAL_0}


def test_no_partition_is_never_taken_for_all_of_them() -> None:
    async def go() -> tuple[Any, list[set[TP]]]:
        thread = Thread()
        return await consumer(thread)._getmany(set(), 1.0), thread.asked

    assert asyncio.run(go()) == ({}, [])  # aiokafka would fetch every partition


def test_a_seek_waits_for_the_fetch_that_is_under_way() -> None:
    async def go() -> None:
        thread = Thread()
        made = consumer(thread)
        fetch = asyncio.ensure_future(made._getmany({MOVES_0}, 1.0))
        await thread.begun.wait()
        seek = asyncio.ensure_future(made.seek_wait({MOVES_0: 7}))
        for _ in range(10):
            await asyncio.sleep(0)
        assert thread.sought == []

        thread.end.set()
        await asyncio.gather(fetch, seek)

        assert thread.sought == [{MOVES_0: 7}]

    asyncio.run(go())
