"""The consumer's fetches and seeks, with a stand-in for the thread that talks to Kafka."""

import asyncio
from collections import defaultdict, deque
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from broker.record_batch import RecordBatch
from streams.transport.batch import newest_by_key
from streams.transport.batch_consumer import BatchConsumer

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


def test_a_transactions_marker_behind_the_last_record_is_no_lag() -> None:
    state = SimpleNamespace(_position=7)  # past records 0 to 4, and markers at 5 and 6
    assignment = SimpleNamespace(state_value=lambda tp: state)
    subscribed = SimpleNamespace(subscription=SimpleNamespace(assignment=assignment))
    thread: Any = SimpleNamespace(
        _consumer=SimpleNamespace(_subscription=subscribed),
        assignment=lambda: {MOVES_0},
        highwater=lambda tp: 7,
    )
    made = consumer(thread)
    made.app = SimpleNamespace(batch_topics={MOVES_0.topic})  # type: ignore[assignment]
    made._batches, made._next = defaultdict(deque), {MOVES_0: 5}
    assert list(made.lags()) == [("port.moves.raw", 0, 2)]

    made._advance([MOVES_0])

    assert list(made.lags()) == [("port.moves.raw", 0, 0)]


def test_what_kafka_has_is_read_where_it_lost_what_was_committed() -> None:
    made = consumer(Thread())
    monitor = SimpleNamespace(track_tp_end_offset=lambda tp, end: None)
    made.app = SimpleNamespace(monitor=monitor)  # type: ignore[assignment]
    made.highwater = lambda tp: 25  # type: ignore[method-assign]
    made._batches, made._next = defaultdict(deque), {MOVES_0: 30}
    made._read_offset = {MOVES_0: 30}
    made._committed_offset = {MOVES_0: 30}

    message = made._batch_message(MOVES_0, [RecordBatch(memoryview(b""), 0, 25)], 1)

    assert (message.offset, made._next[MOVES_0]) == (24, 25)
    assert made._should_commit(MOVES_0, 25)  # or a restart would go to the beginning again


def test_of_a_changelogs_fetch_the_last_of_each_key_is_read() -> None:
    puts = [(b"a", b"1"), (b"b", b"2"), (b"a", None), (b"c", None), (b"c", b"3")]
    fetch = [SimpleNamespace(key=key, value=value) for key, value in puts]

    assert newest_by_key(fetch) == {b"a": None, b"b": b"2", b"c": b"3"}
