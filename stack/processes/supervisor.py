"""The supervisor of `quaymark up`: it starts all processes in order, and looks after them.

A child of ours that only runs beside the worker is an entry of SERVICES in `services.py`, and
needs no line here.
"""

import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from access.client import ask
from broker.admin import create_topics
from broker.connection import Connection
from contract.book import Book
from contract.errors import StackError
from contract.progress import EXIT_OTHER_SOURCES
from contract.settings import Settings
from contract.topics import MOVES
from rules.config_files import ALERTMANAGER
from stack.context import Say
from stack.processes import kafka, monitoring
from stack.processes.broker_session import KAFKA_SECONDS, own_broker
from stack.processes.child import GRACE_SECONDS, Child, Program
from stack.processes.children import Children
from stack.processes.disk_space import free_bytes, refuse_full_disk
from stack.processes.load_progress import NOTHING_SENT, GrowingLog, newest_progress, progress_line
from stack.processes.services import service_addresses, service_claims, services
from stack.processes.tcp_ports import PortClaim, refuse_taken
from stack.render import local_files, write_files
from stack.status.exposition import lag

WORKER_SECONDS = 300  # recovery of several years of books on a busy machine
PRODUCER_SECONDS = 120
NEEDED_BYTES = 2_000_000_000  # a year: 250 MB in Kafka, 300 MB of changelogs, 200 MB in Prometheus
LOW_BYTES = 500_000_000
REPORT_SECONDS = 5.0
SIMULATED_ONCE = ("projects", "figures")
"""The producers' commands that send the simulated zone, before the year's moves are loaded."""
STORY = ("--since", "2019-01-01", "--until", "2020-12-31", "--no-live")
STORY_LOADED = "story-loaded"
TARGETS_ONLY = "targets-only"
"""Files in the data folder that remember what was loaded, and the choice of --no-simulate."""
LOGS_PROGRESS = {"QUAYMARK_LOG": "info"}  # the progress is read from the log at this level


