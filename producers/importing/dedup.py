"""Finds the newest record of each event of an import, so that the sums of the import are net."""

import hashlib
import sqlite3
import weakref
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

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


class DedupOutcome(StrEnum):
    """How a record relates to the earlier records of its event."""

    FIRST = "first"
    AMENDED = "amended"
    REPEAT = "repeat"
    OUTDATED = "outdated"
    CONFLICT = "conflict"
    CLOSED = "closed"


class DedupResult(NamedTuple):
    """The outcome of a record, and the record that stood before it."""

    outcome: DedupOutcome
    previous: StandingRecord | None


class Dedup:
    """The standing record of each event of one import.

    The records lie in a temporary SQLite file, so that memory does not grow with the import; a
    dict took 150 bytes an event.
    """

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)  # "" is an unnamed temporary file
        weakref.finalize(self, self._file.close)
        for line in _SETUP:
            self._file.execute(line)

    def post(
        self, source: str, event_id: str, record: StandingRecord, *, closed: bool = False
    ) -> DedupResult:
        """Let a record stand if it is newer than the standing one and its day is not closed."""
        key = _hash(f"{source}\0{event_id}".encode())
        found = self._file.execute(_FIND, (key,)).fetchone()
        previous = None if found is None else StandingRecord(*found)
        if previous is not None and previous.box:
            if record.box not in (0, previous.box):
                return DedupResult(DedupOutcome.CONFLICT, previous)
            record = record._replace(box=previous.box)
        if previous is not None and record.recorded_ms <= previous.recorded_ms:
            if record.content == previous.content or record.recorded_ms == FINAL:
                return DedupResult(DedupOutcome.REPEAT, previous)
            older = record.recorded_ms < previous.recorded_ms
            return DedupResult(DedupOutcome.OUTDATED if older else DedupOutcome.CONFLICT, previous)
        if closed:
            return DedupResult(DedupOutcome.CLOSED, previous)
        self._file.execute(_KEEP, (key, *record))
        outcome = DedupOutcome.FIRST if previous is None else DedupOutcome.AMENDED
        return DedupResult(outcome, previous)


def content_hash(content: str) -> int:
    """Return a hash of 32 bits of what an event says."""
    return int.from_bytes(hashlib.blake2b(content.encode(), digest_size=4).digest())


def milliseconds(at: datetime) -> int:
    """Return the milliseconds since 1970, by which the ledger compares records."""
    return round(at.timestamp() * 1000)


def _hash(key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), signed=True)


_SETUP = (
    "PRAGMA cache_size = -8192",  # kilobytes in memory; the rest is on disk
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "CREATE TABLE stands (key INTEGER PRIMARY KEY,"
    " recorded_ms INTEGER, content INTEGER, box INTEGER,"
    " year INTEGER, moves INTEGER, hundredths INTEGER)",
    "BEGIN",
)
_FIND = "SELECT recorded_ms, content, box, year, moves, hundredths FROM stands WHERE key = ?"
_KEEP = "INSERT OR REPLACE INTO stands VALUES (?, ?, ?, ?, ?, ?, ?)"
