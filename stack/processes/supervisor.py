"""The town: who is started, in which order, when the next may start, what is said meanwhile."""

import shutil
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from broker.admin import create_topics
from contract.book import Book
from contract.errors import StackError
from contract.progress import SimulationProgress
from contract.settings import Settings
from rules.config_files import ALERTMANAGER, RUNS
from stack import render
from stack.http_client import page
from stack.processes import kafka, monitoring
from stack.processes.child import GRACE_SECONDS, Child, Program
from stack.processes.children import Children
from stack.processes.jars import Say
from stack.processes.kafka import Broker
from stack.processes.load_progress import NOTHING_SENT, GrowingLog, newest_progress
from stack.processes.tcp_ports import PortClaim, refuse_taken
from stack.status.exposition import lag

KAFKA_SECONDS = 90  # 4 s on an idle machine; after a crash Kafka reads its newest segments first
WORKER_SECONDS = 300  # recovery of several years of books on a busy machine
PRODUCER_SECONDS = 120
NEEDED_BYTES = 2_000_000_000  # a year: 250 MB in Kafka, 300 MB of changelogs, 200 MB in Prometheus
LOW_BYTES = 500_000_000
SAY_SECONDS = 5.0
ONCE = ("targets", "projects", "figures")
"""What is sent once before the year is loaded."""
STORY = ("--since", "2019-01-01", "--until", "2020-12-31", "--no-live")
STORY_TOLD = "story-told"
LOGS_PROGRESS = {"QUAYMARK_LOG": "info"}  # its progress is read from its log, whatever is logged


