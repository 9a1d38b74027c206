"""The registry of runs: replays that have their own topics, tables, group and clock."""

import re
import shutil
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from broker.admin import delete_topics, partitions
from broker.connection import Connection
from contract.errors import Misconfigured, StackError
from contract.progress import ReplayPosition
from contract.settings import Settings, run_prefix
from rules.config_files import run_targets
from stack.processes import lock

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
RECORD, NOTE, PAUSED, FIGURES = "run.json", "reached.json", "paused", "figures.txt"
"""Files in the folder of a run."""


class ReplayRun(Struct, frozen=True):
    """The options with which a run was begun; the same options go on with it."""

    name: str
    begun: datetime
    source: tuple[str, ...]
    """The options of `python -m producers replay` that select its history."""
    targets: str | None = None
    """The file of its own targets; None takes the targets of the history."""
    drill: bool = False
    """Whether its alerts are sent, marked as a drill."""


class RunRegistry:
    """The runs of a folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._root = Path(settings.folder).absolute()

    def folder(self, name: str) -> Path:
        """Return the folder of a run's tables, log and record.

        Raises:
            Misconfigured: the name is not a valid name of a run.
        """
        if not NAME.fullmatch(name):
            raise Misconfigured(
                f"a run's name is {name!r}, expected lower-case letters, digits and - (at most 32)"
            )
        return self._root / "runs" / name

    def names(self) -> list[str]:
        """Return the names of all runs, sorted."""
        return sorted(path.parent.name for path in self._root.glob(f"runs/*/{RECORD}"))

    def find(self, name: str) -> ReplayRun | None:
        """Return the run of a name; None if there is none."""
        path = self.folder(name) / RECORD
        return msgspec.json.decode(path.read_bytes(), type=ReplayRun) if path.exists() else None

    def known(self, name: str) -> ReplayRun:
        """Return the run of a name.

        Raises:
            Misconfigured: there is none.
        """
        if (run := self.find(name)) is None:
            known = ", ".join(self.names()) or "none"
            raise Misconfigured(f"there is no run {name!r}; known: {known}")
        return run

    def begin(self, wanted: ReplayRun) -> ReplayRun:
        """Record a new run, or return the recorded run if it was begun with the same options.

        Raises:
            Misconfigured: a run of this name was begun with other options.
        """
        found = self.find(wanted.name)
        if found is None:
            path = self.folder(wanted.name) / RECORD
            path.write_bytes(msgspec.json.encode(wanted))
            return wanted
        if (found.source, found.targets) != (wanted.source, wanted.targets):
            raise Misconfigured(
                f"run {wanted.name} exists, begun as `{command_of(found)}`: repeat that to go on "
                f"with it, drop it with `quaymark runs drop {wanted.name}`, or take another name"
            )
        return found

    def reached(self, name: str) -> ReplayPosition | None:
        """Return how far a replay has come; None before its first note."""
        path = self.folder(name) / NOTE
        return (
            msgspec.json.decode(path.read_bytes(), type=ReplayPosition) if path.exists() else None
        )

    def is_over(self, name: str) -> bool:
        """Return whether all of a run's history was sent."""
        reached = self.reached(name)
        return reached is not None and reached.is_over

    def state(self, name: str) -> str:
        """Return the state of a run: running, paused, stopped or over."""
        folder = self.folder(name)
        if lock.holder(folder) is None:
            return "over" if self.is_over(name) else "stopped"
        return "paused" if (folder / PAUSED).exists() else "running"

    def show_to_prometheus(self, run: ReplayRun, *addresses: str) -> None:
        """Write the file by which Prometheus finds a run's workers; no address removes it."""
        path = self._root / "prometheus" / run_targets(run.name)
        if addresses:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".making")
            fresh.write_text(run_workers(run, *addresses), encoding="utf-8")
            fresh.replace(path)
        else:
            path.unlink(missing_ok=True)

    def drop(self, name: str) -> Iterator[str]:
        """Remove a run, and yield a line after each step.

        Raises:
            StackError: the run is still running, or the broker refuses a step.
        """
        run, folder, kafka = self.known(name), self.folder(name), Connection.of(self._settings)
        if (pid := lock.holder(folder)) is not None:
            raise StackError(f"run {name} is still running, as process {pid}: end it first")
        prefix = run_prefix(name)
        gone = sorted(topic for topic in partitions(kafka) if topic.startswith(prefix))
        delete_topics(
            kafka, gone
        )  # Kafka then deletes the group, which has offsets of no other topic
        yield f"{len(gone)} topics {prefix}* deleted"
        self.show_to_prometheus(run)
        shutil.rmtree(folder)
        yield f"run {name} dropped; its samples in Prometheus stay"


def run_workers(run: ReplayRun, *addresses: str) -> str:
    """Return the file by which Prometheus finds a run's workers and labels their series."""
    labels = {"run": run.name} | ({"drill": "yes"} if run.drill else {})
    listed = [{"targets": [_reachable(one) for one in addresses], "labels": labels}]
    return msgspec.json.format(msgspec.json.encode(listed)).decode() + "\n"


def _reachable(address: str) -> str:
    """Return an address for other machines: 0.0.0.0 becomes the address of this host."""
    host, _, port = address.rpartition(":")
    if host != "0.0.0.0":
        return address
    return f"{socket.gethostbyname(socket.gethostname())}:{port}"


def command_of(run: ReplayRun) -> str:
    """Return the command that begins a run or goes on with it."""
    targets = ("--targets", run.targets) if run.targets else ()
    return " ".join(("quaymark replay --run", run.name, *run.source, *targets))
