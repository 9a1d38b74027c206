"""Worker processes, sending and polling for the integration tests."""

import asyncio
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.error import HTTPError

from aiokafka import AIOKafkaProducer
from prometheus_client.parser import text_string_to_metric_families

from contract.events import Classifier, ContainerMoved, EquipmentEvent, Fill, Move, MoveRetracted
from contract.topics import MOVES
from contract.wire import encode, event_key, partition_of

HERE = Path(__file__).resolve().parents[3]
T = TypeVar("T")
PATIENCE_SECONDS = 240.0  # long, for busy machines; only a failing test waits so long
ANSWER_SECONDS = 30.0


def until(what: str, read: Callable[[], T | None], seconds: float = PATIENCE_SECONDS) -> T:
    """Poll until `read` returns a true value; fail with `what` after the deadline."""
    deadline = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < deadline:
        try:
            if value := read():
                return value
        except OSError as error:
            last = error
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds:.0f} s: {what} ({last})")


def becomes(
    what: str, read: Callable[[], T], expected: T, seconds: float = PATIENCE_SECONDS
) -> None:
    """Poll until `read` returns the expected value; else fail with `what` and the last value."""
    last: list[T] = []

    def is_so() -> bool:
        last[:] = [read()]
        return last[0] == expected

    try:
        until(what, is_so, seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}: {last[-1:]}, expected {expected}") from None


@dataclass
class Running:
    """A worker process, its HTTP port and its log."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def get(self, path: str) -> str:
        address = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=ANSWER_SECONDS) as answer:
            return str(answer.read().decode())

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-4000:]
        return self.get("/readyz") == "ready\n"

    def samples(self, name: str) -> dict[tuple[tuple[str, str], ...], float]:
        """Sorted label pairs -> value, of all samples with this series name."""
        lines = [line for line in self.get("/metrics").splitlines() if line.startswith(name)]
        return {
            tuple(sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families("\n".join(lines) + "\n")
            for sample in family.samples
            if sample.name == name
        }

    def stop(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Stop it with SIGTERM, and return its exit code."""
        self.process.terminate()
        return self.process.wait(seconds)

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        self.process.kill()
        self.process.wait()


DOOR = ("-m", "streams")


def start_worker(
    bootstrap: str, folder: Path, port: int, door: Sequence[str] = DOOR, **settings: str
) -> Running:
    """Start a worker that will answer on `port`; do not wait for it."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"worker-{port}.log"
    environment = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251  # a child needs PATH
        if not name.startswith("QUAYMARK_")
    }
    environment |= {
        "QUAYMARK_KAFKA": bootstrap,
        "QUAYMARK_METRICS_PORT": str(port),
        "QUAYMARK_FOLDER": str(folder),
        "QUAYMARK_BOOK": str(HERE / "quaymark.toml"),
        **{f"QUAYMARK_{name.upper()}": value for name, value in settings.items()},
    }
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *door], cwd=HERE, env=environment, stdout=out, stderr=out
        )
    return Running(process, port, log)


@contextmanager
def worker(
    bootstrap: str, folder: Path, port: int, door: Sequence[str] = DOOR, **settings: str
) -> Iterator[Running]:
    """Start a worker and wait until it is ready; kill it at the end if it still runs."""
    running = start_worker(bootstrap, folder, port, door, **settings)
    try:
        until("the worker is ready", running.ready)
        yield running
    finally:
        if running.process.poll() is None:
            running.kill()


def move(
    number: int, terminal: str, size: str, at: datetime, source: str = "", **more: object
) -> ContainerMoved:
    """Return the laden discharge of a container at a terminal; `number` makes its id."""
    data: dict[str, object] = {
        "eventClassifierCode": Classifier.ACT,
        "equipmentEventTypeCode": EquipmentEvent.DISC,
        "facilityCode": terminal,
        "equipmentReference": "CSQU3054383",
        "ISOEquipmentCode": size,
        "emptyIndicatorCode": Fill.LADEN,
    } | more
    return ContainerMoved(
        id=f"move-{number}",
        source=source or f"/tonghai/{terminal}",
        time=at,
        recordedtime=at,
        specversion="1.0",
        data=Move(**data),  # type: ignore[arg-type]  # checked when it is decoded
    )


def recent(days: float = 3.0) -> datetime:
    """Return the instant some days ago, rounded down to a full second."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(days=days)  # noqa: TID251  # a test is a door


def send(
    bootstrap: str,
    records: Iterable[tuple[bytes | None, bytes, int]],
    topic: str = MOVES.name,
    largest: int = 1 << 20,
    compression: str | None = None,
) -> None:
    """Send (key, value, partition) records and wait until all are acknowledged."""

    async def go() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            acks="all",
            linger_ms=20,
            max_request_size=largest,
            compression_type=compression,
        )
        await producer.start()
        try:
            sent = [
                await producer.send(topic, value, key=key, partition=partition)
                for key, value, partition in records
            ]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    asyncio.run(go())


def as_records(
    events: Iterable[ContainerMoved | MoveRetracted],
) -> list[tuple[bytes, bytes, int]]:
    """Return (key, value, partition) records, keyed and partitioned as our producers do."""
    return [
        (key := event_key(event), encode(event), partition_of(key, MOVES.partitions))
        for event in events
    ]


def waits(one: Running) -> bool:
    """Whether the worker answers that it waits for Kafka."""
    try:
        one.get("/readyz")
    except HTTPError as error:
        return error.read() == b"waiting for Kafka\n"
    return False
