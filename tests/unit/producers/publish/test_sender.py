import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from aiokafka.partitioner import murmur2

from contract.errors import Rejected, StackError
from contract.events import (
    Classifier,
    ContainerMoved,
    EquipmentEvent,
    Label,
    Move,
    Target,
    TargetSet,
)
from contract.settings import Settings
from contract.wire import MAX_EVENT_BYTES, decode
from producers.publish.records import (
    KEYS_KEPT,
    LIMIT_BYTES,
    PartitionSlot,
    Slots,
    encoded,
    refuse_too_large,
)
from producers.publish.sender import Sender
from stack.processes.tcp_ports import free_port

MARCH = datetime(2026, 3, 1, 8, tzinfo=UTC)


def _moved(source: str, partitionkey: str | None = None) -> ContainerMoved:
    move = Move(Classifier.ACT, EquipmentEvent.LOAD, "THE")
    return ContainerMoved(
        specversion="1.0",
        id="1",
        source=source,
        time=MARCH,
        recordedtime=MARCH,
        partitionkey=partitionkey,
        data=move,
    )


def test_a_record_is_the_event_with_the_key_of_its_source() -> None:
    event = _moved("/tonghai/THE")

    record = encoded(event)

    assert (record.topic, record.key) == ("port.moves.raw", b"/tonghai/THE")
    assert decode(record.value) == event


def test_a_partition_key_goes_before_the_source() -> None:
    assert encoded(_moved("/tonghai/THE", "berth-7")).key == b"berth-7"


def test_the_simulated_terminals_lie_on_three_partitions_as_kafkas_own_hash_says() -> None:
    keys = [f"/tonghai/TH{way}".encode() for way in "ECW"]

    found = [Slots()["port.moves.raw", key].partition for key in keys]

    assert found == [(murmur2(key) & 0x7FFFFFFF) % 4 for key in keys]
    assert len(set(found)) == 3


def test_targets_of_one_owner_lie_on_one_partition_of_two() -> None:
    slots = Slots()

    keys = [f"tonghai|annual-teu|{year}".encode() for year in range(2020, 2040)]

    assert len({slots["port.targets", key] for key in keys}) == 1
    assert all(slots["port.targets", key].partition in (0, 1) for key in keys)


def test_partitions_remembered_are_bounded_and_the_same_after_forgetting() -> None:
    slots = Slots()
    keys = [("zone.projects.raw", str(number).encode()) for number in range(KEYS_KEPT + 10)]
    first: list[PartitionSlot] = [slots[key] for key in keys]

    assert len(slots) <= KEYS_KEPT
    assert [slots[key] for key in keys] == first


def test_a_record_larger_than_kafka_takes_is_refused_with_its_size() -> None:
    # 1 MiB less 512 bytes for headers: 1,048,576 - 512 = 1,048,064 with the key
    assert LIMIT_BYTES == MAX_EVENT_BYTES - 512 == 1_048_064
    refuse_too_large(b"key", b"x" * 1_048_061)

    with pytest.raises(Rejected, match="1048065 bytes with its key, Kafka takes 1048064; split"):
        refuse_too_large(b"key", b"x" * 1_048_062)


def test_no_broker_within_the_patience_says_where_and_what_to_do() -> None:
    nowhere = f"127.0.0.1:{free_port()}"

    async def connect() -> None:
        async with Sender(Settings(kafka=nowhere), "test", patience_seconds=0.0):
            raise AssertionError("there is no broker")

    with pytest.raises(StackError, match=rf"no Kafka at {nowhere} after 0 s: start it .*KAFKA"):
        asyncio.run(connect())


def test_a_target_is_keyed_by_owner_target_and_period() -> None:
    target = Target(
        owner="tonghai",
        target="annual-teu",
        name=Label("一", "one"),
        measures="port_throughput_ytd_teu",
        period="2026",
        value=Decimal(1_100_000),
    )
    event = TargetSet(
        specversion="1.0", id="1", source="/t", time=MARCH, recordedtime=MARCH, data=target
    )

    record = encoded(event)

    assert (record.topic, record.key) == ("port.targets", b"tonghai|annual-teu|2026")
