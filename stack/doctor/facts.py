"""The facts about a port and its machine that the checks judge; they are gathered once."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from msgspec import Struct

from contract.events import Target
from contract.topics import Topic
from stack.processes.tcp_ports import PortClaim


class TerminalBooks(Struct, frozen=True):
    """What the books hold of one terminal of the port."""

    area: str
    terminal: str
    days: tuple[date, ...] = ()
    """The days with moves over the quay or through the gate, in their order."""
    handled: int = 0
    """Moves over the quay that have TEU."""
    unsized: int = 0
    """Those of them whose size is unknown, so that their TEU are missing."""


class TopicFound(Struct, frozen=True):
    """A topic as the contract declares it, and as the broker has it; None where it is missing."""

    declared: Topic
    partitions: int | None = None
    settings: Mapping[str, str] = {}
    """Setting -> value, defaults too."""
    given: Mapping[str, str] = {}
    """The settings that were given to the topic itself."""
    copies: int | None = None
    """The fewest copies of a partition; None where that was not asked."""
    wanted_copies: int = 1
    hidden: str = ""
    """Why the user does not see it, and what to do; empty where it is seen, or not there."""


class WorkerFound(Struct, frozen=True):
    """What the worker says of itself."""

    address: str
    answers: bool
    lag_events: int | None = None


class PrometheusFound(Struct, frozen=True):
    """What Prometheus says of itself; `scrapes` is whether its last scrape of a worker worked."""

    url: str
    answers: bool
    version: tuple[int, int] = (0, 0)
    scrapes: bool = False
    kept_for: str = ""
    keeps_years: bool = False


class BackupFound(Struct, frozen=True):
    """The newest backup; `made_at` is None if there is none in the folder."""

    folder: str
    made_at: datetime | None = None


class OtherVersion(Struct, frozen=True):
    """A library that is not of the version that this release needs."""

    library: str
    needed: str
    installed: str


class Facts(Struct, frozen=True):
    """Everything that the checks look at; None where it could not be looked at."""

    now: datetime
    today: date
    """The day in the port's time zone."""
    folder: Path
    areas: tuple[str, ...]
    closed: tuple[date, ...] = ()
    """Days on which the quay does not work."""
    kafka: str = ""
    kafka_answers: bool = True
    terminals: tuple[TerminalBooks, ...] | None = None
    in_effect: tuple[Target, ...] | None = None
    """The targets on the topic that are not withdrawn."""
    wanted: tuple[Target, ...] = ()
    """The targets of targets.toml."""
    topics: tuple[TopicFound, ...] | None = None
    clock_ahead_seconds: float | None = None
    """How far this machine's clock is ahead of the broker's; behind is negative."""
    letters: Mapping[str, int] | None = None
    """Reason -> dead letters of the last days."""
    worker: WorkerFound | None = None
    prometheus: PrometheusFound | None = None
    alertmanager: str | None = ""
    """Its address; None if none answers there, "" if it was not asked."""
    free_bytes: int | None = None
    ports_taken: tuple[PortClaim, ...] = ()
    """Ports that another program uses."""
    other_versions: tuple[OtherVersion, ...] = ()
    books_of_before: tuple[str, ...] = ()
    """Changes of the books' form since the release that ran here last."""
    backup: BackupFound | None = None
    """None if no folder of backups is known."""
    not_seen: tuple[str, ...] = ()
    """What could not be looked at, and why."""
