"""Finds the newest record of each event of an import, so that the sums of the import are net."""

from datetime import datetime
from enum import IntFlag, StrEnum
from sqlite3 import Connection
from typing import NamedTuple

from producers.importing.text_hash import text_hash

FINAL = 1 << 62  # recordedtime of a retraction by id, which is newer than every record


class StandingRecord(NamedTuple):
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
    """The standing record of each event of one import, in a table of a scratch database."""

    def __init__(self, database: Connection) -> None:
        self._find = database.execute
        database.execute(_TABLE)

    def post(
        self,
        key: int,
        record: StandingRecord,
        reported: Reported = Reported.NOTHING,
        *,
        closed: bool = False,
    ) -> DedupResult:
        """Let a record stand if it is newer than the standing one and its day is not closed."""
        found = self._find(_FIND, (key,)).fetchone()
        if found is None:
            if closed:
                return DedupResult(DedupOutcome.CLOSED, None)
            self._find(_KEEP, (key, *record, int(reported)))
            return DedupResult(DedupOutcome.FIRST, None)
        known: int = found[-1]
        previous = StandingRecord(*found[:-1])
        if previous.box:
            if record.box not in (0, previous.box):
                return DedupResult(DedupOutcome.CONFLICT, previous)
            record = record._replace(box=previous.box)
        if record.recorded_ms <= previous.recorded_ms:
            if reported & ~known:
                self._find(_MARK, (int(known | reported), key))
            if record.content == previous.content or record.recorded_ms == FINAL:
                return DedupResult(DedupOutcome.REPEAT, previous)
            older = record.recorded_ms < previous.recorded_ms
            return DedupResult(DedupOutcome.OUTDATED if older else DedupOutcome.CONFLICT, previous)
        if closed:
            return DedupResult(DedupOutcome.CLOSED, previous)
        self._find(_KEEP, (key, *record, int(known | reported)))
        same = record.content == previous.content
        return DedupResult(DedupOutcome.CONFIRMED if same else DedupOutcome.AMENDED, previous)

    def reported(self, key: int) -> Reported:
        """Return which reports of an event were read."""
        found = self._find(_REPORTED, (key,)).fetchone()
        return Reported(found[0]) if found else Reported.NOTHING


def event_key(source: str, event_id: str) -> int:
    """Return the key of an event in an import."""
    return text_hash(source, event_id)


def milliseconds(at: datetime) -> int:
    """Return the milliseconds since 1970, by which the ledger compares records."""
    return round(at.timestamp() * 1000)


_TABLE = (
    "CREATE TABLE IF NOT EXISTS stands (key INTEGER PRIMARY KEY, recorded_ms INTEGER,"
    " content INTEGER, box INTEGER, year INTEGER, moves INTEGER, hundredths INTEGER,"
    " reported INTEGER)"
)
_FIND = (
    "SELECT recorded_ms, content, box, year, moves, hundredths, reported FROM stands WHERE key = ?"
)
_REPORTED = "SELECT reported FROM stands WHERE key = ?"
_KEEP = "INSERT OR REPLACE INTO stands VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_MARK = "UPDATE stands SET reported = ? WHERE key = ?"
