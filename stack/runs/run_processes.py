"""A run at work: its topics, its workers, its replay, until all is booked."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import partial

from msgspec.structs import replace

from broker.admin import create_topics
from contract.settings import PREFIX, Settings
from contract.topics import TOPICS
from kpis.catalogue import CATALOGUE
from stack.http_client import page
from stack.processes.child import GRACE_SECONDS, Program
from stack.processes.children import Children
from stack.processes.jars import Say
from stack.processes.tcp_ports import free_port
from stack.runs.registry import FIGURES, NOTE, PAUSED, ReplayRun, RunRegistry
from stack.status.exposition import lag

WORKER_SECONDS = 300  # recovery of several years of books on a busy machine
BOOKED_SECONDS = 3600
TARGETS_SECONDS = 60
STILL_LOOKS = 20  # of 0.1 s: several times the half second between two rounds of snapshots
FAMILIES = tuple(f"{family.name}_" for family in CATALOGUE)


class RunProcesses:
    """The processes of one run; `close` ends them, what they wrote stays."""

    def __init__(
        self,
        settings: Settings,
        runs: RunRegistry,
        run: ReplayRun,
        environ: Mapping[str, str],
        say: Say,
    ) -> None:
        self._runs, self._run, self._say = runs, run, say
        self.folder = runs.folder(run.name)
        self._settings = replace(settings, run=run.name, folder=str(self.folder))
        self._environ = dict(environ) | {
            f"{PREFIX}RUN": run.name,
            f"{PREFIX}FOLDER": str(self.folder),
        }
        self._children = Children(self.folder / "log", say)
        self._ports: list[int] = []
        self._still = 0
        """Looks in a row at which nothing waited."""

    def open(self, workers: int) -> None:
        """Make its topics and start its workers.

        Raises:
            StackError: the broker or a worker does not come up.
        """
        for tables in self.folder.glob("worker-*"):
            shutil.rmtree(tables)  # of workers on other ports; changelogs have it all
        prefix = self._settings.prefix
        create_topics(self._settings.kafka, tuple(topic.under(prefix) for topic in TOPICS))
        for number in range(workers):
            self._ports.append(free_port())
            environ = self._environ | {f"{PREFIX}METRICS_PORT": str(self._ports[-1])}
            name = "worker" if number == 0 else f"worker-{number + 1}"
            line = (sys.executable, "-m", "streams")
            self._children.start(Program(name, line, environ=environ))
        for child, port in zip(self._children, self._ports, strict=True):
            self._children.wait(child, partial(self._is_ready, port), WORKER_SECONDS)
        addresses = [f"{self._settings.metrics_host}:{port}" for port in self._ports]
        self._runs.show_to_prometheus(self._run, *addresses)
        self._say(f"run {self._run.name}: workers at {', '.join(addresses)}")

    def replay(self, options: tuple[str, ...]) -> int:
        """Send its history, with its progress on our terminal; the exit code of the replay.

        Raises:
            StackError: a worker died meanwhile and does not come up again.
        """
        if self._run.targets is not None:
            environ = self._environ | {f"{PREFIX}TARGETS": self._run.targets}
            line = (sys.executable, "-m", "producers", "targets")
            self._children.run(
                Program("targets", line, environ=environ, once=True), TARGETS_SECONDS
            )
        line = (
            *("setpriv", "--pdeathsig", "TERM", "--"),  # it ends with us, whatever ends us
            *(sys.executable, "-m", "producers", "replay", *self._run.source, *options),
            *(() if self._run.targets is None else ("--no-targets",)),
            *("--note", str(self.folder / NOTE), "--paused", str(self.folder / PAUSED)),
        )
        process = subprocess.Popen(line, env=self._environ)
        try:
            while (code := process.poll()) is None:
                self._children.look()
                self._children.pause()
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(GRACE_SECONDS)
                except subprocess.TimeoutExpired:  # a broker that is gone acknowledges nothing
                    process.kill()
                    process.wait()
        return code

    def settle(self) -> str:
        """Wait until everything is booked; gives what the workers show then, and keeps it.

        Raises:
            StackError: it takes too long.
        """
        first = next(iter(self._children))
        self._children.wait(first, self._is_booked, BOOKED_SECONDS, restarts=5)
        lines = "\n".join(map(self._shown, self._ports)).splitlines()
        figures = "\n".join(line for line in lines if line.startswith(FAMILIES)) + "\n"
        (self.folder / FIGURES).write_text(figures, encoding="utf-8")
        return figures

    def keep(self) -> None:
        """Look after the workers until somebody interrupts."""
        while True:
            self._children.pause()
            self._children.look()

    def close(self) -> None:
        """End its processes; Prometheus no longer looks for them."""
        self._runs.show_to_prometheus(self._run)
        self._children.stop()

    def _is_booked(self) -> bool:
        """Nothing has waited in any topic for a while."""
        behind = [lag(self._shown(port)) for port in self._ports]
        is_still = not any(behind) and any(events is not None for events in behind)
        self._still = self._still + 1 if is_still else 0
        return self._still >= STILL_LOOKS

    def _is_ready(self, port: int) -> bool:
        return page(f"{self._address(port)}/readyz") is not None

    def _shown(self, port: int) -> str:
        return page(f"{self._address(port)}/metrics") or ""

    def _address(self, port: int) -> str:
        return f"http://{self._settings.metrics_host}:{port}"
