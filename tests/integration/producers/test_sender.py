import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from contract.book import read_book
from contract.errors import StackError
from contract.events import Classifier, ContainerMoved, EquipmentEvent, Move
from contract.settings import Settings
from contract.topics import MOVES, PROJECTS, Topic
from contract.wire import decode, encode
from producers.publish.resume import left_off
from producers.publish.sender import Sender
from producers.simulate.simulated_port import simulate, sources_of
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import PATIENCE_SECONDS

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).parents[3]
BOOK = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
SECONDS = PATIENCE_SECONDS
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def _events(count: int, terminals: str = "ECW", year: int = 2026) -> Iterator[ContainerMoved]:
    at = datetime(year, 3, 1, tzinfo=UTC)
    for number in range(count):
        terminal = f"TH{terminals[number % len(terminals)]}"
        yield ContainerMoved(
            specversion="1.0",
            id=str(number),
            source=f"/tonghai/{terminal}",
            time=at,
            recordedtime=at,
            data=Move(Classifier.ACT, EquipmentEvent.LOAD, terminal),
        )


async def _read_all(bootstrap: str, topic: Topic = MOVES) -> list[tuple[int, bytes]]:
    """(partition, value) of each record, in order within a partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic.name, n) for n in range(topic.partitions)]
        ends = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        left = sum(ends.values())
        found: list[tuple[int, bytes]] = []
        async with asyncio.timeout(SECONDS):
            while len(found) < left:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    found += [(record.partition, record.value) for record in batch]
    finally:
        await consumer.stop()
    return found


def _in_order(found: list[tuple[int, bytes]]) -> bool:
    """Whether the numbers of each source rise by three, as `_events` counts."""
    last: dict[str, int] = {}
    for _, value in found:
        event = decode(value)
        number = int(event.id)
        if number != last.get(event.source, number - 3) + 3:
            return False
        last[event.source] = number
    return True


def test_what_was_accepted_arrives_once_in_order_on_the_partition_of_its_source(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()

    async def send() -> int:
        async with Sender(Settings(kafka=broker.bootstrap), "test") as sender:
            await sender.send_many(_events(20_000))
        return sender.sent[MOVES.name]

    assert asyncio.run(send()) == 20_000
    found = asyncio.run(_read_all(broker.bootstrap))
    assert len(found) == 20_000
    assert _in_order(found)
    assert len({(partition, decode(value).source) for partition, value in found}) == 3


def test_a_lone_event_leaves_without_waiting_for_others(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()

    async def send() -> None:
        async with Sender(Settings(kafka=broker.bootstrap), "test") as sender:
            await sender.send(next(_events(1)))
            async with asyncio.timeout(SECONDS):
                while not sender.sent.total():  # noqa: ASYNC110  what counts is that it happens
                    await asyncio.sleep(0.01)

    asyncio.run(send())


def test_a_broker_that_is_killed_and_comes_back_costs_no_event_and_repeats_none(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()

    under_way, killed = threading.Event(), threading.Event()

    async def send() -> int:
        async with Sender(Settings(kafka=broker.bootstrap), "test") as sender:
            events = _events(60_000)
            await sender.send_many(islice(events, 20_000))
            under_way.set()
            killed.wait(SECONDS)
            await sender.send_many(events)
        return sender.sent[MOVES.name]

    # the sender runs in the second thread: a broker ends with the thread that started it
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(asyncio.run, send())
        assert under_way.wait(SECONDS)
        broker.kill()
        killed.set()
        broker.start()
        assert sending.result(SECONDS) == 60_000

    found = asyncio.run(_read_all(broker.bootstrap))
    assert len(found) == 60_000
    assert _in_order(found)


def test_a_missing_topic_and_one_of_another_size_are_refused_with_the_way_out(
    broker: RunningBroker, topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.publish.sender.TOPIC_SECONDS", 1.0)

    async def send() -> None:
        async with Sender(Settings(kafka=broker.bootstrap), "test") as sender:
            await sender.send_many(_events(1))
            await sender.flush()

    topics(PROJECTS)
    with pytest.raises(StackError, match=r"no topic port\.moves\.raw: make it with"):
        asyncio.run(send())

    topics(Topic(MOVES.name, "source", 3))
    with pytest.raises(StackError, match=r"port\.moves\.raw .* has 3 partitions, expected 4"):
        asyncio.run(send())


def _simulate(environ: dict[str, str], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "producers", "simulate", *options],
        cwd=ROOT,
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_simulation_ended_by_a_signal_sends_what_it_accepted_and_resumes_where_it_was(
    broker: RunningBroker, topics: Topics, environ: dict[str, str]
) -> None:
    topics()
    days = ("--since", "2026-02-01", "--until", "2026-02-20", "--no-live")
    first = _simulate(environ, *days, "--rate", "4000")
    deadline = time.monotonic() + SECONDS
    while not asyncio.run(_read_all(broker.bootstrap)):
        assert time.monotonic() < deadline
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=SECONDS)
    some = len(asyncio.run(_read_all(broker.bootstrap)))

    second = _simulate(environ, *days)
    second.communicate(timeout=SECONDS)

    assert first.returncode == 128 + signal.SIGTERM
    assert second.returncode == 0
    expected = [encode(due.event) for due in simulate(BOOK, date(2026, 2, 1), date(2026, 2, 20))]
    assert 0 < some < len(expected)
    # each source continues at the instant where it stopped: it may repeat that one second
    found = [value for _, value in asyncio.run(_read_all(broker.bootstrap))]
    assert set(found) == set(expected)
    assert len(expected) <= len(found) <= len(expected) + 30


def test_a_source_that_never_sent_is_absent_from_where_sources_left_off(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()

    async def send() -> dict[str, datetime]:
        settings = Settings(kafka=broker.bootstrap)
        async with Sender(settings, "test") as sender:
            await sender.send_many(_events(2_000, "EC"))
        return await left_off(settings, MOVES, sources_of(BOOK), BEGIN)

    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert asyncio.run(send()) == {"/tonghai/THE": at, "/tonghai/THC": at}


def test_past_years_sent_after_this_one_do_not_hide_where_this_one_left_off(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()

    async def send() -> dict[str, datetime]:
        settings = Settings(kafka=broker.bootstrap)
        async with Sender(settings, "test") as sender:
            await sender.send_many(_events(50, "E"))
            await sender.send_many(_events(1_000, "E", year=2020))  # more than one look back
        return await left_off(settings, MOVES, ["/tonghai/THE"], BEGIN)

    assert asyncio.run(send()) == {"/tonghai/THE": datetime(2026, 3, 1, tzinfo=UTC)}