class Supervisor:
    """All that runs for one folder: `open` starts it, `keep` looks after it, `close` ends it."""

    def __init__(
        self, settings: Settings, book: Book, environ: Mapping[str, str], say: Say
    ) -> None:
        self._settings, self._book = settings, book
        self._environ, self._say = dict(environ), say
        self._folder = Path(settings.folder).absolute()
        self._children = Children(self._folder / "log", say)
        self._broker = own_broker(settings)

    def open(
        self, *, simulate: bool = True, story: bool = False, after_crash: bool = False
    ) -> Child | None:
        """Start everyone in order; gives the simulator, if there is to be one.

        After a crash the children of the last run are still being ended by their leashes.

        Raises:
            StackError: a port is taken, no disk, a child that does not come up.
        """
        if after_crash:
            self._say("the last run was ended by force; its children get their grace")
        refuse_taken(self._claims(), GRACE_SECONDS + 5 if after_crash else 0)
        refuse_full_disk(self._folder)
        self._start_monitoring()
        self._start_kafka()
        made = create_topics(self._settings.kafka)
        self._say(f"topics: {len(made.created)} created, {len(made.present)} present")
        self._start_worker()
        for command in ONCE:
            self._children.run(self._python("producers", command), PRODUCER_SECONDS)
            self._say(f"{command} sent")
        if story:
            self.tell_story()
        return self._children.start(self._python("producers", "simulate")) if simulate else None

    def tell_story(self) -> None:
        """Load 2019 and 2020, once: the years of the published figures.

        Raises:
            StackError: they can't be loaded.
        """
        told = self._folder / "data" / STORY_TOLD
        if told.exists():
            return
        self._say("the years 2019 and 2020 first: two to four minutes, once")
        line = (sys.executable, "-m", "producers", "simulate", *STORY)
        environ = self._environ | LOGS_PROGRESS
        self.load(self._children.start(Program("story", line, environ=environ, once=True)))
        told.touch()

    def load(self, simulator: Child) -> None:
        """Show how the year is loaded, and return once the worker has booked all of it.

        Raises:
            StackError: the simulator fails again and again.
        """
        growing, progress, said = GrowingLog(simulator.log), NOTHING_SENT, 0.0

        def is_loaded() -> bool:
            nonlocal progress, said
            progress = newest_progress(growing.lines(), progress)
            now = self._children.now
            if progress.sent and now - said >= SAY_SECONDS:
                said = now
                self._say(in_words(progress, lag(page(f"{self.worker}/metrics") or "")))
            return progress.share >= 1.0 and lag(page(f"{self.worker}/metrics") or "") == 0

        self._children.wait(simulator, is_loaded, seconds=3600, restarts=5)
        self._say(in_words(progress, 0))

    def load_history(self, begun: datetime) -> None:
        """Start loading past years into Prometheus, beside all that runs.

        What was scraped since the town was `begun` showed books that were still being read.
        """
        if all(map(monitoring.found, (monitoring.PROMETHEUS, monitoring.PROMTOOL))):
            command = ("history", "load", f"--loading-since={begun.isoformat()}")
            self._children.start(self._python("stack", *command))
            self._say("past years go into Prometheus meanwhile: `quaymark history status`")

    def keep(self) -> None:
        """Look after the children until somebody interrupts."""
        looks = 0
        while True:
            self._children.pause()
            self._children.look()
            looks += 1
            if looks % 600 == 0 and (free := free_bytes(self._folder)) < LOW_BYTES:
                self._say(f"only {free // 1_000_000} MB are free at {self._folder}: make room")

    def close(self) -> None:
        """End everyone; the data stays."""
        self._children.stop()

    @property
    def worker(self) -> str:
        """The worker's address."""
        return f"http://{self._settings.metrics_host}:{self._settings.metrics_port}"

    def addresses(self) -> tuple[tuple[str, str], ...]:
        """Where to look: (what, address)."""
        running = {child.program.name for child in self._children}
        pages = (
            ("prometheus", "Prometheus", self._settings.prometheus_port),
            ("alertmanager", "Alertmanager", self._settings.alertmanager_port),
            ("grafana", "Grafana", self._settings.grafana_port),
        )
        return (
            ("worker metrics", f"{self.worker}/metrics"),
            *(
                (title, f"http://127.0.0.1:{port}")
                for name, title, port in pages
                if name in running
            ),
        )

    def _claims(self) -> tuple[PortClaim, ...]:
        settings = self._settings
        own: tuple[PortClaim, ...] = ()
        if self._broker is not None:
            own = (
                PortClaim(self._broker.port, "kafka", "QUAYMARK_KAFKA"),
                PortClaim(self._broker.controller_port, "kafka's controller", "QUAYMARK_KAFKA"),
            )
        worker = PortClaim(
            settings.metrics_port, "worker", "QUAYMARK_METRICS_PORT", settings.metrics_host
        )
        return (*own, worker, *monitoring.claims(settings))

    def _start_monitoring(self) -> None:
        settings, folder = self._settings, self._folder
        render.write(folder, render.local(settings, self._book), private=(ALERTMANAGER,))
        if program := monitoring.found(monitoring.PROMETHEUS):
            config, data = folder / "prometheus/prometheus.yml", folder / "data/prometheus"
            # Prometheus complains every 5 s while the folder of the runs' workers is missing
            (config.parent / RUNS).mkdir(parents=True, exist_ok=True)
            self._children.start(
                monitoring.prometheus(program, config, data, settings.prometheus_port)
            )
        else:
            self._say(monitoring.HOW_TO_GET["prometheus"])
        if program := monitoring.found(monitoring.ALERTMANAGER):
            config, data = folder / "alertmanager/alertmanager.yml", folder / "data/alertmanager"
            self._children.start(
                monitoring.alertmanager(program, config, data, settings.alertmanager_port)
            )
        else:
            self._say(monitoring.HOW_TO_GET["alertmanager"])
        if program := monitoring.found(monitoring.GRAFANA):
            provisioning = folder / "grafana/provisioning"
            self._children.start(
                monitoring.grafana(
                    program, provisioning, folder / "data/grafana", settings, self._environ
                )
            )
        else:
            self._say(monitoring.HOW_TO_GET["grafana"])

    def _start_kafka(self) -> None:
        kafka_at = self._settings.kafka
        if self._broker is None:
            kafka.wait_until_ready(kafka_at, 10)
            self._say(
                f"Kafka at {kafka_at} answers (yours: it is neither started nor stopped here)"
            )
            return
        child = self._children.start(kafka.prepare(self._broker, self._say))
        self._children.wait(child, lambda: kafka.answers(kafka_at), KAFKA_SECONDS)
        self._say(f"Kafka runs at {kafka_at}")

    def _start_worker(self) -> None:
        worker = self._children.start(self._python("streams"))
        self._children.wait(
            worker, lambda: page(f"{self.worker}/readyz") is not None, WORKER_SECONDS
        )
        self._say(f"worker ready at {self.worker}/metrics")

    def _python(self, room: str, *arguments: str) -> Program:
        name = "worker" if room == "streams" else arguments[0]
        return Program(
            name,
            (sys.executable, "-m", room, *arguments),
            environ=self._environ | (LOGS_PROGRESS if name == "simulate" else {}),
            once=name in (*ONCE, "history"),
        )


def own_broker(settings: Settings) -> Broker | None:
    """The broker that we start, or None where QUAYMARK_KAFKA names somebody else's."""
    host, _, port = settings.kafka.rpartition(":")
    if host not in ("127.0.0.1", "localhost"):
        return None
    return Broker.at(Path(settings.folder).absolute() / "data/kafka", int(port))


def refuse_full_disk(folder: Path, needed: int = NEEDED_BYTES) -> None:
    """Say so before anything starts if a year would not fit.

    Raises:
        StackError: less than `needed` bytes are free.
    """
    if (free := free_bytes(folder)) < needed:
        raise StackError(
            f"{folder}: {free / 1e9:.1f} GB are free, a year takes {needed / 1e9:.0f} GB: "
            "make room, or let QUAYMARK_FOLDER name a folder on another disk"
        )


def free_bytes(folder: Path) -> int:
    """Bytes free on the disk of a folder, which need not be there yet."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def in_words(progress: SimulationProgress, behind: int | None) -> str:
    """One line about the loading."""
    rest = "" if not behind else f"; worker {behind:,} behind"
    return (
        f"  {progress.day}  {progress.share:4.0%}  {progress.sent:,} events sent, "
        f"{progress.rate:,.0f}/s{rest}"
    )
