"""The books of a real port take in no event of the simulator."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from broker.connection import Connection
from broker.reader import TopicReading
from contract.target_file import read_targets
from contract.topics import INDICATORS, MOVES, PROJECTS, TARGETS, Topic
from stack.processes.supervisor import TARGETS_ONLY
from tests.integration.support.commands import run
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import HERE, as_records, move, recent, send, until

pytestmark = pytest.mark.kafka

Topics = Callable[..., None]
EVERYTHING_RUNS = "Everything runs."
DAY = ("--since", "2019-02-01", "--until", "2019-02-01", "--no-live")
ONE_REAL_MOVE = as_records([move(1, "THE", "22G1", recent(), source="/tos")])


def held(bootstrap: str, *topics: Topic) -> dict[str, int]:
    """Topic -> number of records that it holds."""
    counts = {}
    for topic in topics:
        with TopicReading(Connection(bootstrap), topic) as reading:
            counts[topic.name] = reading.left()
    return counts


@pytest.fixture
def own(tmp_path: Path, environ: dict[str, str]) -> dict[str, str]:
    """Return an environment for `quaymark up` with its own folder, broker and ports."""
    metrics = ("METRICS", "INBOX_METRICS", "REPORT_METRICS", "REGISTER_METRICS")
    ports = (*metrics, "WEB", "PROMETHEUS", "ALERTMANAGER", "GRAFANA")
    return {
        **environ,
        "QUAYMARK_KAFKA": f"127.0.0.1:{free_port()}",
        "QUAYMARK_FOLDER": str(tmp_path / "q"),
        **{f"QUAYMARK_{name}_PORT": str(free_port()) for name in ports},
    }


@contextmanager
def up(environ: dict[str, str], log: Path, *options: str) -> Iterator[None]:
    """Run `quaymark up`, yield once everything runs, and stop it at the end as `down` does."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "stack", "up", *options],
            cwd=HERE,
            env=environ,
            stdout=file,
            stderr=subprocess.STDOUT,
        )

    def runs() -> bool:
        assert process.poll() is None, log.read_text()
        return EVERYTHING_RUNS in log.read_text()

    try:
        until("everything runs", runs, 240)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(90)


def test_books_of_a_real_port_hold_targets_only_and_then_what_was_sent(
    own: dict[str, str], tmp_path: Path
) -> None:
    bootstrap, log = own["QUAYMARK_KAFKA"], tmp_path / "up.log"
    targets = len(read_targets((HERE / "targets.toml").read_text("utf-8"), "targets.toml"))

    with up(own, log, "--no-simulate"):
        assert held(bootstrap, MOVES, PROJECTS, INDICATORS, TARGETS) == {
            MOVES.name: 0,
            PROJECTS.name: 0,
            INDICATORS.name: 0,
            TARGETS.name: targets,
        }
        send(bootstrap, ONE_REAL_MOVE)

    # the same without the option, even if the choice is not stored: a real event exists
    (Path(own["QUAYMARK_FOLDER"]) / "data" / TARGETS_ONLY).unlink()
    with up(own, log):
        assert held(bootstrap, MOVES, PROJECTS, INDICATORS) == {
            MOVES.name: 1,
            PROJECTS.name: 0,
            INDICATORS.name: 0,
        }
    said = log.read_text()
    assert "port.moves.raw holds events of another source (/tos)" in said
    assert "the simulated port is not started" in said


@pytest.mark.parametrize("command", [("simulate", *DAY), ("projects",), ("figures",)])
def test_the_simulator_refuses_live_topics_with_events_of_another_source(
    command: tuple[str, ...],
    broker: RunningBroker,
    topics: Topics,
    environ: dict[str, str],
) -> None:
    topics()
    send(broker.bootstrap, ONE_REAL_MOVE)
    before = held(broker.bootstrap, MOVES, PROJECTS, INDICATORS)

    refused = run(environ, *command, room="producers")

    assert refused.returncode == 2, refused.stderr
    assert "another source (/tos)" in refused.stderr
    assert "--yes" in refused.stderr
    assert held(broker.bootstrap, MOVES, PROJECTS, INDICATORS) == before
    confirmed = run(environ, *command, "--yes", room="producers")
    assert confirmed.returncode == 0, confirmed.stderr
    assert held(broker.bootstrap, MOVES, PROJECTS, INDICATORS) != before


def test_the_simulators_own_events_are_no_other_source(
    broker: RunningBroker, topics: Topics, environ: dict[str, str]
) -> None:
    topics()

    for command in (("projects",), ("figures",), ("simulate", *DAY), ("projects",)):
        done = run(environ, *command, room="producers")
        assert done.returncode == 0, done.stderr

    check = run(environ, "simulate", "--check", room="producers")
    assert (check.returncode, check.stdout) == (0, "")
    assert held(broker.bootstrap, MOVES)[MOVES.name] > 0

    # the same source and another id: sent by the terminal's own system
    send(broker.bootstrap, as_records([move(1, "THE", "22G1", recent())]))
    check = run(environ, "simulate", "--check", room="producers")
    assert check.returncode == 3
    assert check.stdout == "port.moves.raw holds events of another source (/tonghai/THE)\n"
