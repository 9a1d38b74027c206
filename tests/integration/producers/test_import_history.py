"""Years of files come in with the times they had, each event once, however often it is killed."""

import asyncio
import json
import random
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from broker.connection import Connection
from broker.reader import read_to_end
from broker.topic_settings import set_as_declared, topic_settings
from contract.record import ConsumerRecord
from contract.topics import MOVES
from contract.wire import decode_move
from tests.integration.support.commands import ok, run
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import HERE, becomes, until, worker

pytestmark = pytest.mark.kafka

BEGIN = datetime(2017, 1, 1, 8, tzinfo=UTC)
DAYS = 600
PER_DAY = 20
EVENTS = DAYS * PER_DAY
COMMAND = (sys.executable, "-m", "producers", "import", "--history", "--json")


STRETCH = 500
KILLED = f"""
import os, signal, sys
from producers.__main__ import main
from producers.history import history_store
from producers.publish.sender import Sender

history_store.STRETCH_RECORDS = {STRETCH}
left = int(sys.argv.pop(1))

def counted(call):
    async def done(self, *given):
        global left
        await call(self, *given)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return done

Sender.send_encoded, Sender.flush = counted(Sender.send_encoded), counted(Sender.flush)
main()
"""
"""An import that kills itself after so many records and flushes, with short stretches.

After every 500 records it flushes, and takes them out of its store: step 501 is between the two.
"""


def write_days(folder: Path, days: int = DAYS) -> None:
    """A file a day, named so that names run against time; moves are recorded two hours later."""
    folder.mkdir()
    for day in range(days):
        lines = ["move,time,terminal,size,mode,id,recorded"]
        for number in range(PER_DAY):
            at = BEGIN + timedelta(days=day, minutes=number)
            recorded = at + timedelta(hours=2)
            lines.append(
                f"DISC,{at:%Y-%m-%dT%H:%M}Z,THE,22G1,VESSEL,{day}-{number},"
                f"{recorded:%Y-%m-%dT%H:%M}Z"
            )
        (folder / f"{days - day:04}.csv").write_text("\n".join(lines) + "\n")


def booked(broker: RunningBroker) -> list[ConsumerRecord]:
    """The records of the moves topic."""

    async def read() -> list[ConsumerRecord]:
        found = read_to_end(Connection(broker.bootstrap), MOVES)
        return [record async for records in found for record in records]

    return asyncio.run(read())


def test_years_of_files_come_in_by_their_times_though_the_import_is_killed(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    files = tmp_path / "files"
    write_days(files)
    killed = subprocess.Popen([*COMMAND, str(files)], cwd=HERE, env=environ)
    stores = tmp_path / "history-import"
    until("it reads", lambda: any(stores.glob("*.sqlite-wal")), 60)

    def reads_on() -> bool:
        """The log of the store grows while files are read."""
        return sum(path.stat().st_size for path in stores.iterdir()) > 1 << 20

    until("it has read some files", reads_on, 60)
    killed.send_signal(signal.SIGKILL)
    killed.wait()

    done = subprocess.run(
        [*COMMAND, str(files)], cwd=HERE, env=environ, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr.decode()
    summary = json.loads(done.stdout)
    # 600 files of 20 containers of 20 ft: 12,000 TEU, of both processes together.
    assert (summary["files"], summary["moves"], summary["teu"]) == (DAYS, EVENTS, EVENTS)
    assert "files were read by an earlier import" in done.stderr.decode()
    records = booked(broker)
    assert len(records) == EVENTS
    assert len({decode_move(record.value or b"").id for record in records}) == EVENTS
    # All are of one source, so of one partition, in the order of time: 2 h after each move.
    stamps = [record.timestamp for record in records]
    assert stamps == sorted(stamps)
    assert stamps[0] == round((BEGIN + timedelta(hours=2)).timestamp() * 1000)

    again = subprocess.run(
        [*COMMAND, str(files)], cwd=HERE, env=environ, capture_output=True, check=False
    )

    assert again.returncode == 0, again.stderr.decode()
    assert json.loads(again.stdout)["sent"] == 0
    assert "600 files were read by an earlier import" in again.stderr.decode()
    assert len(booked(broker)) == EVENTS
    [store] = stores.glob("*.sqlite")
    kept = sqlite3.connect(store)
    assert kept.execute("SELECT COUNT(*) FROM records").fetchone() == (0,)
    kept.close()


@pytest.mark.parametrize("seed", range(2))
def test_an_import_that_is_killed_while_it_sends_goes_on_and_each_event_counts_once(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path, seed: int
) -> None:
    topics()
    days = 150
    events = days * PER_DAY  # 3,000, of 20 ft each: 3,000 TEU, in six stretches
    files = tmp_path / "files"
    write_days(files, days)
    rng = random.Random(seed)
    kills = [rng.randrange(1, STRETCH), STRETCH + 1, STRETCH + 1 + rng.randrange(1, STRETCH)]
    rng.shuffle(kills)

    for steps in kills:
        line = [sys.executable, "-c", KILLED, str(steps), *COMMAND[3:], str(files)]
        killed = subprocess.run(line, cwd=HERE, env=environ, capture_output=True, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    done = subprocess.run(
        [*COMMAND, str(files)], cwd=HERE, env=environ, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr.decode()
    summary = json.loads(done.stdout)
    assert (summary["files"], summary["moves"], summary["teu"]) == (days, events, events)
    records = booked(broker)
    ids = [decode_move(record.value or b"").id for record in records]
    assert sorted(set(ids)) == sorted(f"{day}-{n}" for day in range(days) for n in range(PER_DAY))
    # What comes again is what Kafka had of the stretch that each killed process was in.
    assert STRETCH <= len(ids) - events <= len(kills) * STRETCH
    firsts = list(dict.fromkeys(zip(ids, (one.timestamp for one in records), strict=True)))
    assert len(firsts) == events  # each event has one time, however often it comes …
    assert [at for _, at in firsts] == sorted(at for _, at in firsts)  # … and they are in order
    with worker(broker.bootstrap, tmp_path, free_port()) as one:
        becomes(
            "each event counts once",
            lambda: sum(one.samples("port_throughput_ytd_teu").values()),
            float(events),
        )
        assert sum(one.samples("pipeline_repeats_total").values()) == len(ids) - events


def test_a_topic_that_would_delete_history_is_named_before_anything_is_sent(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    broker_has = Connection(broker.bootstrap)
    short = replace(MOVES, retention_days=30)
    set_as_declared(broker_has, [short])
    one = tmp_path / "old.csv"
    one.write_text(
        "move,time,terminal,size,mode,recorded\n"
        "DISC,2017-01-01T08:00Z,THE,22G1,VESSEL,2017-01-01T10:00Z\n"
    )

    refused = run(environ, "import", "--history", str(one))

    assert refused.returncode == 1
    assert "port.moves.raw keeps records for 30 days" in refused.stderr
    assert booked(broker) == []

    ok(run(environ, "topics", "--mend"))

    found = topic_settings(broker_has, [MOVES.name])[MOVES.name].values
    assert {name: found[name] for name in MOVES.config} == MOVES.config
    ok(run(environ, "import", "--history", str(one)))
    assert len(booked(broker)) == 1
