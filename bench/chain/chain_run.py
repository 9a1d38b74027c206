"""One round of the chain with real processes: replay, booking and history load, then a check."""

import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from bench import broker, process, worker
from bench.process import Spent
from bench.recount import Truth
from bench.report import Report
from broker.admin import create_topics
from broker.connection import Connection
from contract.book import Book
from contract.errors import StackError
from contract.topics import MOVES
from kpis.model.calendar import day_start
from kpis.port import handled
from kpis.port.throughput import THROUGHPUT
from stack.backfill.prometheus_api import Prometheus
from stack.http_client import page
from stack.processes import monitoring
from stack.processes.child import Child, Program
from stack.processes.monitoring import PROMETHEUS
from stack.processes.tcp_ports import free_port
from stack.status.exposition import Exposition, lag

PATIENCE_SECONDS = 900.0  # a stage that takes longer is taken to hang
READY_SECONDS = 120.0
POLL_SECONDS = 0.1
DIFFERENCES_SHOWN = 10
PROMTOOL = "promtool"
YTD = THROUGHPUT[handled.ytd].series

Sums = Mapping[tuple[str, str], int]
"""(terminal, year) -> hundredths of a TEU."""


class Round(Struct, frozen=True):
    """What one round took, and whether all sums of the limit, worker and Prometheus are right."""

    name: str
    events: int
    stages: tuple[float, float, float]
    """Seconds of three stages: until all events are sent, then booked, then blocks are made."""
    limit_seconds: float
    cpu_seconds: dict[str, float]
    """Process -> CPU seconds that it and its children used while the chain ran."""
    peaks: dict[str, int]
    """Program -> peak memory of its largest process, in bytes."""
    exact: bool

    @property
    def seconds(self) -> float:
        """Seconds of all stages together."""
        return sum(self.stages)


class Chain:
    """A broker for one round after another, each with empty topics and a new worker."""

    def __init__(
        self,
        folder: Path,
        bootstrap: str,
        kafka: Child,
        book: Book,
        environ: Mapping[str, str],
    ) -> None:
        self._folder, self._bootstrap, self._kafka, self._tz = folder, bootstrap, kafka, book.tz
        self._environ = {**environ, "QUAYMARK_KAFKA": bootstrap}

    def round(self, name: str, archive: Path, truth: Truth) -> Round:
        """Take an archive through the chain once.

        Raises:
            StackError: a process failed or took too long.
        """
        folder = self._folder / name.replace(" ", "-")
        folder.mkdir()
        limit = self._limit(folder, archive)
        broker.clean(self._bootstrap, kept="")
        create_topics(Connection(self._bootstrap))
        port, metrics_port = free_port(), free_port()
        server = Prometheus(f"http://127.0.0.1:{port}")
        prometheus = Child(_prometheus(folder, port), folder)
        books = Child(
            worker.program(self._environ, self._bootstrap, folder, folder.name, metrics_port),
            folder,
        )
        try:
            prometheus.start()
            books.start()
            _until(lambda: page(f"{server.url}/-/ready") is not None, prometheus)
            _until(lambda: page(f"http://127.0.0.1:{metrics_port}/readyz") is not None, books)
            kafka_before, worker_before = map(process.so_far, (self._kafka, books))
            begun = time.monotonic()
            replay = self._run(folder, "producers", "replay", "--from-archive", str(archive))
            sent = time.monotonic()
            shown = _BookedSums(metrics_port, truth)
            _until(shown.all_is_booked, books)
            booked = time.monotonic()
            history = self._run(folder, "stack", "history", "load", "--no-wait", port=port)
            made = time.monotonic()
            kafka, worked = map(process.so_far, (self._kafka, books))
            # Prometheus looks for new blocks once a minute, and when it starts
            prometheus.stop()
            prometheus.start()
            _until(lambda: page(f"{server.url}/-/ready") is not None, prometheus)
            in_blocks = {name: _year_in_blocks(server, *name, self._tz) for name in truth.books}
        finally:
            books.stop()
            prometheus.stop()
        return Round(
            name,
            truth.events,
            (sent - begun, booked - sent, made - booked),
            limit.seconds,
            {
                "replay": replay.cpu_seconds,
                "Kafka": kafka.cpu_seconds - kafka_before.cpu_seconds,
                "worker": worked.cpu_seconds - worker_before.cpu_seconds,
                "history": history.cpu_seconds,
            },
            {
                "replay": replay.peak_bytes,
                "Kafka": kafka.peak_bytes,
                "worker": worked.peak_bytes,
                "history": max(history.peaks[name] for name in history.peaks if name != PROMTOOL),
                "promtool": history.peaks.get(PROMTOOL, 0),
            },
            _agree("the limit", limit.sums, truth.every_event)
            and _agree("the books", shown.sums, truth.books)
            and _agree("Prometheus", in_blocks, truth.books),
        )

    def _limit(self, folder: Path, archive: Path) -> Report:
        report = folder / "limit.json"
        command = (sys.executable, "-m", "bench.chain.bare_archive", str(archive), str(report))
        program = Program("limit", command, once=True)
        process.run([program], folder, lambda: False, PATIENCE_SECONDS)
        return msgspec.json.decode(report.read_bytes(), type=Report)

    def _run(self, folder: Path, room: str, *words: str, port: int = 0) -> Spent:
        """Run a command of the project to its end, and return what it used."""
        environ = {**self._environ, "QUAYMARK_FOLDER": str(folder.absolute())}
        if port:
            environ["QUAYMARK_PROMETHEUS_PORT"] = str(port)
        command = (sys.executable, "-m", room, *words)
        program = Program(words[0], command, environ=environ, once=True)
        return process.run([program], folder, lambda: False, PATIENCE_SECONDS)


