"""The topics: name, key, partitions and cleanup of each."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace


class Cleanup(StrEnum):
    """Kafka's cleanup.policy."""

    DELETE = "delete"
    COMPACT = "compact"


class Topic(Struct, frozen=True):
    """A Kafka topic; `key` describes the key of its records."""

    name: str
    key: str
    partitions: int
    cleanup: Cleanup = Cleanup.DELETE
    retention_days: int | None = None
    """Days for which records are kept; None keeps them for ever."""
    largest_record: int | None = None
    """The largest record in bytes; None is Kafka's default of 1 MiB."""
    uncompacted_days: int = 0
    """Days for which a compacted topic keeps every record, so that old values can be read."""

    @property
    def is_compacted(self) -> bool:
        """Whether Kafka keeps the newest record of each key, instead of all for some time."""
        return self.cleanup is Cleanup.COMPACT

    def under(self, prefix: str) -> "Topic":
        """Return the topic of a run, with its prefix; the prefix of the live books is empty."""
        return replace(self, name=prefix + self.name) if prefix else self

    @property
    def config(self) -> dict[str, str]:
        """The topic's configuration in Kafka: name -> value."""
        if self.cleanup is Cleanup.COMPACT:
            lag = {"min.compaction.lag.ms": str(self.uncompacted_days * 86_400_000)}
            size = {"max.message.bytes": str(self.largest_record)} if self.largest_record else {}
            return COMPACTION | SENDERS_TIME | (lag if self.uncompacted_days else {}) | size
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
    "segment.ms": "3600000",  # compaction waits for a segment to close, by default for a week
    "segment.bytes": "67108864",
}

SENDERS_TIME = {
    "message.timestamp.type": "CreateTime",
    "message.timestamp.before.max.ms": str((1 << 63) - 1),
}
"""The timestamp of a record is the one that its sender sets, however old, as replays need it.

Since 4.0 Kafka itself rejects a timestamp more than an hour ahead of its clock.
"""
FOR_EVER_MS = str(100 * 365 * 86_400_000)
"""Milliseconds of event time in a segment; with Kafka's week, a replayed year would take 52."""

RAW_PARTITIONS = 4
"""The most workers that share stage 1; another number moves keys, so the books must be rebuilt."""
BOOK_PARTITIONS = 2
"""The most workers that share stage 2; the same for all its topics, so that a worker is assigned
the same partitions of each."""

MOVES = Topic("port.moves.raw", "partitionkey, or source", RAW_PARTITIONS)
PROJECTS = Topic("zone.projects.raw", "project", RAW_PARTITIONS)
INDICATORS = Topic("zone.indicators.raw", "indicator|scope", RAW_PARTITIONS)
TARGETS = Topic(
    "port.targets",
    "owner|target|period",
    BOOK_PARTITIONS,
    Cleanup.COMPACT,
    uncompacted_days=3650,  # a few changes a year: who set which target, and when, stays readable
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
"""For other systems: each KPI at the end of each day, as `quaymark history` computes it."""

REPORTS = Topic(
    "port.reports",
    "owner|kind|period|edition",
    1,
    Cleanup.COMPACT,
    largest_record=8 << 20,  # the values of two years; 0.1 MB of a port of two terminals
)
"""Issued reports: each record holds all that is needed to make the report's files again."""
NOTES = Topic("port.notes", "owner|day|about", 1, Cleanup.COMPACT)
"""Remarks of people on days, which reports show."""

ISOLATION = "read_committed"
"""The isolation by which raw topics are read: records of a transaction once it is committed."""

RAW = (MOVES, PROJECTS, INDICATORS, TARGETS)
"""The topics that producers write; everything else can be computed from them again."""

WRITTEN_ONLY = (READINGS, REJECTED, REPORTS, NOTES)
"""The topics that no worker reads."""

TOPICS = (
    *RAW,
    TERMINAL_DAYS,
    PROJECT_CARDS,
    INDICATOR_VALUES,
    READINGS,
    REJECTED,
    REPORTS,
    NOTES,
)
