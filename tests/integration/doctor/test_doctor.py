"""`quaymark doctor` on a real broker names each planted fault, and the mending mends."""

import asyncio
import json
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from msgspec.structs import replace

from broker.admin import asked_of_kafka, create_topics, delete_topics, partitions
from broker.clock import seconds_ahead
from broker.connection import Connection
from broker.topic_settings import topic_settings
from contract.events import Fill
from contract.settings import Settings
from contract.snapshots import ClassSum, DeadLetter, TerminalDay
from contract.topics import MOVES, READINGS, REJECTED, TARGETS, TERMINAL_DAYS, TOPICS, Topic
from contract.wire import encode
from producers.publish.records import Encoded
from producers.publish.sender import Sender
from tests.integration.support.commands import ok, run
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker, Topics

pytestmark = pytest.mark.kafka

BOOK = """
[port]
time_zone = "UTC"
un_location_code = "CNNTG"

[[area]]
code = "tonghai"
name = { zh = "通海港区", en = "Tonghai" }

[[area.terminal]]
code = "THE"
name = { zh = "通海东", en = "East" }

[[area.terminal]]
code = "THC"
name = { zh = "通海中", en = "Central" }

[zone]
code = "haimen"
name = { zh = "海门", en = "Haimen" }
clusters = {}
functional_areas = {}
"""
TODAY = datetime.now(UTC).date()  # noqa: TID251  the command under test has this clock


def day(terminal: str, on: date, size: str = "20") -> TerminalDay:
    """A day with ten full containers discharged."""
    return TerminalDay(
        area="tonghai",
        terminal=terminal,
        on=on,
        partition=0,
        offset=on.toordinal(),
        classes=(ClassSum("DISC", "normal", Fill.LADEN, size, 10, 1000),),
        hours=(0,) * 24,
        newest=datetime(on.year, on.month, on.day, 12, tzinfo=UTC),
    )


def records() -> Iterator[Encoded]:
    """THE works 100 days; THC begins 50 days later, lacks one day, and has one without sizes."""
    for ago in range(1, 101):
        on = TODAY - timedelta(ago)
        yield Encoded(TERMINAL_DAYS.name, f"THE{on}".encode(), encode(day("THE", on)))
        if ago <= 50 and ago != 20:
            size = "unknown" if ago == 30 else "20"
            yield Encoded(TERMINAL_DAYS.name, f"THC{on}".encode(), encode(day("THC", on, size)))
    letter = DeadLetter(MOVES.name, 0, 7, "unknown_terminal", "no such terminal", b"x")
    yield Encoded(REJECTED.name, b"x", encode(letter))


def planted(broker: RunningBroker) -> None:
    async def sent() -> None:
        async with Sender(Settings(kafka=broker.bootstrap), "test") as sender:
            for record in records():
                await sender.send_encoded(record)

    asyncio.run(sent())


def give(connection: Connection, topic: Topic, setting: str, value: str) -> None:
    """Change one setting of a topic on the broker."""
    changed = {**topic.config, setting: value}
    wanted = ConfigResource(ConfigResourceType.TOPIC, topic.name, changed)
    asked_of_kafka(connection, lambda admin: admin.alter_configs([wanted]))


