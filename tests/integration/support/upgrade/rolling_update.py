"""Two workers of an older release are replaced by this one and put back, while moves arrive.

`make rolling FROM=COMMIT` takes the older release from git.  After each change of a worker another
part of the known moves is sent; at the end the totals must be those that are worked by hand, and
`quaymark books verify` of this release must find the books exact.
"""

import argparse
import logging
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from broker.admin import create_topics
from broker.connection import Connection
from tests.integration.support.known_moves import TEU, handled, known_moves, settled
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import HERE, Running, as_records, becomes, send, until

STEPS = (
    ("old", "old"),
    ("new", "old"),
    ("new", "new"),
    ("old", "new"),
    ("old", "old"),
    ("new", "new"),
)
"""The releases of the two workers: an update, a roll-back, and the update again."""


class RollingUpdate:
    """A broker and two workers, each of one of two releases."""

    def __init__(self, folder: Path, sources: dict[str, Path]) -> None:
        self._folder, self._sources = folder, sources
        self._broker = RunningBroker(folder / "kafka")
        self._workers: list[tuple[str, Running]] = []

    def run(self) -> None:
        """Go through the steps.

        Raises:
            AssertionError: a total is not exact, or a worker does not become ready.
        """
        records = as_records(known_moves())
        part = len(records) // len(STEPS) + 1
        self._broker.start()
        try:
            create_topics(Connection(self._broker.bootstrap))
            self._workers = [(name, self._start(name, n)) for n, name in enumerate(STEPS[0])]
            for number, releases in enumerate(STEPS):
                self._replace(releases)
                begin = number * part
                send(self._broker.bootstrap, records[max(0, begin - 100) : begin + part])
                until(f"{releases}: all is read", lambda: settled(*self._running))
                print(f"{releases}: {sum(handled(*self._running).values()):,.2f} TEU")  # noqa: T201
            becomes("every move counts once", lambda: handled(*self._running), TEU)
            self._verify()
        finally:
            for _, one in self._workers:
                one.kill()
            self._broker.stop()

    @property
    def _running(self) -> list[Running]:
        return [one for _, one in self._workers]

    def _replace(self, releases: tuple[str, str]) -> None:
        for number, wanted in enumerate(releases):
            held, one = self._workers[number]
            if held != wanted:
                one.stop()
                self._workers[number] = (wanted, self._start(wanted, number))
                until("both are ready", lambda: all(other.ready() for other in self._running))

    def _start(self, release: str, number: int) -> Running:
        folder, port = self._folder / f"{number}-{release}", free_port()
        folder.mkdir(exist_ok=True)
        log = folder / f"worker-{port}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "streams"],
                cwd=self._sources[release],
                env=self._environ(folder) | {"QUAYMARK_METRICS_PORT": str(port)},
                stdout=out,
                stderr=out,
            )
        return Running(process, port, log)

    def _environ(self, folder: Path) -> dict[str, str]:
        given = os.environ.items()  # noqa: TID251  # a child needs PATH
        return {name: value for name, value in given if not name.startswith("QUAYMARK_")} | {
            "QUAYMARK_KAFKA": self._broker.bootstrap,
            "QUAYMARK_FOLDER": str(folder),
            "QUAYMARK_BOOK": str(HERE / "quaymark.toml"),
            "QUAYMARK_FORECAST_MINUTES": "0",
        }

    def _verify(self) -> None:
        line = [sys.executable, "-m", "stack", "books", "verify"]
        for one in self._running:
            line += ["--worker", f"127.0.0.1:{one.port}"]
        done = subprocess.run(line, cwd=HERE, env=self._environ(self._folder), check=False)
        assert done.returncode == 0, "the books are not exact"


def main() -> None:
    """Take the older release from git, and go through the steps."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", dest="commit", required=True, help="the older release")
    commit = parser.parse_args().commit
    logging.disable(logging.CRITICAL)
    with TemporaryDirectory() as name:
        old = Path(name) / "release"
        old.mkdir()
        packed = subprocess.run(
            ["git", "archive", commit], cwd=HERE, check=True, capture_output=True
        ).stdout
        subprocess.run(["tar", "-x", "-C", str(old)], input=packed, check=True)
        RollingUpdate(Path(name), {"old": old, "new": HERE}).run()
    print(f"exact, from {commit} to this release, back, and to it again")  # noqa: T201


if __name__ == "__main__":
    main()
