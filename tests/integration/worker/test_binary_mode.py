"""Events in CloudEvents' binary mode for Kafka are counted, refused, retried and audited."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiokafka import AIOKafkaProducer

from contract.events import (
    Indicator,
    IndicatorReported,
    Label,
    Money,
    Project,
    ProjectRegistered,
    RawEvent,
    Target,
    TargetSet,
)
from contract.topics import TOPICS
from contract.wire import event_key, partition_of
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import HERE, becomes, move, recent, until, worker
from tests.unit.ledger.records import in_binary_mode

pytestmark = pytest.mark.kafka

PARTITIONS = {topic.name: topic.partitions for topic in TOPICS}


def send(bootstrap: str, events: Iterable[RawEvent]) -> None:
    async def go() -> None:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
            for event in events:
                raw, headers = in_binary_mode(event)
                key = event_key(event)
                at = partition_of(key, PARTITIONS[event.TOPIC])
                await producer.send_and_wait(event.TOPIC, raw, key, at, headers=list(headers))

    asyncio.run(go())


def output_of(environ: dict[str, str], room: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", room, *words],
        cwd=HERE, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_binary_mode_counts_like_structured_mode(
    broker: RunningBroker, topics: Callable[..., None], environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    book = tmp_path / "book.toml"
    text = (HERE / "quaymark.toml").read_text(encoding="utf-8")
    book.write_text(text.replace('code = "THE"', 'code = "THE"\naliases = ["EAST2"]'), "utf-8")
    at = recent()
    sized, elsewhere = move(1, "THE", "45G1", at), move(2, "EAST2", "22G1", at)
    project = Project(
        "haimen", "p1", "Shipyard", date(2026, 1, 5), Money(Decimal(2_000_000_000)),
        "offshore", "riverside",
    )  # fmt: skip
    figure = Indicator("haimen", "gdp_share", "haimen", "2019", Decimal("0.5"), "share")
    target = Target(
        "tonghai", "annual-teu", Label("目标", "Target"), "port_throughput_ytd_teu",
        str(at.astimezone(ZoneInfo("Asia/Shanghai")).year), Decimal(1_000_000),
    )  # fmt: skip
    said = {"source": "/zone", "time": at, "recordedtime": at, "specversion": "1.0"}
    events = (
        sized,
        elsewhere,
        ProjectRegistered(id="p1", data=project, **said),  # type: ignore[arg-type]
        IndicatorReported(id="i1", data=figure, **said),  # type: ignore[arg-type]
        TargetSet(id="t1", data=target, **said),  # type: ignore[arg-type]
    )

    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        send(broker.bootstrap, events)

        def figures() -> list[float]:
            return [
                sum(one.samples(series).values())
                for series in (
                    "port_throughput_ytd_teu",
                    "project_committed_yuan",
                    "indicator_value",
                    "port_throughput_target_teu",
                    "pipeline_rejected_total",
                )
            ]

        # a 40 ft box, CNY 2 bn, a half, a million, and a terminal that this book does not know
        becomes("all are counted or refused", figures, [2.0, 2e9, 0.5, 1e6, 1.0])
        audit = output_of(environ, "stack", "books", "verify", "--worker", f"127.0.0.1:{one.port}")
        assert "the books are exact" in audit, audit
        one.stop()

    shown = output_of(environ, "producers", "rejected", "show", "0")
    assert "header    ce_id: move-2" in shown
    assert '"facilityCode": "EAST2"' in shown
    environ |= {"QUAYMARK_BOOK": str(book)}
    again = output_of(environ, "producers", "rejected", "retry")
    assert "1 events sent again, 0 dead letters still refused" in again
    with worker(broker.bootstrap, tmp_path, free_port(), book=str(book)) as two:
        until("it counts", lambda: sum(two.samples("port_throughput_ytd_teu").values()) == 3.0)
        audit = output_of(environ, "stack", "books", "verify", "--worker", f"127.0.0.1:{two.port}")
        assert "the books are exact" in audit, audit