@pytest.fixture
def port(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a port of two terminals without targets, whose servers do not run."""
    (tmp_path / "quaymark.toml").write_text(BOOK, "utf-8")
    (tmp_path / "targets.toml").write_text("")
    return environ | {
        "QUAYMARK_BOOK": str(tmp_path / "quaymark.toml"),
        "QUAYMARK_TARGETS": str(tmp_path / "targets.toml"),
        **{
            f"QUAYMARK_{name}_PORT": str(free_port())
            for name in ("METRICS", "INBOX_METRICS", "PROMETHEUS", "ALERTMANAGER", "GRAFANA")
        },
    }


def examined(port: dict[str, str]) -> tuple[int, dict[str, dict[str, str]]]:
    """Exit code, and check -> finding, without the machine's disk, which is no part of a test."""
    done = run(port, "doctor", "--json")
    answer: dict[str, Any] = json.loads(done.stdout)
    found = [one for one in answer["findings"] if one["check"] != "disk"]
    assert len({one["check"] for one in found}) == len(found), found
    assert answer["exit"] == done.returncode
    return done.returncode, {one["check"]: one for one in found}


def test_faults_planted_in_kafka_and_on_ports_are_named(
    broker: RunningBroker, topics: Topics, port: dict[str, str]
) -> None:
    topics()
    planted(broker)
    connection = Connection(broker.bootstrap)
    give(connection, MOVES, "retention.ms", "604800000")  # Kafka's default of 7 days
    give(connection, TERMINAL_DAYS, "min.compaction.lag.ms", "259200000")
    delete_topics(connection, [READINGS.name])

    with socket.create_server(("127.0.0.1", int(port["QUAYMARK_METRICS_PORT"]))):
        code, found = examined(port)

    assert code == 1
    assert set(found) == {
        *("topic_retention", "topic_settings", "topic_missing", "port_taken", "worker_absent"),
        *("prometheus_absent", "alertmanager_absent", "days_missing", "terminal_late"),
        *("sizes_unknown", "target_missing", "dead_letters", "backup_missing"),
    }
    assert found["topic_retention"]["where"] == "topic port.moves.raw"
    assert "for 7 days" in found["topic_retention"]["what"]
    assert found["topic_settings"]["where"] == "topic port.terminal-day.snapshot"
    assert "min.compaction.lag.ms is 259200000" in found["topic_settings"]["what"]
    assert found["topic_missing"]["where"] == "topic port.readings"
    assert f"1 days without a move: {TODAY - timedelta(20)}" in found["days_missing"]["what"]
    assert f"begin on {TODAY - timedelta(50)}" in found["terminal_late"]["what"]
    # 10 of 49 days of 10 containers
    assert "2.0% " in found["sizes_unknown"]["what"]
    assert "10 of 490" in found["sizes_unknown"]["what"]
    assert "unknown_terminal 1" in found["dead_letters"]["what"]

    ok(run(port, "topics", "--mend"))
    _, mended = examined(port)

    assert not {"topic_retention", "topic_settings", "topic_missing"} & set(mended)


def test_topics_that_differ_are_told_with_exit_code_1_and_nothing_is_changed(
    broker: RunningBroker, topics: Topics, port: dict[str, str]
) -> None:
    topics(*(topic for topic in TOPICS if topic not in (MOVES, READINGS)))
    connection = Connection(broker.bootstrap)
    create_topics(connection, [replace(MOVES, partitions=3)])
    give(connection, TERMINAL_DAYS, "cleanup.policy", "delete")
    give(connection, TARGETS, "min.insync.replicas", "2")

    done = run(port, "topics", "--check")

    assert done.returncode == 1
    for line in (
        "error, topic_partitions: topic port.moves.raw: has 3 partitions, expected 4",
        "error, topic_missing: topic port.readings: is not there",
        "error, topic_settings: topic port.terminal-day.snapshot: cleanup.policy is delete, exp",
        "error, topic_insync: topic port.targets: min.insync.replicas is 2, but there is only 1",
    ):
        assert line in done.stdout
    assert "error: 4 of " in done.stderr
    assert READINGS.name not in partitions(connection)

    copies = run(port | {"QUAYMARK_KAFKA_REPLICATION_FACTOR": "3"}, "topics", "--check")

    assert "topic_copies: topic port.rejected: has 1 copy, expected 3" in copies.stdout


def test_mending_keeps_what_says_how_many_copies_a_record_needs(
    broker: RunningBroker, topics: Topics, port: dict[str, str]
) -> None:
    topics()
    connection = Connection(broker.bootstrap)
    give(connection, TARGETS, "min.insync.replicas", "1")

    ok(run(port, "topics", "--mend"))

    given = topic_settings(connection, [TARGETS.name])[TARGETS.name].given
    assert given["min.insync.replicas"] == "1"
    assert "topics are as they should be" in ok(run(port, "topics", "--check"))


def test_a_broker_on_this_machine_has_its_clock_and_the_probe_is_gone(
    broker: RunningBroker, topics: Topics
) -> None:
    topics()
    connection = Connection(broker.bootstrap)

    assert abs(seconds_ahead(connection)) < 5  # one clock; a busy machine answers in seconds
    assert not [name for name in partitions(connection) if "clock" in name]


def test_without_kafka_it_says_that_it_could_not_look(port: dict[str, str]) -> None:
    port["QUAYMARK_KAFKA"] = f"127.0.0.1:{free_port()}"

    code, found = examined(port)

    assert code == 2
    assert "kafka_absent" in found
