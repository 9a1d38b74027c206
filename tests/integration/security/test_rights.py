"""A broker that denies by default: the least rights suffice, and each that lacks is told."""

import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from contract.wire import encode
from stack.backfill.readings_publisher import Publisher
from stack.backfill.snapshot_reader import read_past
from tests.integration.support.commands import ok, run
from tests.integration.support.ports import free_port
from tests.integration.support.secured.denied_port import DeniedPort
from tests.integration.support.secured.producer_command import producer
from tests.integration.support.workers import HERE, move, recent, until
from tests.unit.stack.command_line import Done, quaymark

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("rights")]

BY_NAME = {role.name: role for role in ROLES}
TOKEN = "0123456789abcdef0123456789abcdef"
HEAD = "move,time,terminal,container,size,fill"


def ran(done: Done) -> None:
    assert done.returncode == 0, done


def worker_runs(denied: DeniedPort) -> None:
    letters = _records(denied, REJECTED)
    running = denied.live = denied.worker()  # reports and archive ask it, too
    until("the worker is ready", running.ready)
    for topic in (TERMINAL_DAYS, PROJECT_CARDS, INDICATOR_VALUES):
        until(f"{topic.name} has records", partial(_records, denied, topic))
    until("a bad event is set aside", lambda: _records(denied, REJECTED) > letters)


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
    files_are_taken_in(denied, environ)
    posts_are_taken(denied, environ)


def files_are_taken_in(denied: DeniedPort, environ: dict[str, str]) -> None:
    inbox = denied.folder / "inbox"
    inbox.mkdir()
    (inbox / "good.csv").write_text(f"{HEAD}\nLOAD,{recent(2):%Y-%m-%dT%H:%M}Z,THE,,22G1,laden\n")
    own = {"QUAYMARK_INBOX": str(inbox), "QUAYMARK_INBOX_SETTLE_SECONDS": "1"}
    own["QUAYMARK_INBOX_METRICS_PORT"] = str(free_port())
    with serving("producers", "inbox", environ=environ | own):
        until("the file is taken in", lambda: list(inbox.glob("done/**/good.csv*")))


def posts_are_taken(denied: DeniedPort, environ: dict[str, str]) -> None:
    tokens, port = denied.folder / "tokens", free_port()
    tokens.write_text(f"{TOKEN}\n")
    own = {"QUAYMARK_RECEIVE_TOKEN_FILE": str(tokens), "QUAYMARK_RECEIVE_PORT": str(port)}
    event = encode(move(77, "THE", "22G1", recent(2)))
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/events",
        data=event,
        headers={
            "Content-Type": "application/cloudevents+json",
            "Authorization": f"Bearer {TOKEN}",
        },
    )
    with serving("producers", "receive", environ=environ | own):
        until("it takes events", lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 200


@contextmanager
def serving(room: str, *command: str, environ: dict[str, str]) -> Iterator[None]:
    """Run what lasts until a signal; it ends in order."""
    line = [sys.executable, "-m", room, *command]
    process = subprocess.Popen(line, cwd=HERE, env=environ, stderr=subprocess.DEVNULL)
    try:
        yield
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


def answers(address: str) -> bool:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return bool(answer.status == 200)


def archive_is_made(denied: DeniedPort) -> None:
    environ, folder = denied.environ("archive"), denied.folder / "kept"
    ran(quaymark(("archive", str(folder / "archive")), HERE, environ))
    ran(quaymark(("backup", str(folder / "backup")), HERE, environ))
    ran(quaymark(("books", "verify"), HERE, environ))
    assert denied.live is not None
    assert denied.live.stop() == 0  # nothing after this asks a worker


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
    ran(quaymark(("status",), HERE, environ))
    port = str(free_port())
    with serving("web", environ=environ | {"QUAYMARK_WEB_PORT": port}):
        until("the page has figures", lambda: answers(f"http://127.0.0.1:{port}/healthz"))


def register_is_kept_and_asked(denied: DeniedPort) -> None:
    environ = denied.environ("register") | {"QUAYMARK_REGISTER_METRICS_PORT": str(free_port())}
    with serving("stack", "register", "watch", environ=environ):
        kept = denied.folder / "register/register/catalog.json"
        until("the register is made", kept.exists)
    ran(quaymark(("register", "rebuild"), HERE, environ))
    ran(quaymark(("register", "status"), HERE, environ))
    ran(quaymark(("explain",), HERE, environ))  # it equals the books, which it reads
    ran(quaymark(("find", "CSQU3054383"), HERE, environ))


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


def backup_is_restored(denied: DeniedPort) -> None:
    admin.delete_topics(Connection(denied.broker.bootstrap), [topic.name for topic in TOPICS])
    home = denied.folder / "restored"
    home.mkdir()
    backup = denied.folder / "kept/backup"
    environ = denied.environ("restore")
    ran(quaymark(("restore", str(backup)), home, environ))


COMMANDS: dict[str, Callable[[DeniedPort], None]] = {
    "producer": producer_sends,
    "worker": worker_runs,
    "reports": reports_are_read,
    "register": register_is_kept_and_asked,  # beside the worker, whose books it equals
    "archive": archive_is_made,  # with the reports that were issued
    "history": history_is_read_and_published,
    "doctor": doctor_looks,
    "runs": run_is_made_and_dropped,
    "rebuild": books_are_rebuilt,
    "topics": topics_are_made_and_checked,
    "restore": backup_is_restored,
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
