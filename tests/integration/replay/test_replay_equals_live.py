"""One worker with events in order, and two with shuffled events, show the same values."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from broker.connection import Connection
from broker.reader import TopicReading
from contract.topics import MOVES, READINGS, TARGETS
from contract.wire import encode, event_key, partition_of
from tests.integration.support.commands import ok, run
from tests.integration.support.figures import YEAR_TO_DATE, differing, settled
from tests.integration.support.history.history_command import history
from tests.integration.support.ports import free_port
from tests.integration.support.prometheus_server import Page, Server, running
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.traffic import Record, Traffic
from tests.integration.support.workers import Running, recent, send, until, worker
from tests.unit.kpis.builders import target

pytestmark = pytest.mark.kafka

Topics = Callable[..., None]
SEED = 8
CHUNKS, CHUNK = 30, 100


@contextmanager
def prometheus(folder: Path) -> Iterator[Server]:
    page = Page()
    with running(folder, page) as one:
        yield one
    page.server.shutdown()


def shuffled(records: list[Record], rng: random.Random) -> list[Record]:
    """Shuffle the records, except those with the same event and the same recordedtime.

    Of two that disagree the ledger keeps the first, so their order must not change.
    """
    mixed = rng.sample(records, len(records))
    waiting: dict[object, list[Record]] = {}
    for record in records:
        waiting.setdefault(_version(record), []).append(record)
    return [waiting[_version(record)].pop(0) for record in mixed]


def _version(record: Record) -> object:
    try:
        event = json.loads(record[1])
        return event["source"], event["id"], event["recordedtime"]
    except (ValueError, KeyError):
        return record[1]


def past_readings(bootstrap: str) -> dict[bytes, float]:
    """Contents of `port.readings`: key -> value."""
    with TopicReading(Connection(bootstrap), READINGS) as reading:
        return {
            record.key or b"": json.loads(record.value)["value"]
            for batch in reading.rest()
            for record in batch
            if record.value
        }


def sent_besides(environ: dict[str, str], year: int) -> None:
    """Send the zone's projects, and a target of the area with a revision."""
    ok(run(environ, "projects", "--yes", room="producers"))
    targets = [
        target(value, f"{year}-01-{day:02} 00:00", period=str(year))
        for day, value in ((2, 1_000_000), (3, 2_000))
    ]
    records = [
        (key := event_key(one), encode(one), partition_of(key, TARGETS.partitions))
        for one in targets
    ]
    send(environ["QUAYMARK_KAFKA"], records, TARGETS.name)


def read_up_to(one: Running, events: int) -> bool:
    counted = one.samples("pipeline_events_total").get((("topic", MOVES.name),), 0.0)
    return counted >= events


def holds_all(one: Running) -> bool:
    held = one.samples("pipeline_owned_partitions")
    return held[("topic", MOVES.name),] == MOVES.partitions


def test_the_same_events_give_the_same_metrics_and_the_same_past(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    traffic = Traffic(SEED, recent(0.5))
    records = [record for _ in range(CHUNKS) for record in traffic.chunk(CHUNK)] + traffic.rest()
    since = f"{recent(4) - timedelta(days=18):%Y-%m-%d}"
    load = ("load", "--no-wait", "--from", since)

    year = recent().year

    topics()
    sent_besides(environ, year)
    send(broker.bootstrap, records)
    with worker(broker.bootstrap, tmp_path / "a", free_port(), store="memory") as only:
        live = settled(only)
    with prometheus(tmp_path / "prometheus-a") as server:
        history(environ, server, *load)
    past = past_readings(broker.bootstrap)

    topics()
    mixed = shuffled(records, random.Random(SEED))
    third = len(mixed) // 3
    with worker(broker.bootstrap, tmp_path / "b", free_port(), store="memory") as first:
        send(broker.bootstrap, mixed[:third])
        with worker(broker.bootstrap, tmp_path / "c", free_port(), store="memory") as second:
            send(broker.bootstrap, mixed[third : 2 * third])
            sent_besides(environ, year)
            until("the second has a part in it", lambda: read_up_to(second, 1))
            send(broker.bootstrap, mixed[2 * third :])
            second.kill()  # it leaves in the middle of the events
        until("the first holds all again", lambda: holds_all(first))
        replay = settled(first)
    with prometheus(tmp_path / "prometheus-b") as server:
        history(environ, server, *load)

    # by construction, and to the hundredth
    truth = sum(v for (name, *_), v in traffic.truth().items() if name == YEAR_TO_DATE)
    assert sum(v for name, v in live.items() if name.startswith(f"{YEAR_TO_DATE}{{")) == truth
    assert differing(replay, live) == []
    assert any(b"port_throughput_pace_ratio" in key for key in past)
    assert any(b"project_signed_projects" in key for key in past)
    assert past_readings(broker.bootstrap) == past