class _BookedSums:
    """The sums on a worker's /metrics, read until they are right or the deadline passes."""

    def __init__(self, port: int, truth: Truth) -> None:
        self._address, self._truth = f"http://127.0.0.1:{port}/metrics", truth
        self._deadline = 0.0
        self.sums: Sums = {}

    def all_is_booked(self) -> bool:
        """Return whether all events are booked and the sums are right, or too long wrong."""
        text = page(self._address) or ""
        if lag(text) != 0:
            return False
        samples = Exposition(text)
        events = samples.total("pipeline_events_total", topic=MOVES.name) or 0
        if events < self._truth.events:
            return False
        self._deadline = self._deadline or time.monotonic() + worker.SETTLE_SECONDS
        self.sums = {
            (one.labels["terminal"], one.labels["year"]): round(100 * one.value)
            for one in samples.of(YTD)
            if one.value
        }
        return self.sums == self._truth.books or time.monotonic() > self._deadline


def _prometheus(folder: Path, port: int) -> Program:
    """Return a Prometheus that scrapes no target."""
    program = monitoring.found(PROMETHEUS)
    if program is None:
        raise StackError(monitoring.HOW_TO_GET["prometheus"])
    config = folder / "prometheus.yml"
    config.write_text("global: {}\n", encoding="utf-8")
    return monitoring.prometheus(program, config.absolute(), (folder / "blocks").absolute(), port)


def _year_in_blocks(server: Prometheus, terminal: str, year: str, tz: ZoneInfo) -> int:
    """Return the hundredths of a TEU of a terminal's year, as the blocks hold them."""
    new_year = day_start(date(int(year) + 1, 1, 1), tz)
    query = YTD.where(terminal=terminal, year=year)
    return round(100 * sum(server.query(query, new_year + 1).values()))


def _agree(whose: str, found: Mapping[Any, int], expected: Mapping[Any, int]) -> bool:
    """Return whether the sums agree, and print those that do not."""
    wrong = [key for key in expected.keys() | found if expected.get(key) != found.get(key)]
    for key in sorted(wrong)[:DIFFERENCES_SHOWN]:
        print(f"  {whose}, {key}: {found.get(key)}, expected {expected.get(key)}", file=sys.stderr)
    return not wrong


def _until(holds: Callable[[], bool], child: Child) -> None:
    """Wait until a condition holds that a child brings about.

    Raises:
        StackError: the child ended or takes too long.
    """
    deadline = time.monotonic() + READY_SECONDS
    while not holds():
        if not child.alive or time.monotonic() > deadline:
            raise StackError(
                f"{child.program.name} ended, or was not done after {READY_SECONDS:.0f} s:\n"
                f"{child.tail(20)}"
            )
        time.sleep(POLL_SECONDS)
