"""What the producers read from topics: odd records do not stop them, aborted ones do not count."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.consumer import fetcher

from contract.events import ContainerMoved, Label, Target, TargetSet
from contract.settings import Settings
from contract.snapshots import DeadLetter
from contract.topics import MOVES, REJECTED, TARGETS
from contract.wire import encode, event_key, partition_of
from producers.importing.retry import dead_letters
from producers.publish.current_targets import standing_targets
from producers.publish.resume import left_off
from tests.integration.support.raw_batches import NAME, Odd, batch_of, send_batch
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import as_records, move, recent, send

pytestmark = pytest.mark.kafka

AT = recent()
SENT_MS = round(AT.timestamp() * 1000)
LATIN_1 = ((NAME.decode(), b"x"),)
"""A header whose name is sent in Latin-1, which is not UTF-8."""


@pytest.fixture(autouse=True)
def _aiokafka_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore aiokafka's own code, which an earlier test in this process may have patched."""
    for name in "MemoryRecords", "PartitionRecords":
        own = next(
            each for each in getattr(fetcher, name).__mro__ if each.__module__.startswith("aiok")
        )
        monkeypatch.setattr(fetcher, name, own)


def target(number: int) -> TargetSet:
    data = Target(
        "tonghai", f"target-{number}", Label("目标", "Target"), "port_throughput_ytd_teu",
        str(AT.year), Decimal(1_000_000),
    )  # fmt: skip
    return TargetSet(
        id=str(number), source="/t", time=AT, recordedtime=AT, specversion="1.0", data=data
    )


def test_a_target_whose_header_is_named_in_latin_1_is_read(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()
    wanted = [target(1), target(2)]
    for event in wanted:
        at = partition_of(event_key(event), TARGETS.partitions)
        batch = batch_of([Odd(encode(event), SENT_MS, LATIN_1)])
        send_batch(broker.bootstrap, TARGETS.name, at, batch)

    found = asyncio.run(standing_targets(Settings(kafka=broker.bootstrap)))

    assert sorted(each.id for each in found.values()) == ["1", "2"]


def test_a_dead_letter_whose_header_is_named_in_latin_1_is_read(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()
    written = [encode(DeadLetter(MOVES.name, 0, n, "undecodable", "wrong", b"x")) for n in (7, 8)]
    odd = [Odd(written[0], SENT_MS, LATIN_1), Odd(written[1], SENT_MS)]
    send_batch(broker.bootstrap, REJECTED.name, 0, batch_of(odd))

    async def go() -> list[tuple[int, int]]:
        settings = Settings(kafka=broker.bootstrap)
        return [(each.number, each.dead_letter.offset) async for each in dead_letters(settings)]

    assert asyncio.run(go()) == [(0, 7), (1, 8)]


def test_a_source_left_off_at_what_was_committed_not_at_what_was_aborted(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()
    source = "/tonghai/THE"

    def sent(number: int, at: datetime) -> ContainerMoved:
        return move(number, "THE", "45G1", at, source=source)

    async def abort() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, transactional_id="one")
        async with producer:
            await producer.begin_transaction()
            for key, value, partition in as_records([sent(2, AT + timedelta(hours=1))]):
                await producer.send_and_wait(MOVES.name, value, key=key, partition=partition)
            await producer.abort_transaction()

    committed = sent(1, AT)
    send(broker.bootstrap, as_records([committed]))
    asyncio.run(abort())

    begin = datetime(2026, 1, 1, tzinfo=UTC)
    found = asyncio.run(left_off(Settings(kafka=broker.bootstrap), MOVES, [source], begin))

    assert found == {source: committed.recordedtime}
