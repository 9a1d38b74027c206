"""The processes of a run: its workers, and the replay that sends its history."""

import shutil
import subprocess
import sys
from functools import partial

from msgspec.structs import replace

from access.client import ask
from broker.admin import create_topics
from broker.connection import Connection
from contract.settings import PREFIX
from contract.topics import TOPICS
from kpis.catalogue import CATALOGUE
from stack.context import CommandContext
from stack.processes.child import GRACE_SECONDS, Program
from stack.processes.children import Children
from stack.processes.tcp_ports import free_port
from stack.runs.registry import FIGURES, NOTE, PAUSED, ReplayRun, RunRegistry
from stack.status.exposition import lag

WORKER_SECONDS = 300  # recovery of several years of books on a busy machine
BOOKED_SECONDS = 3600
TARGETS_SECONDS = 60
IDLE_CHECKS = 20  # of 0.1 s: several times the half second between two rounds of snapshots
FAMILIES = tuple(f"{family.name}_" for family in CATALOGUE)


class RunProcesses:
    """The processes of one run; `stop` ends them, and what they wrote stays."""

    def __init__(self, context: CommandContext, runs: RunRegistry, run: ReplayRun) -> None:
        self.run = run
        self._runs, self._say = runs, context.say
        self.folder = runs.folder(run.name)
        self._settings = replace(context.settings, run=run.name, folder=str(self.folder))
        self._environ = dict(context.environ) | {
            f"{PREFIX}RUN": run.name,
            f"{PREFIX}FOLDER": str(self.folder),
        }
        self._children = Children(self.folder / "log", context.say)
        self._ports: list[int] = []
        self._idle_checks = 0
        """Checks in a row at which every lag was 0."""

    def start(self, workers: int) -> None:
        """Create the run's topics and start its workers.

        Raises:
            StackError: the broker or a worker does not come up.
        """
        for tables in self.folder.glob("worker-*"):
            shutil.rmtree(tables)  # of workers on other ports; the changelogs hold all of it
        prefix = self._settings.prefix
        own = tuple(topic.under(prefix) for topic in TOPICS)
        create_topics(Connection.of(self._settings), own)
        for number in range(workers):
            self._ports.append(free_port())
            environ = self._environ | {f"{PREFIX}METRICS_PORT": str(self._ports[-1])}
            name = "worker" if number == 0 else f"worker-{number + 1}"
            line = (sys.executable, "-m", "streams")
            self._children.start(Program(name, line, environ=environ))
        for child, port in zip(self._children, self._ports, strict=True):
            self._children.wait(child, partial(self._is_ready, port), WORKER_SECONDS)
        addresses = [f"{self._settings.metrics_host}:{port}" for port in self._ports]
        self._runs.show_to_prometheus(self.run, *addresses)
        shown = ", ".join(f"{self._settings.own_host}:{port}" for port in self._ports)
        self._say(f"run {self.run.name}: workers at {shown}")

    def replay(self, options: tuple[str, ...]) -> int:
        """Send the history, with the progress on this terminal; returns the replay's exit code.

        Raises:
            StackError: sending the run's own targets fails.
        """
        if self.run.targets is not None:
            environ = self._environ | {f"{PREFIX}TARGETS": self.run.targets}
            line = (sys.executable, "-m", "producers", "targets")
            self._children.run(
                Program("targets", line, environ=environ, once=True), TARGETS_SECONDS
            )
        line = (
            *(
                "setpriv",
                "--pdeathsig",
                "TERM",
                "--",
            ),  # it ends with this process, even after kill -9
            *(sys.executable, "-m", "producers", "replay", *self.run.source, *options),
            *(() if self.run.targets is None else ("--no-targets",)),
            *("--note", str(self.folder / NOTE), "--paused", str(self.folder / PAUSED)),
        )
        process = subprocess.Popen(line, env=self._environ)
        try:
            while (code := process.poll()) is None:
                self._children.check()
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

    def is_over(self) -> bool:
        """Return whether all of the run's history was sent."""
        return self._runs.is_over(self.run.name)

    def wait_until_booked(self) -> str:
        """Wait until all events are booked; write the workers' figures to a file and return them.

        Raises:
            StackError: it takes longer than `BOOKED_SECONDS`.
        """
        first = next(iter(self._children))
        self._children.wait(first, self._is_booked, BOOKED_SECONDS, restarts=5)
        lines = "\n".join(map(self._shown, self._ports)).splitlines()
        figures = "\n".join(line for line in lines if line.startswith(FAMILIES)) + "\n"
        (self.folder / FIGURES).write_text(figures, encoding="utf-8")
        return figures

    def supervise(self) -> None:
        """Restart workers that die, until the user interrupts."""
        while True:
            self._children.pause()
            self._children.check()

    def stop(self) -> None:
        """Stop the processes, and remove them from Prometheus's targets."""
        self._runs.show_to_prometheus(self.run)
        self._children.stop()

    def _is_booked(self) -> bool:
        """Return whether no topic had a lag at the last `IDLE_CHECKS` checks."""
        behind = [lag(self._shown(port)) for port in self._ports]
        is_idle = not any(behind) and any(events is not None for events in behind)
        self._idle_checks = self._idle_checks + 1 if is_idle else 0
        return self._idle_checks >= IDLE_CHECKS

    def _is_ready(self, port: int) -> bool:
        return self._said(port, "/readyz") is not None

    def _shown(self, port: int) -> str:
        return self._said(port, "/metrics") or ""

    def _said(self, port: int, path: str) -> str | None:
        return ask(self._settings.http_access, f"{self._settings.own_host}:{port}", path)
