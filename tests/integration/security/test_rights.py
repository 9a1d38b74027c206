"""A broker that denies by default: the least rights suffice, and each that lacks is told."""

from collections.abc import Callable
from functools import partial

import pytest

from broker import admin
from broker.connection import Connection
from broker.reader import TopicReading
from contract.book import read_book
from contract.kafka.rights import ROLES, Right
from contract.snapshots import PastReading
from contract.topics import (
    INDICATOR_VALUES,
    PROJECT_CARDS,
    READINGS,
    REJECTED,
    TERMINAL_DAYS,
    TOPICS,
    Topic,
)
from stack.backfill.readings_publisher import Publisher
from stack.backfill.snapshot_reader import read_past
from tests.integration.support.commands import ok, run
from tests.integration.support.secured.denied_port import DeniedPort
from tests.integration.support.secured.producer_command import producer
from tests.integration.support.workers import (
    HERE,
    recent,
    until,
)
from tests.unit.stack.command_line import Done, quaymark

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("rights")]

BY_NAME = {role.name: role for role in ROLES}
HEAD = "move,time,terminal,container,size,fill"


def ran(done: Done) -> None:
    assert done.returncode == 0, done


def worker_runs(denied: DeniedPort) -> None:
    letters = _records(denied, REJECTED)
    running = denied.worker()
    try:
        until("the worker is ready", running.ready)
        for topic in (TERMINAL_DAYS, PROJECT_CARDS, INDICATOR_VALUES):
            until(f"{topic.name} has records", partial(_records, denied, topic))
        until("a bad event is set aside", lambda: _records(denied, REJECTED) > letters)
        running.stop()
    finally:
        if running.process.poll() is None:
            running.kill()


def producer_sends(denied: DeniedPort) -> None:
    environ, folder = denied.environ("producer"), denied.folder / "files"
    folder.mkdir()
    day = recent(2)
    row = f"DISC,{day:%Y-%m-%dT%H:%M}+08:00,THE,CSQU3054383,22G1"
    (folder / "good.csv").write_text(f"{HEAD}\n{row},laden\n{row},what\n")
    producer(("import", str(folder)), HERE, environ)
    producer(("import", "--history", str(folder)), HERE, environ)
    ran(producer(("targets",), HERE, environ))
    ran(producer(("rejected", "list"), HERE, environ))
    producer(("rejected", "retry"), HERE, environ)
    ran(producer(("projects", "--yes"), HERE, environ))
    ran(producer(("figures", "--yes"), HERE, environ))
    days = ("--since", "2026-01-01", "--until", "2026-01-01", "--no-live", "--yes")
    ran(producer(("simulate", *days), HERE, environ))
    producer(("simulate", "--check"), HERE, environ)


def archive_is_made(denied: DeniedPort) -> None:
    environ, folder = denied.environ("archive"), denied.folder / "kept"
    ran(quaymark(("archive", str(folder / "archive")), HERE, environ))
    ran(quaymark(("backup", str(folder / "backup")), HERE, environ))


def reports_are_read(denied: DeniedPort) -> None:
    environ = denied.environ("reports")
    ok(run(environ, "report", "show", f"{recent(3):%Y-%m-%d}"))  # it needs a binary stdout
    ran(
        quaymark(("report", "note", f"{recent(3):%Y-%m-%d}", "fog", "--by", "desk"), HERE, environ)
    )
    ran(quaymark(("report", "issue", f"{recent(3):%Y-%m-%d}", "--provisional"), HERE, environ))
    ran(quaymark(("report", "list"), HERE, environ))
    ran(quaymark(("targets", "show"), HERE, environ))
    quaymark(("books", "verify", "--snapshots"), HERE, environ)


def history_is_read_and_published(denied: DeniedPort) -> None:
    connection = denied.broker.connection("history")
    read_past(connection, read_book((HERE / "quaymark.toml").read_text(), "quaymark.toml"))
    admin.create_topics(connection, [READINGS])
    with TopicReading(connection, READINGS) as reading:
        assert not list(reading.rest())
    at = recent(3)
    with Publisher(connection, READINGS) as publisher:
        publisher.publish([PastReading("tonghai", "series", {}, at.date(), at, 1.0)])


def topics_are_made_and_checked(denied: DeniedPort) -> None:
    environ = denied.environ("topics")
    admin.delete_topics(Connection(denied.broker.bootstrap), [topic.name for topic in TOPICS])
    for option in ((), ("--mend",), ("--check",)):
        ran(quaymark(("topics", *option), HERE, environ))


def doctor_looks(denied: DeniedPort) -> None:
    done = quaymark(("doctor",), HERE, denied.environ("doctor"))
    assert "could not be looked at" not in done.stdout, done.stdout


def run_is_made_and_dropped(denied: DeniedPort) -> None:
    environ = denied.environ("runs")
    ran(quaymark(("replay", "--run", "trial", "--end"), HERE, environ))
    ran(quaymark(("runs", "drop", "trial"), HERE, environ))


def books_are_rebuilt(denied: DeniedPort) -> None:
    ran(quaymark(("books", "rebuild", "--yes"), HERE, denied.environ("rebuild")))


COMMANDS: dict[str, Callable[[DeniedPort], None]] = {
    "producer": producer_sends,
    "worker": worker_runs,
    "archive": archive_is_made,
    "reports": reports_are_read,
    "history": history_is_read_and_published,
    "doctor": doctor_looks,
    "runs": run_is_made_and_dropped,
    "rebuild": books_are_rebuilt,
    "topics": topics_are_made_and_checked,
}
"""A role -> what uses all of its rights, in an order in which each finds what it needs."""


def test_every_command_runs_with_the_least_rights_and_is_denied_nothing(
    denied: DeniedPort,
) -> None:
    for role, commands in COMMANDS.items():  # one test: each leaves what the next one reads
        since = denied.broker.log.stat().st_size

        commands(denied)

        allowed, refused = denied.broker.said(role, since)
        assert not refused, role
        unused = [str(one) for one in BY_NAME[role].rights if not _is_used(one, allowed)]
        assert not unused, role


def test_every_role_has_its_commands() -> None:
    assert set(COMMANDS) == set(BY_NAME)


def _is_used(right: Right, allowed: set[str]) -> bool:
    kind = right.resource.capitalize()
    wanted = f"{right.operation} on {kind} {right.name}"
    return any(one.startswith(wanted) if right.is_prefix else one == wanted for one in allowed)


def _records(denied: DeniedPort, topic: Topic) -> int:
    with TopicReading(Connection(denied.broker.bootstrap), topic) as reading:
        return reading.left()
