"""One turn of the chain on real parts: replayed, booked, told to Prometheus; and checked."""

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

PATIENCE_SECONDS = 900.0  # a stage that takes longer hangs
READY_SECONDS = 120.0
LOOK_SECONDS = 0.1
DIFFERENCES_SHOWN = 10
PROMTOOL = "promtool"
YTD = THROUGHPUT[handled.ytd].series

Sums = Mapping[tuple[str, str], int]
"""(terminal, year) -> hundredths of a TEU."""


class Round(Struct, frozen=True):
    """What one turn took, and whether every sum was right at each end."""

    name: str
    events: int
    stages: tuple[float, float, float]
    """Seconds until all was sent, from then until it was booked, and until blocks were made."""
    limit_seconds: float
    cpu_seconds: dict[str, float]
    """Process, with its children -> what it took while the chain ran."""
    peaks: dict[str, int]
    """Program -> bytes of the largest process of it."""
    exact: bool

    @property
    def seconds(self) -> float:
        """All stages."""
        return sum(self.stages)


class Chain:
    """A broker on which one turn after another runs, each with empty topics and a new worker."""

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
        """An archive goes through once.

        Raises:
            StackError: a process failed, or took too long.
        """
        turn = self._folder / name.replace(" ", "-")
        turn.mkdir()
        limit = self._limit(turn, archive)
        broker.clean(self._bootstrap, kept="")
        create_topics(Connection(self._bootstrap))
        port, metrics_port = free_port(), free_port()
        server = Prometheus(f"http://127.0.0.1:{port}")
        prometheus = Child(_prometheus(turn, port), turn)
        books = Child(
            worker.program(self._environ, self._bootstrap, turn, turn.name, metrics_port), turn
        )
        try:
            prometheus.start()
            books.start()
            _until(lambda: page(f"{server.url}/-/ready") is not None, prometheus)
            _until(lambda: page(f"http://127.0.0.1:{metrics_port}/readyz") is not None, books)
            kafka_before, worker_before = map(process.so_far, (self._kafka, books))
            begun = time.monotonic()
            replay = self._run(turn, "producers", "replay", "--from-archive", str(archive))
            sent = time.monotonic()
            shown = _Shown(metrics_port, truth)
            _until(shown.all_is_booked, books)
            booked = time.monotonic()
            history = self._run(turn, "stack", "history", "load", "--no-wait", port=port)
            made = time.monotonic()
            kafka, worked = map(process.so_far, (self._kafka, books))
            # blocks are looked for once a minute, and at the start
            prometheus.stop()
            prometheus.start()
            _until(lambda: page(f"{server.url}/-/ready") is not None, prometheus)
            told = {name: _told(server, *name, self._tz) for name in truth.books}
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
            and _agree("Prometheus", told, truth.books),
        )

    def _limit(self, turn: Path, archive: Path) -> Report:
        report = turn / "limit.json"
        command = (sys.executable, "-m", "bench.chain.bare_archive", str(archive), str(report))
        program = Program("limit", command, once=True)
        process.run([program], turn, lambda: False, PATIENCE_SECONDS)
        return msgspec.json.decode(report.read_bytes(), type=Report)

    def _run(self, turn: Path, room: str, *words: str, port: int = 0) -> Spent:
        """A command of the project, whole."""
        environ = {**self._environ, "QUAYMARK_FOLDER": str(turn.absolute())}
        if port:
            environ["QUAYMARK_PROMETHEUS_PORT"] = str(port)
        command = (sys.executable, "-m", room, *words)
        program = Program(words[0], command, environ=environ, once=True)
        return process.run([program], turn, lambda: False, PATIENCE_SECONDS)


class _Shown:
    """A worker's page, looked at until all is booked and its sums are right, or stand wrong."""

    def __init__(self, port: int, truth: Truth) -> None:
        self._address, self._truth = f"http://127.0.0.1:{port}/metrics", truth
        self._deadline = 0.0
        self.sums: Sums = {}

    def all_is_booked(self) -> bool:
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


def _prometheus(turn: Path, port: int) -> Program:
    """A Prometheus that scrapes nobody."""
    program = monitoring.found(PROMETHEUS)
    if program is None:
        raise StackError(monitoring.HOW_TO_GET["prometheus"])
    config = turn / "prometheus.yml"
    config.write_text("global: {}\n", encoding="utf-8")
    return monitoring.prometheus(program, config.absolute(), (turn / "blocks").absolute(), port)


def _told(server: Prometheus, terminal: str, year: str, tz: ZoneInfo) -> int:
    """Hundredths of a TEU that a terminal's year came to, by the blocks."""
    new_year = day_start(date(int(year) + 1, 1, 1), tz)
    query = YTD.where(terminal=terminal, year=year)
    return round(100 * sum(server.query(query, new_year + 1).values()))


def _agree(whose: str, found: Mapping[Any, int], expected: Mapping[Any, int]) -> bool:
    """Do the sums agree?  Says which do not."""
    wrong = [key for key in expected.keys() | found if expected.get(key) != found.get(key)]
    for key in sorted(wrong)[:DIFFERENCES_SHOWN]:
        print(f"  {whose}, {key}: {found.get(key)}, expected {expected.get(key)}", file=sys.stderr)
    return not wrong


def _until(holds: Callable[[], bool], child: Child) -> None:
    """Wait for a child.

    Raises:
        StackError: it ended, or takes too long.
    """
    deadline = time.monotonic() + READY_SECONDS
    while not holds():
        if not child.alive or time.monotonic() > deadline:
            raise StackError(f"{child.program.name} is not there, or not done:\n{child.tail(20)}")
        time.sleep(LOOK_SECONDS)
