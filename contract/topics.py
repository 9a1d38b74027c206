"""Every topic as a value: name, what its key is, partitions, compacted or kept."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace


class Cleanup(StrEnum):
    """Kafka's cleanup.policy."""

    DELETE = "delete"
    COMPACT = "compact"


class Topic(Struct, frozen=True):
    """One Kafka topic.  `key` says in words what a record's key is."""

    name: str
    key: str
    partitions: int
    cleanup: Cleanup = Cleanup.DELETE
    retention_days: int | None = None
    """None keeps records for ever."""
    largest_record: int | None = None
    """Bytes; None is Kafka's own limit of 1 MiB."""
    trail_days: int = 0
    """How long a compacted topic keeps every record, so that one sees what stood before."""

    def under(self, prefix: str) -> "Topic":
        """The same topic of a run: its name behind a prefix, which is empty for the live books."""
        return replace(self, name=prefix + self.name) if prefix else self

    @property
    def config(self) -> dict[str, str]:
        """Kafka topic configuration: name -> value."""
        if self.cleanup is Cleanup.COMPACT:
            trail = {"min.compaction.lag.ms": str(self.trail_days * 86_400_000)}
            return COMPACTION | SENDERS_TIME | (trail if self.trail_days else {})
        days = self.retention_days
        kept = SENDERS_TIME | {"cleanup.policy": "delete"}
        if days is None:
            kept |= {"retention.ms": "-1", "segment.ms": FOR_EVER_MS}
        else:
            kept["retention.ms"] = str(days * 86_400_000)
        if self.largest_record is not None:
            kept["max.message.bytes"] = str(self.largest_record)
        return kept


COMPACTION = {
    "cleanup.policy": "compact",
    "min.cleanable.dirty.ratio": "0.1",  # at the default 0.5 half of a topic may be old values
    "segment.ms": "3600000",  # only closed segments are compacted: an hour, not the default week
    "segment.bytes": "67108864",
}

SENDERS_TIME = {
    "message.timestamp.type": "CreateTime",
    "message.timestamp.before.max.ms": str((1 << 63) - 1),
}
"""A record bears the time that its sender says, however long ago: replayed history keeps its own.

A time more than an hour ahead is refused, as Kafka does by itself since 4.0.
"""
FOR_EVER_MS = str(100 * 365 * 86_400_000)
"""Of event time in a segment: at Kafka's own week, a replayed year would lie in 52 of them."""

RAW_PARTITIONS = (
    4  # how far stage 1 scales out; changing it moves keys, so the books must be rebuilt
)
BOOK_PARTITIONS = 2  # how far stage 2 scales out; one number, so all are assigned together

MOVES = Topic("port.moves.raw", "partitionkey, or source", RAW_PARTITIONS)
PROJECTS = Topic("zone.projects.raw", "project", RAW_PARTITIONS)
INDICATORS = Topic("zone.indicators.raw", "indicator|scope", RAW_PARTITIONS)
TARGETS = Topic(
    "port.targets",
    "owner|target|period",
    BOOK_PARTITIONS,
    Cleanup.COMPACT,
    trail_days=3650,  # a few changes a year: who set what, and when, stays to be read
)

TERMINAL_DAYS = Topic(
    "port.terminal-day.snapshot",
    "area|terminal|day|raw partition",
    BOOK_PARTITIONS,
    Cleanup.COMPACT,
)
PROJECT_CARDS = Topic(
    "zone.project-card.snapshot", "zone|project", BOOK_PARTITIONS, Cleanup.COMPACT
)
INDICATOR_VALUES = Topic(
    "zone.indicator.snapshot", "zone|indicator|scope|period", BOOK_PARTITIONS, Cleanup.COMPACT
)

REJECTED = Topic(
    "port.rejected",
    "topic|partition|offset",
    1,
    largest_record=4 << 20,  # base64 adds a third
)

READINGS = Topic("port.readings", "owner|series{labels}|day", BOOK_PARTITIONS, Cleanup.COMPACT)
"""For others to read: what each KPI was at the end of each day, as `quaymark history` knows it."""

ISOLATION = "read_committed"
"""How raw topics are read: what was written in a transaction is there once that is committed."""

RAW = (MOVES, PROJECTS, INDICATORS, TARGETS)
"""What producers write: all that is needed to make everything else anew."""

TOPICS = (
    *RAW,
    TERMINAL_DAYS,
    PROJECT_CARDS,
    INDICATOR_VALUES,
    READINGS,
    REJECTED,
)
