"""How long a worker takes from its start to ready, with empty books and with those of a year.

`python -m bench.recovery` also says what a fact takes in memory and in the changelog.  With
`--live` the year also comes one event at a time: its changelog as the worker wrote it, nothing of
it compacted, which is the most that there is to read; and what compaction leaves of it.
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
    "| changelog | facts | records | bytes a fact | start to ready, s | of it recovery, s "
    "| memory, bytes a fact |\n|---|---:|---:|---:|---:|---:|---:|"
)


class Start(NamedTuple):
    """A worker's start with no local copy."""

    seconds: float
    facts: float
    memory_bytes: float


@click.command(
    epilog="Example: python -m bench.recovery --live", context_settings={"show_default": True}
)
@click.option("--events", default=900_000, help="Events of the year.")
@click.option("--live", is_flag=True, help="Also as they come one at a time: 1.8 M records.")
def main(events: int, live: bool) -> None:
    """Fill the books with a year, lose every local copy, and measure the way back."""
    book = read_book(BOOK.read_text(encoding="utf-8"), str(BOOK))
    today = datetime.now(UTC).astimezone(book.tz).date()  # noqa: TID251  # the door
    with (
        tempfile.TemporaryDirectory(prefix="quaymark-recovery-") as folder,
        broker.running(Path(folder), join_ms=0) as bootstrap,
    ):
        bench = RecoveryBench(bootstrap, Path(folder), book)
        bench.start("empty", facts=0)  # it makes the changelogs
        bench.empty = bench.start("empty", facts=0)
        print(f"start to ready with empty books: {bench.empty.seconds:.1f} s\n\n{HEADING}")
        if live:
            bench.one_by_one(events, today)
        bench.in_bulk(events, today)


class RecoveryBench:
    """Workers that start, each with no local copy, on changelogs of one broker."""

    def __init__(self, bootstrap: str, folder: Path, book: Book) -> None:
        self._bootstrap, self._folder, self._book = bootstrap, folder, book
        self._starts = 0
        self.empty = Start(0.0, 0.0, 0.0)
        """One with empty books."""

    def one_by_one(self, events: int, today: date) -> None:
        """The year as live traffic writes it, before and after its compaction."""
        topic = _changelog("live")
        changelog.make(self._bootstrap, topic)
        year = live_journal.write_year(
            self._bootstrap, topic, self._book, moves(self._book, events, today)
        )
        self._row("one by one, never compacted", "live", year.facts)
        changelog.compact(self._bootstrap, topic, year.left)
        self._row("one by one, merged and compacted", "live", year.facts)

    def in_bulk(self, events: int, today: date) -> None:
        """The year as it is written when a worker reads it at its full pace."""
        fill(self._bootstrap, self._book, events, today)
        with self._running("bulk") as address:
            _until(lambda: _told(address, "pipeline_facts") > 0 and not _told(address, "lag"))
            facts = _told(address, "pipeline_facts")
        self._row("in bulk", "bulk", facts)

    def start(self, group: str, facts: float) -> Start:
        """Start a worker of a group and wait until it has so many facts."""
        began = time.monotonic()
        with self._running(group) as address:
            seconds = time.monotonic() - began
            _until(lambda: _told(address, "pipeline_facts") == facts)
            return Start(seconds, facts, _told(address, "process_resident_memory_bytes"))

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
        """A worker with no local copy, once it is ready: its address."""
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


def _told(address: str, series: str) -> float:
    samples = Exposition(page(f"{address}/metrics") or "")
    if series != "lag":
        return samples.total(series) or 0.0
    return samples.total("pipeline_lag_events", topic=MOVES.name) or 0.0


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "the worker is not there, or not done"
        time.sleep(0.02)


if __name__ == "__main__":
    main()