class Supervisor:
    """All processes of one folder, from `start` through `supervise` to `stop`."""

    def __init__(
        self, settings: Settings, book: Book, environ: Mapping[str, str], say: Say
    ) -> None:
        self._settings, self._book = settings, book
        self._environ, self._say = dict(environ), say
        self._folder = Path(settings.folder).absolute()
        self._children = Children(self._folder / "log", say)
        self._broker = own_broker(settings)

    def start(
        self, *, simulate: bool | None = None, story: bool = False, after_crash: bool = False
    ) -> Child | None:
        """Start all processes in order; returns the simulator, if it is started.

        Targets are always sent, simulated events only if `simulate` allows it.  None repeats the
        last choice made for the folder; without one it allows them unless the live topics hold
        events of other sources, with which simulated events would be counted together.  After a
        crash, ports are waited for until the children of the last run have ended.

        Raises:
            StackError: a port is in use, the disk is full, or a child does not come up.
        """
        if after_crash:
            self._say("the last run was killed; waiting until its children have ended")
        refuse_taken(port_claims(self._settings), GRACE_SECONDS + 5 if after_crash else 0)
        refuse_full_disk(
            self._folder, NEEDED_BYTES, "a year (QUAYMARK_FOLDER names another disk's folder)"
        )
        self._start_monitoring()
        self._start_kafka()
        made = create_topics(Connection.of(self._settings))
        self._say(f"topics: {len(made.created)} created, {len(made.present)} present")
        self._start_worker()
        self._send_once("targets")
        for service in services(self._settings):
            self._children.start(service.program(self._environ))
            if said := service.says(self._settings):
                self._say(said)
        if not self.simulates(simulate, is_empty=MOVES.name in made.created):
            return None
        for command in SIMULATED_ONCE:
            self._send_once(command, "--yes")
        if story:
            self.load_story()
        return self._children.start(self._python("producers", "simulate", "--yes"))

    def simulates(self, choice: bool | None, *, is_empty: bool) -> bool:
        """Return whether to send simulated events, and remember an explicit choice.

        `is_empty` says that the raw topics were created just now.
        """
        marker = self._folder / "data" / TARGETS_ONLY
        if choice is False:
            marker.parent.mkdir(parents=True, exist_ok=True)
            marker.touch()
        elif choice:
            marker.unlink(missing_ok=True)
        elif marker.exists():
            self._say(
                "only targets are sent, as chosen before with --no-simulate: `quaymark up "
                "--simulate` adds the simulated port and zone"
            )
            return False
        if choice is not None:
            return choice
        return is_empty or not self._holds_other_events()

    def load_story(self) -> None:
        """Load the simulated years 2019 and 2020, once.

        Raises:
            StackError: they can't be loaded.
        """
        marker = self._folder / "data" / STORY_LOADED
        if marker.exists():
            return
        self._say("loading the years 2019 and 2020 first: two to four minutes, only once")
        line = (sys.executable, "-m", "producers", "simulate", *STORY, "--yes")
        environ = self._environ | LOGS_PROGRESS
        child = self._children.start(Program("story", line, environ=environ, once=True))
        self.wait_until_loaded(child)
        marker.touch()

    def wait_until_loaded(self, simulator: Child) -> None:
        """Report the load of the year, and return once the worker has booked all of it.

        Raises:
            StackError: the simulator fails again and again.
        """
        log, progress, reported = GrowingLog(simulator.log), NOTHING_SENT, 0.0

        def is_loaded() -> bool:
            nonlocal progress, reported
            progress = newest_progress(log.lines(), progress)
            now = self._children.now
            if progress.sent and now - reported >= REPORT_SECONDS:
                reported = now
                self._say(progress_line(progress, self._lag()))
            return progress.share >= 1.0 and self._lag() == 0

        self._children.wait(simulator, is_loaded, seconds=3600, restarts=5)
        self._say(progress_line(progress, 0))

    def start_history_load(self, begun: datetime) -> None:
        """Start loading past years into Prometheus, while everything else runs.

        Samples scraped since `begun` show books that the worker was still filling, so the load
        deletes them.
        """
        if all(map(monitoring.found, (monitoring.PROMETHEUS, monitoring.PROMTOOL))):
            command = ("history", "load", f"--loading-since={begun.isoformat()}")
            self._children.start(self._python("stack", *command))
            self._say("past years are being loaded into Prometheus: see `quaymark history status`")

    def supervise(self) -> None:
        """Restart children that die, and watch the disk, until the user interrupts."""
        checks = 0
        while True:
            self._children.pause()
            self._children.check()
            checks += 1
            if checks % 600 == 0 and (free := free_bytes(self._folder)) < LOW_BYTES:
                self._say(
                    f"only {free // 1_000_000} MB of disk are free at {self._folder}: make room"
                )

    def stop(self) -> None:
        """Stop all processes; the data stays."""
        self._children.stop()

    @property
    def worker(self) -> str:
        """The address of the worker."""
        scheme = self._settings.http_access.scheme
        return f"{scheme}://{self._settings.own_host}:{self._settings.metrics_port}"

    def addresses(self) -> tuple[tuple[str, str], ...]:
        """Return the addresses to look at: (what, address)."""
        running = {one.program.name for one in self._children if not one.program.tells}
        pages = (
            ("prometheus", "Prometheus", self._settings.prometheus_port),
            ("alertmanager", "Alertmanager", self._settings.alertmanager_port),
            ("grafana", "Grafana", self._settings.grafana_port),
        )
        return (
            *service_addresses(self._settings),
            ("worker metrics", f"{self.worker}/metrics"),
            *(
                (title, f"http://127.0.0.1:{port}")
                for name, title, port in pages
                if name in running
            ),
        )

    def _start_monitoring(self) -> None:
        settings, folder = self._settings, self._folder
        files = local_files(settings, self._book)
        write_files(folder, files, owned=("grafana/dashboards",), private=(ALERTMANAGER,))
        for program in monitoring.programs(settings, folder, self._environ):
            if isinstance(program, str):
                self._say(program)
            else:
                self._children.start(program)

    def _start_kafka(self) -> None:
        kafka_at = Connection.of(self._settings)
        if self._broker is None:
            kafka.wait_until_ready(kafka_at, 10)
            self._say(
                f"Kafka at {kafka_at} answers; it is yours: it is not started or stopped here"
            )
            return
        child = self._children.start(kafka.prepare(self._broker, self._say))
        self._children.wait(child, lambda: kafka.answers(kafka_at), KAFKA_SECONDS)
        self._say(f"Kafka runs at {kafka_at}")

    def _start_worker(self) -> None:
        worker = self._children.start(self._python("streams"))
        self._children.wait(
            worker, lambda: self._worker_says("/readyz") is not None, WORKER_SECONDS
        )
        self._say(f"worker ready at {self.worker}/metrics")

    def _worker_says(self, path: str) -> str | None:
        return ask(self._settings.http_access, self.worker.partition("//")[2], path)

    def _lag(self) -> int | None:
        return lag(self._worker_says("/metrics") or "")

    def _send_once(self, command: str, *options: str) -> None:
        self._children.run(self._python("producers", command, *options), PRODUCER_SECONDS)
        self._say(f"{command} sent")

    def _holds_other_events(self) -> bool:
        """Return whether the live topics hold events that the simulated port did not send."""
        line = (sys.executable, "-m", "producers", "simulate", "--check")
        done = subprocess.run(line, env=self._environ, capture_output=True, text=True, check=False)
        if done.returncode not in (0, EXIT_OTHER_SOURCES):
            raise StackError(f"producers simulate --check: {done.stderr.strip()[-500:]}")
        if done.returncode == EXIT_OTHER_SOURCES:
            self._say(
                f"{done.stdout.strip()}: the simulated port is not started.  To start it all the "
                "same, run `quaymark up --simulate`; its events are then counted with the others"
            )
        return done.returncode == EXIT_OTHER_SOURCES

    def _python(self, room: str, *arguments: str) -> Program:
        name = "worker" if room == "streams" else arguments[0]
        return Program(
            name,
            (sys.executable, "-m", room, *arguments),
            environ=self._environ | (LOGS_PROGRESS if name == "simulate" else {}),
            once=name in ("targets", *SIMULATED_ONCE, "history"),
        )


def port_claims(settings: Settings) -> tuple[PortClaim, ...]:
    """Return the ports on which the children listen."""
    broker = own_broker(settings)
    own: tuple[PortClaim, ...] = ()
    if broker is not None:
        own = (
            PortClaim(broker.port, "kafka", "QUAYMARK_KAFKA"),
            PortClaim(broker.controller_port, "kafka's controller", "QUAYMARK_KAFKA"),
        )
    worker = PortClaim(
        settings.metrics_port, "worker", "QUAYMARK_METRICS_PORT", settings.metrics_host
    )
    return (*own, worker, *service_claims(settings), *monitoring.port_claims(settings))
