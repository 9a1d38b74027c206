"""`quaymark archive` on a real Kafka continues where it stopped or was killed."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from archive.manifest import ArchiveManifest
from contract.topics import MOVES
from contract.wire import encode
from tests.integration.support.commands import run
from tests.integration.support.raw_batches import NAME, Odd, batch_of, send_batch
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import HERE, move, recent, until

pytestmark = pytest.mark.kafka

Topics = Callable[..., None]
FEBRUARY = ("--since", "2019-02-01", "--until", "2019-02-12", "--no-live")


def archived(environ: dict[str, str], folder: Path, *options: str) -> None:
    done = run(environ, "archive", str(folder), *options)
    assert done.returncode == 0, done.stdout + done.stderr


def holds(folder: Path, files: int) -> bool:
    return len(ArchiveManifest.read(folder).parts) >= files


def simulated(environ: dict[str, str], *options: str) -> None:
    done = run(environ, "simulate", *options, room="producers")
    assert done.returncode == 0, done.stderr


def test_an_archive_goes_on_where_it_stopped_and_survives_being_killed(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    folder = tmp_path / "a"
    simulated(environ, *FEBRUARY)

    until_the_tenth = "--to", "2019-02-10"
    for files in (1, 3, 6):  # killed while it writes the next file
        line = [sys.executable, "-m", "stack", "archive", str(folder), *until_the_tenth]
        process = subprocess.Popen(line, cwd=HERE, env=environ, stdout=subprocess.DEVNULL)
        until(f"{files} are there", partial(holds, folder, files))
        process.kill()
        process.wait()
    archived(environ, folder, *until_the_tenth)
    some = sum(part.records for part in ArchiveManifest.read(folder).of(MOVES.name))
    archived(environ, folder)
    once = ArchiveManifest.read(folder)
    archived(environ, folder)

    verified = run(environ, "archive", "verify", str(folder))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert (
        ArchiveManifest.read(folder).parts == once.parts
    )  # no new event arrived, so nothing was written
    assert 0 < some < sum(part.records for part in once.of(MOVES.name))
    assert list(folder.glob("*/*.making")) == []
    for part in once.of(MOVES.name):  # a historic record has its own time
        assert part.first_sent > datetime(2019, 1, 31, 15, tzinfo=UTC)
        assert part.last_sent - part.first_sent <= timedelta(days=1)


def test_records_that_no_client_library_writes_are_archived_like_any(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    now = round(recent().timestamp() * 1000)
    events = [encode(move(n, "THE", "22G1", recent())) for n in range(4)]
    send_batch(
        broker.bootstrap,
        MOVES.name,
        0,
        batch_of(
            (
                Odd(events[0], now),
                Odd(events[1], now, ((NAME.decode(), b"x"),)),  # a header's name in Latin-1
                Odd(events[2], -500_000_000_000_000_000),  # 15 million years before Christ
                Odd(events[3], now),
            )
        ),
    )

    archived(environ, tmp_path / "a")

    assert sum(part.records for part in ArchiveManifest.read(tmp_path / "a").of(MOVES.name)) == 4
    verified = run(environ, "archive", "verify", str(tmp_path / "a"))
    assert verified.returncode == 0, verified.stdout + verified.stderr
