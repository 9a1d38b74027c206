"""The snapshots that stage 1 sends to stage 2, each with the whole state of one thing.

Since a snapshot is whole, sending it twice is harmless.  It bears the `partition` of its raw topic
and the last `offset` folded into it.  Of two snapshots with one key the one with the greater
offset is the newer, whichever arrives last: `supersedes` is that rule.
"""

from collections.abc import MutableMapping
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from msgspec import Struct

from contract.events import Fill, Stage


class ClassSum(Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """Moves and hundredths of a TEU of one class on one day at one terminal.

    `move` is LOAD, DISC, GTIN or GTOT; `kind` is "normal", "transhipment" or "restow"; `size` is
    the length in feet ("20", "40", "45" …) or "unknown"; `hundredths` is zero for gate moves,
    restows and unknown sizes.
    """

    move: str
    kind: str
    fill: Fill | None
    size: str
    moves: int
    hundredths: int


class TerminalDay(Struct, frozen=True, tag="terminal-day", gc=False):
    """The sums of one terminal's day in one raw partition; the partitions' sums add up.

    `hours` are the hundredths of a TEU handled over the quay in each of the day's 24 hours.
    """

    area: str
    terminal: str
    on: date
    partition: int
    offset: int
    classes: tuple[ClassSum, ...]
    hours: tuple[int, ...]
    newest: datetime


class StageSince(Struct, frozen=True, array_like=True, gc=False):
    """A stage and the day on which it was reached."""

    stage: Stage
    on: date


class MilestoneCard(Struct, frozen=True, gc=False):
    """The state of a milestone: `first_due` is its first due date, `due` the one planned now."""

    milestone: str
    title: str
    first_due: date | None
    due: date | None
    met: date | None


class ProjectCard(Struct, frozen=True, tag="project-card", gc=False):
    """The state of a project, in whole yuan; an orphan (not registered yet) has no `signed`.

    `others` are the names of registrations under its id that share no name with the newest one.
    """

    zone: str
    project: str
    partition: int
    offset: int
    title: str = ""
    title_zh: str = ""
    signed: date | None = None
    yuan: int = 0
    cluster: str = ""
    functional_area: str = ""
    park: str = ""
    country: str = "CN"
    stages: tuple[StageSince, ...] = ()
    milestones: tuple[MilestoneCard, ...] = ()
    others: tuple[str, ...] = ()


class IndicatorValue(Struct, frozen=True, tag="indicator-value", gc=False):
    """The newest version of a figure for one period.

    `before` is the value that it replaced and `revised` the time at which the newest version was
    recorded; both are None while there is one version only.
    """

    zone: str
    indicator: str
    scope: str
    period: str
    value: Decimal
    unit: str
    version: int
    partition: int
    offset: int
    before: Decimal | None = None
    revised: datetime | None = None


Snapshot = TerminalDay | ProjectCard | IndicatorValue


class WithOffset(Protocol):
    """A snapshot, or what is kept of one."""

    @property
    def offset(self) -> int:
        """The last offset of its raw partition that is folded into it."""


Key = TypeVar("Key")
Kept = TypeVar("Kept", bound=WithOffset)


def supersedes(new: WithOffset, held: WithOffset | None) -> bool:
    """Does a snapshot replace the one held under its key?

    It does if its offset is greater.  Of equal offsets the first is kept, since they are equal.
    """
    return held is None or held.offset < new.offset


def keep_newest(held: MutableMapping[Key, Kept], key: Key, new: Kept) -> bool:
    """Put a snapshot under its key, unless the one held there is as new; was it put there?"""
    if not supersedes(new, held.get(key)):
        return False
    held[key] = new
    return True


class PastReading(Struct, frozen=True, tag="past-reading", gc=False):
    """A KPI at the end of a day in the port's zone; `labels` are those of its series."""

    owner: str
    series: str
    labels: dict[str, str]
    on: date
    at: datetime
    value: float


IN_A_FILE = "file"
"""The `topic` of a dead letter whose record stood in a file."""


class DeadLetter(Struct, frozen=True, tag="dead-letter", omit_defaults=True, gc=False):
    """An event that was rejected: its bytes (base64 in JSON), its place, the reason, the attempts.

    `headers` are those of a record in binary mode, which has its attributes there.  `at` is when
    the event was rejected, `received_at` when Kafka got it, which is the moment by which it was
    judged.  A record of a file has `received_at` only if it was imported as history: then it is
    judged by the time at which it was recorded.  Dead letters before version 1.1 have neither.
    """

    topic: str
    partition: int
    offset: int
    reason: str
    error: str
    value: bytes | None
    key: bytes | None = None
    at: datetime | None = None
    attempts: int = 1
    origin: str = ""
    headers: tuple[tuple[str, bytes | None], ...] = ()
    received_at: datetime | None = None
