"""Finds the newest record of each event of an import, so that the sums of the import are net."""

from datetime import datetime
from enum import IntFlag, StrEnum
from functools import lru_cache
from sqlite3 import Connection
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import astuple, replace
from rbloom import Bloom

from producers.importing.text_hash import text_hash

FINAL = 1 << 62  # recordedtime of a retraction by id, which is newer than every record
UNWRITTEN = 20_000  # records in memory; written in the order of their keys they touch fewer pages
EXPECTED, MISTAKEN = 8_000_000, 0.01  # events, and the share looked for in vain: 10 MB


class Reported(IntFlag):
    """Reports of an event."""

    NOTHING = 0
    ORIGINAL = 1
    CHANGE = 2


class StandingRecord(Struct, frozen=True, gc=False):
    """The newest record of an event so far, and what it adds to the sums: a row of the table."""

    key: int
    recorded_ms: int
    content: int
    box: int
    """A hash of the container number, 0 if no record of the event names one."""
    year: int
    moves: int
    hundredths: int
    reported: int = 0
    """Which reports of the event were read, whether or not they stand: of `Reported`."""


class DedupOutcome(StrEnum):
    """How a record relates to the earlier records of its event."""

    FIRST = "first"
    AMENDED = "amended"
    CONFIRMED = "confirmed"
    """It is newer and says the same."""
    REPEAT = "repeat"
    OUTDATED = "outdated"
    CONFLICT = "conflict"
    CLOSED = "closed"


STANDING = (DedupOutcome.FIRST, DedupOutcome.AMENDED, DedupOutcome.CONFIRMED)
"""The outcomes of a record that stands now."""


class DedupResult(NamedTuple):
    """The outcome of a record, and the record that stood before it."""

    outcome: DedupOutcome
    previous: StandingRecord | None


class Dedup:
    """The standing record of each event of one import, in a table of a database.

    The newest ones are in memory until there are many, or until `flush`.  Most events of an import
    are new, so a Bloom filter tells which need not be looked for in the table.
    """

    def __init__(self, database: Connection) -> None:
        self._database = database
        database.execute(_TABLE)
        self._unwritten: dict[int, StandingRecord] = {}
        """Key -> the record that stands."""
        self._written: Bloom | None = None
        """The keys in the table; None while it is empty."""
        for (key,) in database.execute("SELECT key FROM stands"):  # an earlier process read them
            self._filter().add(key)

    def post(self, record: StandingRecord, *, closed: bool = False) -> DedupResult:
        """Let a record stand if it is newer than the standing one and its day is not closed."""
        previous = self._found(record.key)
        if previous is None:
            if closed:
                return _CLOSED
            self._keep(record)
            return FIRST
        if previous.box:
            if record.box not in (0, previous.box):
                return DedupResult(DedupOutcome.CONFLICT, previous)
            record = replace(record, box=previous.box)
        reported = record.reported | previous.reported
        if record.recorded_ms <= previous.recorded_ms:
            if reported != previous.reported:
                self._keep(replace(previous, reported=reported))
            if record.content == previous.content or record.recorded_ms == FINAL:
                return DedupResult(DedupOutcome.REPEAT, previous)
            older = record.recorded_ms < previous.recorded_ms
            return DedupResult(DedupOutcome.OUTDATED if older else DedupOutcome.CONFLICT, previous)
        if closed:
            return DedupResult(DedupOutcome.CLOSED, previous)
        self._keep(replace(record, reported=reported))
        same = record.content == previous.content
        return DedupResult(DedupOutcome.CONFIRMED if same else DedupOutcome.AMENDED, previous)

    def reported(self, key: int) -> Reported:
        """Return which reports of an event were read."""
        found = self._found(key)
        return Reported(found.reported) if found else Reported.NOTHING

    def flush(self) -> None:
        """Write the records that wait in memory to the table."""
        waiting = self._unwritten
        keys = sorted(waiting)
        if not keys:
            return
        self._database.executemany(_KEEP, map(astuple, map(waiting.__getitem__, keys)))
        self._filter().update(keys)
        waiting.clear()

    def _found(self, key: int) -> StandingRecord | None:
        found = self._unwritten.get(key)
        if found is None and self._written is not None and key in self._written:
            row = self._database.execute(_FIND, (key,)).fetchone()
            if row is not None:
                return StandingRecord(*row)
        return found

    def _keep(self, record: StandingRecord) -> None:
        self._unwritten[record.key] = record
        if len(self._unwritten) >= UNWRITTEN:
            self.flush()

    def _filter(self) -> Bloom:
        if self._written is None:
            self._written = Bloom(EXPECTED, MISTAKEN)
        return self._written


def event_key(source: str, event_id: str) -> int:
    """Return the key of an event in an import."""
    return text_hash(source, event_id)


def milliseconds(at: datetime) -> int:
    """Return the milliseconds since 1970, by which the ledger compares records."""
    return round(at.timestamp() * 1000)


recorded_milliseconds = lru_cache(64)(milliseconds)
"""The same of a recordedtime, which many records of a file share."""


FIRST = DedupResult(DedupOutcome.FIRST, None)
"""The result of the first record of an event, which is that of nearly all."""
_CLOSED = DedupResult(DedupOutcome.CLOSED, None)
_TABLE = (
    "CREATE TABLE IF NOT EXISTS stands (key INTEGER PRIMARY KEY, recorded_ms INTEGER,"
    " content INTEGER, box INTEGER, year INTEGER, moves INTEGER, hundredths INTEGER,"
    " reported INTEGER)"
)
_FIND = "SELECT * FROM stands WHERE key = ?"
_KEEP = "INSERT OR REPLACE INTO stands VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
