"""Finds the newest record of each event of an import, so that the sums of the import are net."""

from datetime import datetime
from enum import IntFlag, StrEnum
from sqlite3 import Connection
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import astuple, replace

from producers.importing.key_filter import KeyFilter

FINAL = 1 << 62  # recordedtime of a retraction by id, which is newer than every record
UNWRITTEN = 50_000  # records in memory; written in the order of their keys they touch fewer pages


class StandingRecord(Struct, frozen=True, gc=False):
    """The newest record of an event so far, and what it adds to the sums."""

    recorded_ms: int
    content: int
    box: int
    """A hash of the container number, 0 if no record of the event names one."""
    year: int
    moves: int
    hundredths: int


class Reported(IntFlag):
    """Which reports of an event were read, whether or not they stand."""

    NOTHING = 0
    ORIGINAL = 1
    CHANGE = 2


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


class DedupResult(NamedTuple):
    """The outcome of a record, and the record that stood before it."""

    outcome: DedupOutcome
    previous: StandingRecord | None


class Dedup:
    """The standing record of each event of one import, in a table of a scratch database.

    The newest ones are in memory.  Most events of an import are new, so a filter tells which need
    not be looked for in the table.
    """

    def __init__(self, database: Connection) -> None:
        self._database = database
        database.execute(_TABLE)
        self._unwritten: dict[int, tuple[StandingRecord, int]] = {}
        """Key -> the record that stands, and which reports were read."""
        self._written = KeyFilter()

    def post(
        self,
        key: int,
        record: StandingRecord,
        reported: Reported = Reported.NOTHING,
        *,
        closed: bool = False,
    ) -> DedupResult:
        """Let a record stand if it is newer than the standing one and its day is not closed."""
        found = self._found(key)
        if found is None:
            if closed:
                return _CLOSED
            self._keep(key, record, reported)
            return _FIRST
        previous, known = found
        if previous.box:
            if record.box not in (0, previous.box):
                return DedupResult(DedupOutcome.CONFLICT, previous)
            record = replace(record, box=previous.box)
        if record.recorded_ms <= previous.recorded_ms:
            if reported & ~known:
                self._keep(key, previous, known | reported)
            if record.content == previous.content or record.recorded_ms == FINAL:
                return DedupResult(DedupOutcome.REPEAT, previous)
            older = record.recorded_ms < previous.recorded_ms
            return DedupResult(DedupOutcome.OUTDATED if older else DedupOutcome.CONFLICT, previous)
        if closed:
            return DedupResult(DedupOutcome.CLOSED, previous)
        self._keep(key, record, known | reported)
        same = record.content == previous.content
        return DedupResult(DedupOutcome.CONFIRMED if same else DedupOutcome.AMENDED, previous)

    def reported(self, key: int) -> Reported:
        """Return which reports of an event were read."""
        found = self._found(key)
        return Reported(found[1]) if found else Reported.NOTHING

    def _found(self, key: int) -> tuple[StandingRecord, int] | None:
        found = self._unwritten.get(key)
        if found is None and self._written.may_hold(key):
            row = self._database.execute(_FIND, (key,)).fetchone()
            if row is not None:
                return StandingRecord(*row[:-1]), row[-1]
        return found

    def _keep(self, key: int, record: StandingRecord, reported: int) -> None:
        self._unwritten[key] = record, reported
        if len(self._unwritten) < UNWRITTEN:
            return
        keys = sorted(self._unwritten)
        rows = ((key, *astuple(self._unwritten[key][0]), self._unwritten[key][1]) for key in keys)
        self._database.executemany(_KEEP, rows)
        self._written.add(keys)
        self._unwritten.clear()


def event_key(source: str, event_id: str) -> int:
    """Return the key of an event within this process."""
    return hash((source, event_id))


def milliseconds(at: datetime) -> int:
    """Return the milliseconds since 1970, by which the ledger compares records."""
    return round(at.timestamp() * 1000)


_FIRST = DedupResult(DedupOutcome.FIRST, None)
_CLOSED = DedupResult(DedupOutcome.CLOSED, None)
_TABLE = (
    "CREATE TABLE stands (key INTEGER PRIMARY KEY, recorded_ms INTEGER, content INTEGER,"
    " box INTEGER, year INTEGER, moves INTEGER, hundredths INTEGER, reported INTEGER)"
)
_FIND = (
    "SELECT recorded_ms, content, box, year, moves, hundredths, reported FROM stands WHERE key = ?"
)
_KEEP = "INSERT OR REPLACE INTO stands VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
