"""How long a worker takes from its start to ready, with empty books and with those of a year.

`python -m bench.recovery` also says what a fact takes in memory and in the changelog.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiokafka
import click

from bench import broker, worker
from bench.fill import fill
from contract.book import read_book
from contract.topics import MOVES
from stack.child import Child
from stack.status import Samples
from stack.web import page

BOOK = Path("quaymark.toml")
PATIENCE_SECONDS = 600.0
GROUP = "recovery"


@click.command(context_settings={"show_default": True})
@click.option("--events", default=900_000, help="Events of the year.")
def main(events: int) -> None:
    """Fill the books with a year, lose every local copy, and measure the way back."""
    book = read_book(BOOK.read_text(encoding="utf-8"), str(BOOK))
    with (
        tempfile.TemporaryDirectory(prefix="quaymark-recovery-") as folder,
        broker.running(Path(folder), join_ms=0) as bootstrap,
    ):
        with _running(bootstrap, Path(folder, "new")):
            pass  # it makes the changelogs
        with _running(bootstrap, Path(folder, "empty")) as (address, empty_seconds):
            base = _told(address, "process_resident_memory_bytes")
        today = datetime.now(UTC).astimezone(book.tz).date()  # noqa: TID251  # the door
        fill(bootstrap, book, events, today)
        with _running(bootstrap, Path(folder, "first")) as (address, _):
            _until(lambda: _told(address, "pipeline_facts") > 0 and not _told(address, "lag"))
            facts = _told(address, "pipeline_facts")
        written = asyncio.run(_bytes(bootstrap, f"{GROUP}-ledger-changelog"))
        with _running(bootstrap, Path(folder, "second")) as (address, full_seconds):
            _until(lambda: _told(address, "pipeline_facts") == facts)
            memory = _told(address, "process_resident_memory_bytes")
    print(
        f"start to ready: {empty_seconds:.1f} s with empty books, {full_seconds:.1f} s with "
        f"{facts:,.0f} facts: {full_seconds - empty_seconds:.1f} s of recovery\n"
        f"changelog: {written / facts:.1f} bytes a fact, in bulk\n"
        f"memory: {base / 1e6:.0f} MB empty, {memory / 1e6:.0f} MB recovered: "
        f"{(memory - base) / facts:.0f} bytes a fact"
    )


@contextmanager
def _running(bootstrap: str, folder: Path) -> Iterator[tuple[str, float]]:
    """A worker with no local copy: its address, and the seconds from its start to ready."""
    [port] = worker.ports(1)
    environ = os.environ  # noqa: TID251  # the door reads the environment
    child = Child(worker.program(environ, bootstrap, folder, GROUP, port), folder / "log")
    address, began = f"http://127.0.0.1:{port}", time.monotonic()
    child.start()
    try:
        _until(lambda: page(f"{address}/readyz") is not None)
        yield address, time.monotonic() - began
    finally:
        child.stop()


def _told(address: str, series: str) -> float:
    samples = Samples(page(f"{address}/metrics") or "")
    if series != "lag":
        return samples.total(series) or 0.0
    return samples.total("pipeline_lag_events", topic=MOVES.name) or 0.0


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "the worker is not there, or not done"
        time.sleep(0.02)


async def _bytes(bootstrap: str, topic: str) -> int:
    """Keys and values of a topic."""
    consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        at = [aiokafka.TopicPartition(topic, number) for number in range(MOVES.partitions)]
        consumer.assign(at)
        await consumer.seek_to_beginning()
        ends, size = await consumer.end_offsets(at), 0
        while [one for one in at if await consumer.position(one) < ends[one]]:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                size += sum(len(one.key) + len(one.value or b"") for one in records)
        return size
    finally:
        await consumer.stop()


if __name__ == "__main__":
    main()
