"""Events whose totals are worked by hand, and the changelogs that a release makes of them.

`python -m tests.integration.support.upgrade.kept_books FILE` writes the changelogs of this
release: run it once for each release that changes what a changelog holds, and keep the file.
"""

import asyncio
import base64
import json
import logging
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from msgspec.structs import replace

from broker.admin import create_topics
from broker.connection import Connection
from contract.events import (
    Amount,
    AmountChanged,
    Indicator,
    IndicatorReported,
    Label,
    Money,
    MoveRetracted,
    Project,
    ProjectRegistered,
    RawEvent,
    Retraction,
    Target,
    TargetSet,
)
from contract.topics import BOOK_PARTITIONS, RAW_PARTITIONS
from contract.wire import encode, epoch_ms, event_key, partition_of
from stack.kubernetes.strimzi import CHANGELOGS
from tests.integration.support.known_moves import handled
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import Running, move, until, worker

AT, LATER = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC), datetime(2025, 3, 5, tzinfo=UTC)
MANY = 1200  # of one source: more than the 1,024 facts of a final blob of the journal

# THE: 1,200 x 20 ft = 1,200 TEU; one is amended to 40 ft (+ 1), one is retracted (- 1): 1,200.
# THC: 100 x 40 ft = 200 TEU.  THW: 3 x 45 ft = 3 x 2.25 = 6.75 TEU.
TEU = {"THE": 1200.0, "THC": 200.0, "THW": 6.75}
SENT = 1200 + 100 + 3 + 2  # events of moves, with the amendment and the retraction
FIGURES = {
    "port_throughput_ytd_moves": 1302.0,  # 1,199 of THE, 100 of THC, 3 of THW
    "project_committed_yuan": 350e6,  # signed with 300 million, raised by 50
    "indicator_value": 24.5,
    "target_goal_value": 2000.0,
}


class Kept(NamedTuple):
    """A record of a changelog."""

    topic: str
    partition: int
    key: bytes
    value: bytes


def moves() -> list[RawEvent]:
    """Return the events of moves, in the order in which they are sent."""
    retracted = MoveRetracted(
        id="out-7",
        source="/tonghai/THE",
        time=LATER,
        recordedtime=LATER,
        specversion="1.0",
        data=Retraction("move-7"),
    )
    return [
        *(move(n, "THE", "22G1", AT) for n in range(MANY)),
        *(move(n, "THC", "45G1", AT) for n in range(100)),
        *(move(n, "THW", "L5G1", AT) for n in range(3)),
        replace(move(5, "THE", "45G1", AT), recordedtime=LATER),
        retracted,
    ]


def others() -> list[RawEvent]:
    """Return a project, its capital increase, a figure and a target."""
    project = Project(
        zone="haimen",
        project="p1",
        title="Works",
        signed=date(2025, 3, 4),
        value=Money(Decimal(300_000_000)),
        cluster="materials",
        functional_area="central",
    )
    figure = Indicator("haimen", "rank", "national", "2024", Decimal("24.5"), "place")
    target = Target(
        owner="tonghai",
        target="teu",
        name=Label("吞吐量", "TEU"),
        measures="port_throughput_ytd_teu",
        period="2025",
        value=Decimal(2000),
    )
    by = {"source": "/kept", "time": AT, "recordedtime": AT, "specversion": "1.0"}
    return [
        ProjectRegistered(id="p1", data=project, **by),  # type: ignore[arg-type]
        AmountChanged(id="p1-more", data=Amount("haimen", "p1", Money(Decimal(50_000_000))), **by),  # type: ignore[arg-type]
        IndicatorReported(id="i1", data=figure, **by),  # type: ignore[arg-type]
        TargetSet(id="t1", data=target, **by),  # type: ignore[arg-type]
    ]


def send_all(bootstrap: str, events: list[RawEvent]) -> None:
    """Send events to their topics as our producers do, at the times that they were recorded."""

    async def write() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
        await producer.start()
        try:
            for event in events:
                key, at = event_key(event), epoch_ms(event.recordedtime) + 1000
                number = BOOK_PARTITIONS if event.TOPIC == TargetSet.TOPIC else RAW_PARTITIONS
                to = partition_of(key, number)
                await producer.send(event.TOPIC, encode(event), key, to, at)
            await producer.flush()
        finally:
            await producer.stop()

    asyncio.run(write())


def shown(one: Running) -> tuple[dict[str, float], dict[str, float]]:
    """Return the TEU by terminal, and the sums of `FIGURES`, as a worker shows them."""
    return handled(one), {name: sum(one.samples(name).values()) for name in FIGURES}


def read_kept(path: Path) -> list[Kept]:
    """Return the changelog records of a file."""
    decode = base64.b64decode
    return [
        Kept(topic, partition, decode(key), decode(value))
        for topic, partition, key, value in map(json.loads, path.read_text("ascii").splitlines())
    ]


def restore(bootstrap: str, records: list[Kept]) -> None:
    """Create the changelogs, and write records into them."""

    async def write() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
        await producer.start()
        try:
            for one in records:
                await producer.send_and_wait(one.topic, one.value, one.key, one.partition)
        finally:
            await producer.stop()

    asyncio.run(write())


async def changelogs(bootstrap: str) -> list[Kept]:
    """Return what compaction would leave of all changelogs: the newest value of each key."""
    newest: dict[tuple[str, int, bytes], bytes | None] = {}
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        at = [TopicPartition(name, n) for name, last in CHANGELOGS.items() for n in range(last)]
        consumer.assign(at)
        await consumer.seek_to_beginning(*at)
        ends = await consumer.end_offsets(at)
        for tp in at:
            while await consumer.position(tp) < ends[tp]:
                for record in (await consumer.getmany(tp, timeout_ms=500)).get(tp, ()):
                    newest[tp.topic, tp.partition, record.key] = record.value
    finally:
        await consumer.stop()
    return [Kept(*key, value) for key, value in newest.items() if value is not None]


def main() -> None:
    """Write the changelogs that this release makes of the events."""
    logging.disable(logging.CRITICAL)
    with TemporaryDirectory() as name:
        broker = RunningBroker(Path(name) / "kafka")
        broker.start()
        try:
            create_topics(Connection(broker.bootstrap))
            with worker(broker.bootstrap, Path(name), free_port()) as one:
                send_all(broker.bootstrap, [*moves(), *others()])
                until("all is counted", lambda: shown(one) == (TEU, FIGURES))
                assert one.stop() == 0
            kept = asyncio.run(changelogs(broker.bootstrap))
        finally:
            broker.stop()
    lines = [
        json.dumps([*one[:2], *(base64.b64encode(part).decode() for part in one[2:])])
        for one in kept
    ]
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
