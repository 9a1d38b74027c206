"""A soak test: it shows whether a worker under steady traffic keeps up, and what it takes.

`python -m bench.soak --minutes 20 --rate 5000` sends the simulated year at a steady rate, again
and again under new ids, and prints memory, open files and lag from the worker's /metrics.  At the
end the audit must find the books exact.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

import click
from msgspec.structs import replace

from bench import broker, worker
from bench.fill import SPARE_DAYS
from contract.book import Book, read_book
from contract.events import MoveRetracted, RawEvent
from contract.settings import Settings
from producers.publish.sender import Sender
from producers.simulate.simulated_port import simulate
from stack.http_client import page
from stack.processes.child import Child
from stack.status.exposition import Exposition

BOOK = Path("quaymark.toml")
READY_SECONDS = 120.0
SAMPLE_SECONDS = 10.0
TICK_SECONDS = 0.1
WARM_UP = 0.25  # share of the samples; after it, arrays and caches have their final size
CATCH_UP_SECONDS = 120.0


class SoakSample(NamedTuple):
    """What the worker's /metrics showed at one moment."""

    seconds: float
    memory_bytes: float
    open_files: float
    facts: float
    lag: float

    def __str__(self) -> str:
        return (
            f"{self.seconds / 60:6.1f} min  {self.memory_bytes / 1e6:7.1f} MB  "
            f"{self.open_files:4.0f} files  {self.facts:11,.0f} facts  lag {self.lag:8,.0f}"
        )


@click.command(context_settings={"show_default": True})
@click.option("--minutes", default=20.0, help="Minutes during which events are sent.")
@click.option("--rate", default=5000, help="Events per second.")
def main(minutes: float, rate: int) -> None:
    """Run one worker under steady traffic and print its memory, open files and lag."""
    book = read_book(BOOK.read_text(encoding="utf-8"), str(BOOK))
    with (
        tempfile.TemporaryDirectory(prefix="quaymark-soak-") as folder,
        broker.running(Path(folder)) as bootstrap,
    ):
        [port] = worker.ports(1)
        environ = os.environ  # noqa: TID251  # the door reads the environment
        child = Child(
            worker.program(environ, bootstrap, Path(folder), "soak", port), Path(folder, "log")
        )
        child.start()
        try:
            soak = Soak(bootstrap, book, port)
            asyncio.run(soak.run(minutes, rate))
            print(soak.summary(rate), flush=True)
            sys.exit(soak.audit())
        finally:
            child.stop()


class Soak:
    """One soak run: it sends events and samples the worker's /metrics meanwhile."""

    def __init__(self, bootstrap: str, book: Book, port: int) -> None:
        self._bootstrap, self._book = bootstrap, book
        self._address = f"127.0.0.1:{port}"
        self._samples: list[SoakSample] = []
        self._sent = 0
        self._begun = 0.0

    async def run(self, minutes: float, rate: int) -> None:
        """Send events for `minutes`, then wait until the worker has read all of them."""
        await self._until(lambda: page(f"http://{self._address}/readyz") is not None)
        self._begun = time.monotonic()
        events, due = _events(self._book), self._begun + SAMPLE_SECONDS
        async with Sender(Settings(kafka=self._bootstrap), "soak") as sender:
            while (now := time.monotonic() - self._begun) < 60 * minutes:
                behind = int(now * rate) - self._sent
                await sender.send_many(islice(events, behind))
                self._sent += behind
                if time.monotonic() >= due:
                    due += SAMPLE_SECONDS
                    await asyncio.to_thread(self._take)
                await asyncio.sleep(TICK_SECONDS)
        self._take()
        print(f"all events are sent; the lag is {self._samples[-1].lag:,.0f}", flush=True)
        await self._until(lambda: not self._take().lag)

    def summary(self, rate: int) -> str:
        """Return the summary of the run, without its first quarter."""
        steady = self._samples[int(len(self._samples) * WARM_UP) :]
        minutes = [one.seconds / 60 for one in steady]
        memory = statistics.linear_regression(minutes, [one.memory_bytes for one in steady])
        facts = statistics.linear_regression(minutes, [one.facts for one in steady])
        files = [one.open_files for one in steady]
        lags = [one.lag for one in steady]
        peak = max(one.memory_bytes for one in self._samples)
        return (
            f"{self._sent:,} events, {rate:,} per second, "
            f"{self._samples[-1].seconds / 60:.1f} minutes\n"
            f"memory: {memory.slope / 1e6:.2f} MB per minute for {facts.slope:,.0f} new facts, "
            f"{memory.slope / facts.slope:.0f} bytes each; at most {peak / 1e6:.0f} MB\n"
            f"open files: {min(files):.0f} to {max(files):.0f}\n"
            f"lag: median {statistics.median(lags):,.0f}, most {max(lags):,.0f}, "
            f"at the end {self._samples[-1].lag:,.0f}"
        )

    def audit(self) -> int:
        """Run `quaymark books verify` and return its exit code: 0 if the books are exact."""
        command = (sys.executable, "-m", "stack", "books", "verify", "--worker", self._address)
        environ = {**os.environ, "QUAYMARK_KAFKA": self._bootstrap}  # noqa: TID251  # the door
        return subprocess.run(command, env=environ, check=False).returncode

    def _take(self) -> SoakSample:
        samples = Exposition(page(f"http://{self._address}/metrics") or "")
        taken = SoakSample(
            time.monotonic() - self._begun,
            samples.total("process_resident_memory_bytes") or 0.0,
            samples.total("process_open_fds") or 0.0,
            samples.total("pipeline_facts") or 0.0,
            samples.total("pipeline_lag_events") or 0.0,
        )
        self._samples.append(taken)
        if len(self._samples) % 6 == 1:
            print(taken, flush=True)
        return taken

    async def _until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + max(READY_SECONDS, CATCH_UP_SECONDS)
        while not await asyncio.to_thread(holds):
            assert time.monotonic() < deadline, "the worker was not ready or done in time"
            await asyncio.sleep(0.5)


def _events(book: Book) -> Iterator[RawEvent]:
    """Yield the simulated year again and again, each time with new ids."""
    today = datetime.now(UTC).astimezone(book.tz).date()  # noqa: TID251  # the door reads the clock
    first = today - timedelta(book.port.open_days - SPARE_DAYS)
    for repetition in count():
        for due in simulate(book, first, today - timedelta(1)):
            event = due.event
            if isinstance(event, MoveRetracted):
                retracted = f"{repetition}-{event.data.retractedEventID}"
                event = replace(event, data=replace(event.data, retractedEventID=retracted))
            yield replace(event, id=f"{repetition}-{event.id}")


if __name__ == "__main__":
    main()
