"""Backups that are killed, run out of disk space or miss a server, and a killed restore."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stack.backup.backup_manifest import BackupManifest, read_manifest
from stack.backup.restore import refuse_unfit
from tests.integration.support.installation.port_folder import QUAYMARK
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.small_disk import small_disk
from tests.integration.support.workers import HERE, as_records, move, recent, send, until

pytestmark = pytest.mark.kafka

Topics = Callable[..., None]
KILLS = 8
DAYS = ("--since", "2019-02-01", "--until", "2019-02-10", "--no-live")
VERSION = "0.1.0"


def quaymark(environ: dict[str, str], *line: str, cwd: Path = HERE) -> tuple[int, str]:
    done = subprocess.run(
        [str(QUAYMARK), *line],
        cwd=cwd,
        env=environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def whole(folder: Path) -> BackupManifest | None:
    """Return the backup if it is valid, and check that it is complete; else None."""
    found = read_manifest(folder)
    if found is not None:
        refuse_unfit(folder, found, VERSION)
    return found


def nowhere(environ: dict[str, str]) -> dict[str, str]:
    """Return an environment where only Kafka answers: the other ports have no listener."""
    return {**environ, "QUAYMARK_PROMETHEUS_PORT": "1", "QUAYMARK_ALERTMANAGER_PORT": "1"}


def test_a_backup_killed_anywhere_counts_as_a_whole_or_not_at_all(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    environ, kept = nowhere(environ), tmp_path / "kept"
    done = subprocess.run(
        [sys.executable, "-m", "producers", "simulate", *DAYS], cwd=HERE, env=environ, check=False
    )
    assert done.returncode == 0
    counted: list[bool] = []
    for kill in range(KILLS):
        before = files(kept)
        process = subprocess.Popen(
            [str(QUAYMARK), "backup", str(kept)],
            cwd=HERE,
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def goes_on(beyond: int = before + kill, running: object = process) -> bool:
            assert isinstance(running, subprocess.Popen)
            return files(kept) > beyond or running.poll() is not None

        until("it has written some more", goes_on)
        process.send_signal(signal.SIGKILL)
        process.wait()
        counted.append(whole(kept) is not None)

    assert not counted[0]
    code, said = quaymark(environ, "backup", str(kept))
    assert code == 0, said
    first = whole(kept)
    assert first is not None
    assert not list(kept.rglob("*.making"))
    assert quaymark(environ, "archive", "verify", str(kept / "archive"))[0] == 0

    send(broker.bootstrap, as_records([move(1, "THE", "22G1", recent())]))
    code, said = quaymark(environ, "backup", str(kept))
    assert code == 0, said
    assert said.splitlines()[-1].startswith("1 records and 0.0 MB")


@pytest.mark.needs("disk")
def test_a_full_and_a_read_only_disk_get_a_clear_word_and_the_last_backup_stays(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    environ = nowhere(environ)
    send(broker.bootstrap, as_records([move(1, "THE", "22G1", recent())]))
    with small_disk() as disk:
        kept = disk.folder / "kept"
        assert quaymark(environ, "backup", str(kept))[0] == 0
        before = whole(kept)
        send(broker.bootstrap, as_records([move(2, "THE", "22G1", recent())]))

        with disk.filled():
            code, said = quaymark(environ, "backup", str(kept))
            assert code == 1
            assert "No space left on device" in said
            assert "make room" in said
            assert "Traceback" not in said
        assert whole(kept) == before
        code, said = quaymark(environ, "backup", str(kept))
        assert code == 0, said
        assert said.splitlines()[-1].startswith("1 records")

        subprocess.run(["mount", "-o", "remount,ro", str(disk.folder)], check=True)
        code, said = quaymark(environ, "backup", str(kept))
        assert code == 1
        assert "Read-only file system" in said
        assert "Traceback" not in said
        assert quaymark(environ, "restore", str(kept), "--dry-run")[0] == 0


def test_a_server_that_is_away_makes_the_backup_fail_but_not_lose_the_rest(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    environ, kept = nowhere(environ), tmp_path / "kept"
    send(broker.bootstrap, as_records([move(1, "THE", "22G1", recent())]))
    (tmp_path / "data/prometheus/01ARZ3NDEKTSV4RRFFQ69G5FAV").mkdir(parents=True)

    code, said = quaymark(environ, "backup", str(kept))

    assert code == 1
    assert "the backup lacks something" in said
    assert "prometheus: not in it, since no Prometheus answers at http://127.0.0.1:1" in said
    found = whole(kept)
    assert found is not None
    assert found.topics["port.moves.raw"].records == 1


def test_a_restore_killed_in_the_middle_leaves_nothing_where_up_looks(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    environ, kept, home = nowhere(environ), tmp_path / "kept", tmp_path / "home"
    send(broker.bootstrap, as_records([move(n, "THE", "22G1", recent()) for n in range(500)]))
    assert quaymark(environ, "backup", str(kept))[0] == 0
    home.mkdir()
    environ["QUAYMARK_FOLDER"] = "data"
    stage = home / "data.restoring"
    for begun in ("settings", "data/kafka/logs"):  # before Kafka is restored, and meanwhile
        process = subprocess.Popen(
            [str(QUAYMARK), "restore", str(kept)],
            cwd=home,
            env=environ,
            stdout=subprocess.DEVNULL,
        )
        try:
            until(f"{begun} is there", (stage / begun).exists)
        finally:
            process.kill()
            process.wait()
        assert not (home / "data/data").exists()
        assert not (home / "quaymark.toml").exists()

    code, said = quaymark(environ, "restore", str(kept), cwd=home)

    assert code == 0, said
    assert "port.moves.raw                 500 records" in said
    assert (home / "quaymark.toml").read_bytes() == (HERE / "quaymark.toml").read_bytes()
    assert not stage.exists()
    code, said = quaymark(environ, "restore", str(kept), cwd=home)
    assert code == 2
    assert "--replace" in said
