"""A replay on a real Kafka that is killed at several points and continued each time."""

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from producers.replay.run import reached
from tests.integration.support.commands import ok, run
from tests.integration.support.figures import differing, settled
from tests.integration.support.offsets import ends
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import HERE, until, worker

pytestmark = pytest.mark.kafka

Topics = Callable[..., None]
SEED = 8
DAYS = ("--since", "2019-02-01", "--until", "2019-02-08", "--no-live")
PACED = ("--speed", "20000")  # a day in 4.3 s: some are noted, and five times some are not the end
STILL_LOOKS = 5


class Killing:
    """Starts a replay of an archive, brings it to a chosen point, and kills it."""

    def __init__(
        self, broker: RunningBroker, environ: dict[str, str], folder: Path, archive: Path
    ) -> None:
        self._broker, self._environ, self._rng = broker, environ, random.Random(SEED)
        self.note, self._paused, self._log = (folder / n for n in ("reached", "paused", "log"))
        history = ("replay", "--from-archive", str(archive))
        self.line = (*history, "--note", str(self.note), "--paused", str(self._paused))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def sent(self) -> int:
        """Return how many records of moves Kafka has."""
        return sum(ends(self._broker.bootstrap).values())

    def before_the_first(self) -> None:
        """Start it, before it sends the first record."""
        self._begin(*PACED)

    def anywhere(self) -> None:
        """Start it and wait until it has sent some records."""
        before, some = self.sent, self._rng.randrange(1, 800)
        self._begin(*PACED)
        self._until("some are sent", lambda: self.sent >= before + some)

    def in_an_acknowledgement(self) -> None:
        """Pause Kafka, so that the replay waits for an acknowledgement."""
        self.anywhere()
        self._broker.pause()

    def in_a_pause(self) -> None:
        """Pause the replay and wait until it sends nothing."""
        self.anywhere()
        self._paused.touch()
        counts: list[int] = []

        def rests() -> bool:
            counts.append(self.sent)
            return len(counts) > STILL_LOOKS and len(set(counts[-STILL_LOOKS:])) == 1

        self._until("it rests", rests)

    def after_the_last(self) -> None:
        """Start it and wait until it has sent and reported all; its process is ending."""
        self._begin()
        until("it has sent all", lambda: "replay.ended" in self._log.read_text("utf-8"))

    def kill(self) -> None:
        """Kill it with SIGKILL, and undo every other disturbance."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._broker.resume()
        self._paused.unlink(missing_ok=True)

    def _begin(self, *pace: str) -> None:
        with self._log.open("wb") as out:
            line = [sys.executable, "-m", "producers", *self.line, *pace]
            self._process = subprocess.Popen(
                line, cwd=HERE, env=self._environ, stdout=out, stderr=out
            )

    def _until(self, what: str, read: Callable[[], bool]) -> None:
        process = self._process
        assert process is not None

        def so_far() -> bool:
            assert process.poll() is None, self._log.read_text("utf-8")
            return read()

        until(what, so_far)


def test_a_replay_killed_at_seven_points_and_gone_on_with_gives_the_same_books(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> None:
    topics()
    archive, port = tmp_path / "a", free_port()
    environ["QUAYMARK_METRICS_PORT"] = str(port)
    ok(run(environ, "simulate", *DAYS, room="producers"))
    ok(run(environ, "targets", room="producers"))
    ok(run(environ, "archive", str(archive)))
    whole = sum(ends(broker.bootstrap).values())
    with worker(broker.bootstrap, tmp_path / "b", port, store="memory") as one:
        before = settled(one)

    topics()
    killing = Killing(broker, environ, tmp_path, archive)
    points = [killing.before_the_first, killing.in_an_acknowledgement, killing.in_a_pause]
    points += [killing.anywhere] * 3
    random.Random(SEED).shuffle(points)
    for point in (*points, killing.after_the_last):
        try:
            point()
        finally:
            killing.kill()
    ok(run(environ, *killing.line, room="producers"))

    found = reached(killing.note)
    assert found is not None
    assert found.is_over
    assert killing.sent >= whole
    with worker(broker.bootstrap, tmp_path / "c", port, store="memory") as two:
        assert differing(settled(two), before) == []
        ok(run(environ, "books", "verify"))
