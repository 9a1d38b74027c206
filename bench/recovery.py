"""The time that a worker takes from start to ready, with empty books and with a year of moves.

`python -m bench.recovery` also prints how many bytes a fact takes in memory and in the changelog.
With `--live` it also measures a year whose events arrived one at a time, twice: with the
changelog not compacted at all, which is the most that a worker may have to read, and compacted.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import click

from bench import broker, changelog, live_journal, worker
from bench.fill import fill, moves
from contract.book import Book, read_book
from contract.topics import MOVES
from stack.http_client import page
from stack.processes.child import Child
from stack.status.exposition import Exposition

BOOK = Path("quaymark.toml")
PATIENCE_SECONDS = 600.0
HEADING = (
    "| changelog | facts | records | bytes per fact | start to ready, s | recovery alone, s "
    "| memory, bytes per fact |\n|---|---:|---:|---:|---:|---:|---:|"
)


class Start(NamedTuple):
    """One start of a worker without a local copy of the books."""

    seconds: float
    facts: float
    memory_bytes: float


@click.command(
    epilog="Example: python -m bench.recovery --live", context_settings={"show_default": True}
)
@click.option("--events", default=900_000, help="Events of the year.")
@click.option(
    "--live", is_flag=True, help="Measure events that arrive singly, too (1.8 M records)."
)
def main(events: int, live: bool) -> None:
    """Fill the books with a year, start workers without a local copy, and measure recovery."""
    book = read_book(BOOK.read_text(encoding="utf-8"), str(BOOK))
    today = datetime.now(UTC).astimezone(book.tz).date()  # noqa: TID251  # the door
    with (
        tempfile.TemporaryDirectory(prefix="quaymark-recovery-") as folder,
        broker.running(Path(folder), join_ms=0) as bootstrap,
    ):
        bench = RecoveryBench(bootstrap, Path(folder), book)
        bench.start("empty", facts=0)  # the first start creates the changelogs
        bench.empty = bench.start("empty", facts=0)
        print(f"start to ready with empty books: {bench.empty.seconds:.1f} s\n\n{HEADING}")
        if live:
            bench.one_by_one(events, today)
        bench.in_bulk(events, today)


class RecoveryBench:
    """Workers that start one after another, without a local copy, on changelogs of one broker."""

    def __init__(self, bootstrap: str, folder: Path, book: Book) -> None:
        self._bootstrap, self._folder, self._book = bootstrap, folder, book
        self._starts = 0
        self.empty = Start(0.0, 0.0, 0.0)
        """The start with empty books, which the others are compared with."""

    def one_by_one(self, events: int, today: date) -> None:
        """Measure the year as live traffic writes it, before and after its compaction."""
        topic = _changelog("live")
        changelog.make(self._bootstrap, topic)
        year = live_journal.write_year(
            self._bootstrap, topic, self._book, moves(self._book, events, today)
        )
        self._row("one by one, never compacted", "live", year.facts)
        changelog.compact(self._bootstrap, topic, year.left)
        self._row("one by one, merged and compacted", "live", year.facts)

    def in_bulk(self, events: int, today: date) -> None:
        """Measure the year as a worker writes it that reads the topic at full speed."""
        fill(self._bootstrap, self._book, events, today)
        with self._running("bulk") as address:
            _until(lambda: _value(address, "pipeline_facts") > 0 and not _value(address, "lag"))
            facts = _value(address, "pipeline_facts")
        self._row("in bulk", "bulk", facts)

    def start(self, group: str, facts: float) -> Start:
        """Start a worker of a group, wait until it has `facts` facts, and measure it."""
        began = time.monotonic()
        with self._running(group) as address:
            seconds = time.monotonic() - began
            _until(lambda: _value(address, "pipeline_facts") == facts)
            return Start(seconds, facts, _value(address, "process_resident_memory_bytes"))

    def _row(self, name: str, group: str, facts: float) -> None:
        size = changelog.size(self._bootstrap, _changelog(group))
        start = self.start(group, facts)
        print(
            f"| {name} | {facts:,.0f} | {size.records:,} | {size.bytes / facts:.1f} "
            f"| {start.seconds:.1f} | {start.seconds - self.empty.seconds:.1f} "
            f"| {(start.memory_bytes - self.empty.memory_bytes) / facts:.0f} |",
            flush=True,
        )

    @contextmanager
    def _running(self, group: str) -> Iterator[str]:
        """Run a worker without a local copy and yield its address once it is ready."""
        [port] = worker.ports(1)
        self._starts += 1
        folder = self._folder / f"worker-{self._starts}"
        environ = os.environ  # noqa: TID251  # the door reads the environment
        program = worker.program(environ, self._bootstrap, folder, group, port)
        child, address = Child(program, folder / "log"), f"http://127.0.0.1:{port}"
        child.start()
        try:
            _until(lambda: page(f"{address}/readyz") is not None)
            yield address
        finally:
            child.stop()


def _changelog(group: str) -> str:
    return f"{group}-ledger-changelog"


def _value(address: str, series: str) -> float:
    """Return the sum of a series on a worker's /metrics; "lag" is that of the moves topic."""
    samples = Exposition(page(f"{address}/metrics") or "")
    if series != "lag":
        return samples.total(series) or 0.0
    return samples.total("pipeline_lag_events", topic=MOVES.name) or 0.0


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, (
            f"the worker was not done after {PATIENCE_SECONDS:.0f} s"
        )
        time.sleep(0.02)


if __name__ == "__main__":
    main()
