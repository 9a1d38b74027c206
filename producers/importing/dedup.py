"""Which record of each event stands among those read so far: the newest, so sums are net."""

import hashlib
import sqlite3
import weakref
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

FINAL = 1 << 62  # a retraction by id alone is newer than everything


class StandingRecord(NamedTuple):
    """What the standing record of one event adds to the sums."""

    recorded_ms: int
    content: int
    year: int
    moves: int
    hundredths: int


class DedupOutcome(StrEnum):
    """What a record came to."""

    FIRST = "first"
    AMENDED = "amended"
    REPEAT = "repeat"
    OUTDATED = "outdated"
    CONFLICT = "conflict"
    CLOSED = "closed"


class DedupResult(NamedTuple):
    """What a record came to, and what stood before it."""

    fate: DedupOutcome
    was: StandingRecord | None


class Dedup:
    """The standing record of each event of one run.

    It lies in a temporary file of SQLite's, so that memory does not grow with what is imported;
    a dict took 150 bytes an event.
    """

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)  # "" is a file that nobody sees
        weakref.finalize(self, self._file.close)
        for line in _SETUP:
            self._file.execute(line)

    def post(
        self, source: str, event_id: str, record: StandingRecord, *, closed: bool = False
    ) -> DedupResult:
        """Let one record stand, if it is newer than what stands and its day's books are open."""
        key = _hash(f"{source}\0{event_id}".encode())
        found = self._file.execute(_FIND, (key,)).fetchone()
        was = None if found is None else StandingRecord(*found)
        if was is not None and record.recorded_ms <= was.recorded_ms:
            if record.content == was.content or record.recorded_ms == FINAL:
                return DedupResult(DedupOutcome.REPEAT, was)
            older = record.recorded_ms < was.recorded_ms
            return DedupResult(DedupOutcome.OUTDATED if older else DedupOutcome.CONFLICT, was)
        if closed:
            return DedupResult(DedupOutcome.CLOSED, was)
        self._file.execute(_KEEP, (key, *record))
        return DedupResult(DedupOutcome.FIRST if was is None else DedupOutcome.AMENDED, was)


def content_hash(says: str) -> int:
    """32 bits of what an event says."""
    return int.from_bytes(hashlib.blake2b(says.encode(), digest_size=4).digest())


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970, as the ledger compares them."""
    return round(at.timestamp() * 1000)


def _hash(key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), signed=True)


_SETUP = (
    "PRAGMA cache_size = -8192",  # kilobytes in memory, the rest on disk
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "CREATE TABLE stands (key INTEGER PRIMARY KEY,"
    " recorded_ms INTEGER, content INTEGER, year INTEGER, moves INTEGER, hundredths INTEGER)",
    "BEGIN",
)
_FIND = "SELECT recorded_ms, content, year, moves, hundredths FROM stands WHERE key = ?"
_KEEP = "INSERT OR REPLACE INTO stands VALUES (?, ?, ?, ?, ?, ?)"
