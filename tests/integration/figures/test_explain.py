"""`quaymark explain` and `find`: a figure of a running worker, taken apart after it changed."""

import csv
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from contract.events import ContainerMoved, MoveRetracted, Retraction
from tests.integration.support.commands import ok, run
from tests.integration.support.figures import teu_by_area
from tests.integration.support.known_moves import known_moves, settled
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import (
    HERE,
    as_records,
    becomes,
    move,
    recent,
    send,
    until,
    worker,
)

pytestmark = pytest.mark.kafka

EAST = 'code = "THE"'


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # a test is a door


def number(serial: int) -> str:
    """A container number of its own; a wrong check digit is flagged, and counts."""
    return f"CSQU{serial:07d}"


def box(serial: int, terminal: str, size: str, at: datetime) -> ContainerMoved:
    return move(serial, terminal, size, at, "/tonghai/east", equipmentReference=number(serial))


def retracted(event: ContainerMoved) -> MoveRetracted:
    return MoveRetracted(
        id=f"retract-{event.id}",
        source=event.source,
        time=now(),
        recordedtime=now(),
        specversion="1.0",
        data=Retraction(retractedEventID=event.id),
    )


def amended(event: ContainerMoved, terminal: str) -> ContainerMoved:
    data = msgspec.structs.replace(event.data, facilityCode=terminal)
    return msgspec.structs.replace(event, data=data, recordedtime=now())


def asked(environ: dict[str, str], *line: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(ok(run(environ, *line, "--json")))
    return answer


def test_a_figure_that_changed_names_its_four_causes_and_equals_the_books(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    port, past = free_port(), recent()
    book = tmp_path / "book.toml"
    text = (HERE / "quaymark.toml").read_text("utf-8")
    book.write_text(text, "utf-8")
    environ |= {"QUAYMARK_METRICS_PORT": str(port), "QUAYMARK_BOOK": str(book)}
    # at THE 40 ft, 20 ft and 45 ft: 2.00 + 1.00 + 2.25 = 5.25 TEU; BERTH9 is no terminal yet
    first = [
        box(1, "THE", "45G1", past),
        box(2, "THE", "22G1", past),
        box(3, "THE", "L5G1", past),
        box(4, "BERTH9", "22G1", past),
    ]
    # two rows of three days ago at THC, 20 and 40 ft: 3.00 TEU; the third has no such move
    late = tmp_path / "late.csv"
    local = past.astimezone(ZoneInfo("Asia/Shanghai"))
    late.write_text(
        "move,time,terminal,container,size,fill\n"
        f"LOAD,{local.isoformat()},THC,{number(11)},22G1,LADEN\n"
        f"LOAD,{local.isoformat()},THC,{number(12)},42G1,LADEN\n"
        f"LIFTED,{local.isoformat()},THC,{number(13)},42G1,LADEN\n",
        "utf-8",
    )

    with worker(broker.bootstrap, tmp_path, port, book=str(book)) as one:
        send(broker.bootstrap, as_records(first))
        becomes("5.25 TEU", lambda: teu_by_area(one), {("tonghai", "THE"): 5.25})
        assert asked(environ, "explain")["amount"] == 5.25  # the register is made before a change
        since = now()
        assert run(environ, "import", str(late), room="producers").returncode == 1
        send(
            broker.bootstrap, as_records([amended(first[2], "THC"), box(5, "THE", "45G1", now())])
        )
        send(broker.bootstrap, as_records([retracted(first[0])]))
        # at THE 5.25 less 2.00 retracted and 2.25 moved, 2.00 new; at THC 3.00 late, 2.25 moved
        changed = {("tonghai", "THE"): 3.0, ("tonghai", "THC"): 5.25}
        becomes("the changes count", lambda: teu_by_area(one), changed)
        assert one.stop() == 0
    book.write_text(text.replace(EAST, f'{EAST}\naliases = ["BERTH9"]'), "utf-8")
    with worker(broker.bootstrap, tmp_path, port, book=str(book)) as two:
        ok(run(environ, "rejected", "retry", "--reason", "unknown_terminal", room="producers"))
        retried = {("tonghai", "THE"): 4.0, ("tonghai", "THC"): 5.25}  # 1.00 more at THE
        becomes("the retried counts", lambda: teu_by_area(two), retried)
        between = ("--between", since.isoformat(), now().isoformat())

        whole = asked(environ, "explain", *between)
        assert (whole["old"], whole["new"], whole["books"]) == (5.25, 9.25, 9.25)
        assert (whole["difference"], whole["unexplained"]) == (4, 0)
        causes = {"late": 3, "moved": 0, "new": 2, "retracted": -2, "retried": 1}
        assert whole["by_cause"] == causes

        east = ("explain", "--terminal", "BERTH9", *between)  # an alias now
        files = ("--csv", str(tmp_path / "east.csv"), "--xlsx", str(tmp_path / "east.xlsx"))
        said = ok(run(environ, *east, *files))
        assert "5.25 TEU as of" in said
        assert "-1.25 TEU in between" in said
        assert "equals the books: 4.00" in said
        lines = list(csv.DictReader((tmp_path / "east.csv").open(encoding="utf-8-sig")))
        assert {line["cause"]: float(line["teu"]) for line in lines} == {
            "moved": -2.25,
            "new": 2.0,
            "retracted": -2.0,
            "retried": 1.0,
        }
        assert (tmp_path / "east.xlsx").stat().st_size > 1000

        content = asked(environ, "explain", "--terminal", "THE", "--as-of", since.isoformat())
        assert content["amount"] == 5.25
        moved_box, refused_box, unread_box = (
            asked(environ, "find", number(serial))["records"] for serial in (3, 4, 13)
        )
        assert [one["terminal"] for one in moved_box] == ["THE", "THC"]
        assert moved_box[0]["known_to"] == moved_box[1]["known_from"]
        assert moved_box[1]["known_to"] is None
        assert [one["state"] for one in refused_box] == ["refused", "counted"]
        assert refused_box[0]["reason"] == "unknown_terminal"
        assert [one["line"] for one in unread_box] == ["line 4, move"]
        assert unread_box[0]["file"].endswith("late.csv")
        assert two.stop() == 0

    send(broker.bootstrap, as_records([box(6, "THE", "22G1", past)]))  # no worker counts it
    differs = run(environ, "explain")
    assert differs.returncode == 1
    assert "differs from the books by -1.00" in differs.stderr
    wrong = run(environ, "explain", "--terminal", "THX")
    assert wrong.returncode == 2
    assert "THC, THE, THW" in wrong.stderr


def test_a_register_whose_making_is_killed_goes_on_and_equals_the_books(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    send(broker.bootstrap, as_records(known_moves()))
    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        folder = tmp_path / "register"
        for _ in range(3):
            line = [sys.executable, "-m", "stack", "register", "update"]
            with subprocess.Popen(line, cwd=HERE, env=environ) as making:
                until("a file is there", lambda: making.poll() == 0 or any(folder.glob("*/*/*")))
                making.kill()
        ok(run(environ, "register", "update"))
        until("all is counted", lambda: settled(one))

        found = asked(environ, "explain")
        status = json.loads(ok(run(environ, "register", "status", "--json")))
        # by hand in known_moves: 30,000 TEU of 20,000 moves
        assert (found["amount"], found["books"]) == (30_000, 30_000)
        assert (status["versions"], status["waiting"]) == (20_000, 0)
        rebuilt = ok(run(environ, "register", "rebuild"))
        assert "20,000 records of moves added" in rebuilt
        assert one.stop() == 0
