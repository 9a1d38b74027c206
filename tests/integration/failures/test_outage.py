"""A broker outage longer than a worker waits with unsent facts: the worker ends and restarts."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from stack.processes.child import Program
from stack.processes.children import Children
from tests.integration.support.commands import verified
from tests.integration.support.known_moves import SIZE, TERMINAL, handled, settled
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import (
    HERE,
    Running,
    as_records,
    becomes,
    move,
    recent,
    send,
    until,
    waits,
)

pytestmark = pytest.mark.kafka

MOVES = 60_000  # one or two seconds of work, so that facts are unsent when the broker stops
# three times the 20,000 of test_worker: 45,000 + 15,000 + 30,000 TEU
TEU = {"THC": 45_000.0, "THE": 15_000.0, "THW": 30_000.0}
ACKNOWLEDGE_SECONDS = "3"  # the default is a minute


class Supervised(Running):
    """A worker that is restarted, as `make up` does, whenever a test queries it."""

    def __init__(self, environ: Mapping[str, str], folder: Path, port: int) -> None:
        self.port = port
        self.said: list[str] = []
        self.children = Children(folder / "log", self.said.append)
        program = (sys.executable, "-m", "streams")
        self.child = self.children.start(Program("worker", program, folder=HERE, environ=environ))
        self.log = self.child.log

    def get(self, path: str) -> str:
        self.children.check()
        return super().get(path)

    def ready(self) -> bool:
        return self.get("/readyz") == "ready\n"


@contextmanager
def supervised(environ: Mapping[str, str], folder: Path, port: int) -> Iterator[Supervised]:
    one = Supervised(environ, folder, port)
    try:
        yield one
    finally:
        one.children.stop()


@pytest.fixture
def busy(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> Iterator[Supervised]:
    """Yield a worker that is in the middle of many events."""
    topics()
    at, port = recent(), free_port()
    moves = [move(n, TERMINAL[n % 4], SIZE[n % 4], at) for n in range(MOVES)]
    send(broker.bootstrap, as_records(moves))
    environ |= {
        "QUAYMARK_METRICS_PORT": str(port),
        "QUAYMARK_ACKNOWLEDGE_SECONDS": ACKNOWLEDGE_SECONDS,
    }
    with supervised(environ, tmp_path, port) as one:
        until("it books", lambda: sum(one.samples("pipeline_facts").values()))
        yield one


def test_a_worker_that_gives_up_is_started_again_and_the_books_are_exact(
    broker: RunningBroker, busy: Supervised, environ: dict[str, str]
) -> None:
    broker.kill()
    try:
        until("it waits, started again", lambda: waits(busy) and busy.child.restarts)
        [died] = [line for line in busy.said if line.startswith("worker ended")]
        assert died.startswith("worker ended (exit 1)")
        assert "worker.gave_up" in busy.log.read_text("utf-8")
    finally:
        broker.start()

    until("all is read", lambda: settled(busy))
    becomes("all is counted once", lambda: handled(busy), TEU)
    done = verified(environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert busy.child.restarts == 1


def test_a_worker_whose_broker_hangs_says_so_and_the_books_are_exact(
    broker: RunningBroker, busy: Supervised, environ: dict[str, str]
) -> None:
    broker.pause()  # connections stay open, but get no answer
    try:
        until("it says that it waits", lambda: waits(busy))
    finally:
        broker.resume()

    until("all is read", lambda: settled(busy))
    becomes("all is counted once", lambda: handled(busy), TEU)
    done = verified(environ)
    assert done.returncode == 0, done.stdout + done.stderr
