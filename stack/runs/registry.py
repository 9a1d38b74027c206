"""Runs: replays with topics, tables, group and clock of their own, and what is left of each."""

import re
import shutil
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from broker.admin import delete_topics, partitions
from contract.errors import Misconfigured, StackError
from contract.progress import ReplayPosition
from contract.settings import Settings, run_prefix
from rules.config_files import run_targets
from stack.processes import lock

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
RECORD, NOTE, PAUSED, FIGURES = "run.json", "reached.json", "paused", "figures.txt"


class ReplayRun(Struct, frozen=True):
    """What was asked for when a run was begun: the same words go on with it."""

    name: str
    begun: datetime
    source: tuple[str, ...]
    """The options of `python -m producers replay` that pick its history."""
    targets: str | None = None
    """The file of its own targets; None takes those of the history."""
    drill: bool = False
    """Its alerts are sent, marked as a drill."""


class RunRegistry:
    """The runs of a folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._root = Path(settings.folder).absolute()

    def folder(self, name: str) -> Path:
        """Where a run keeps its tables, its log and its record.

        Raises:
            Misconfigured: it can't be a run's name.
        """
        if not NAME.fullmatch(name):
            raise Misconfigured(
                f"a run's name is {name!r}, expected lower-case letters, digits and - (at most 32)"
            )
        return self._root / "runs" / name

    def names(self) -> list[str]:
        """All runs there are."""
        return sorted(path.parent.name for path in self._root.glob(f"runs/*/{RECORD}"))

    def find(self, name: str) -> ReplayRun | None:
        """A run, if there is one of that name."""
        path = self.folder(name) / RECORD
        return msgspec.json.decode(path.read_bytes(), type=ReplayRun) if path.exists() else None

    def known(self, name: str) -> ReplayRun:
        """A run.

        Raises:
            Misconfigured: there is none of that name.
        """
        if (run := self.find(name)) is None:
            known = ", ".join(self.names()) or "none"
            raise Misconfigured(f"there is no run {name!r}; known: {known}")
        return run

    def begin(self, wanted: ReplayRun) -> ReplayRun:
        """The run as recorded: a new one, or one that goes on as it was begun.

        Raises:
            Misconfigured: the name is in use for something else.
        """
        found = self.find(wanted.name)
        if found is None:
            path = self.folder(wanted.name) / RECORD
            path.write_bytes(msgspec.json.encode(wanted))
            return wanted
        if (found.source, found.targets) != (wanted.source, wanted.targets):
            raise Misconfigured(
                f"run {wanted.name} is there already, begun as `{words(found)}`: say the same to "
                f"go on with it, `quaymark runs drop {wanted.name}` to begin anew, or another name"
            )
        return found

    def reached(self, name: str) -> ReplayPosition | None:
        """How far its replay is."""
        path = self.folder(name) / NOTE
        return (
            msgspec.json.decode(path.read_bytes(), type=ReplayPosition) if path.exists() else None
        )

    def is_over(self, name: str) -> bool:
        """Whether all of its history was sent."""
        reached = self.reached(name)
        return reached is not None and reached.is_over

    def state(self, name: str) -> str:
        """What it does now."""
        folder = self.folder(name)
        if lock.holder(folder) is None:
            return "over" if self.is_over(name) else "stopped"
        return "paused" if (folder / PAUSED).exists() else "running"

    def show_to_prometheus(self, run: ReplayRun, *addresses: str) -> None:
        """Let Prometheus scrape its workers; no address takes them away."""
        path = self._root / "prometheus" / run_targets(run.name)
        if addresses:
            path.parent.mkdir(parents=True, exist_ok=True)
            making = path.with_suffix(".making")
            making.write_text(run_workers(run, *addresses), encoding="utf-8")
            making.replace(path)
        else:
            path.unlink(missing_ok=True)

    def drop(self, name: str) -> Iterator[str]:
        """Remove a run, and say each step once it is done.

        Raises:
            StackError: it still runs, or the broker refuses a step.
        """
        run, folder, kafka = self.known(name), self.folder(name), self._settings.kafka
        if (pid := lock.holder(folder)) is not None:
            raise StackError(f"run {name} is still running, as process {pid}: end it first")
        prefix = run_prefix(name)
        gone = sorted(topic for topic in partitions(kafka) if topic.startswith(prefix))
        delete_topics(kafka, gone)  # Kafka then forgets the group: it has offsets of no other
        yield f"{len(gone)} topics {prefix}* deleted"
        self.show_to_prometheus(run)
        shutil.rmtree(folder)
        yield f"run {name} dropped; what Prometheus kept of it stays there"


def run_workers(run: ReplayRun, *addresses: str) -> str:
    """The file by which Prometheus finds a run's workers, and how it labels their series."""
    labels = {"run": run.name} | ({"drill": "yes"} if run.drill else {})
    listed = [{"targets": [_reachable(one) for one in addresses], "labels": labels}]
    return msgspec.json.format(msgspec.json.encode(listed)).decode() + "\n"


def _reachable(address: str) -> str:
    """An address as others know it: one that listens on all is reached by its machine's own."""
    host, _, port = address.rpartition(":")
    if host != "0.0.0.0":
        return address
    return f"{socket.gethostbyname(socket.gethostname())}:{port}"


def words(run: ReplayRun) -> str:
    """The command that begins or goes on with a run."""
    targets = ("--targets", run.targets) if run.targets else ()
    return " ".join(("quaymark replay --run", run.name, *run.source, *targets))
