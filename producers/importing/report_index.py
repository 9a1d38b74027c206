"""All reports and corrections of an import by what they refer to: a correction finds its original.

Files come in any order, so originals are looked for when all files are read.  Tables of a scratch
database hold what was read: memory does not grow with the import (a dict took 150 bytes an event).
"""

import sqlite3
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import msgspec
from msgspec import Struct

from contract.events import ContainerMoved, MoveRetracted
from contract.wire import decode_move, encode
from producers.importing.dedup import Dedup, Reported, StandingRecord, event_key, milliseconds
from producers.importing.text_hash import text_hash
from producers.reading.outcome import Accepted, MoveReference

DOCUMENT_DAYS = (
    45  # how far a correction may move the time of the original that its document names
)
VOYAGE_DAYS = 90  # as far as one period of an id reaches
DAY_MS = 86_400_000
BUFFERED = 2_000  # rows that are written at once

MoveEvent = ContainerMoved | MoveRetracted


class Group(IntEnum):
    """The group of the summary in which a correction was counted."""

    COUNTED = 0
    FLAGGED = 1
    UNCOUNTED = 2


class Correction(Struct, frozen=True):
    """A correction or cancellation that was read, and its place."""

    number: int
    file: str
    at: str
    group: Group
    event: MoveEvent
    reference: MoveReference | None
    recorded_ms: int

    @property
    def cancels(self) -> bool:
        """Whether it takes a move back."""
        return isinstance(self.event, MoveRetracted) or self.event.data.isRetracted

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids under which its original may have been reported."""
        if isinstance(self.event, MoveRetracted):
            return (self.event.data.retractedEventID,)
        return (self.event.id, *(self.reference.edges if self.reference else ()))


class Match(NamedTuple):
    """A correction, whether its original was found, and the other ids that it supersedes."""

    correction: Correction
    found: bool
    superseded: tuple[str, ...] = ()


class SenderReports(NamedTuple):
    """What the reports of one source show of its habits; each is a number of cases."""

    documents_repeated: int
    """Document numbers that stand for several lifts of one container, or for several voyages."""
    moves_told_twice: int
    """Moves that more than one message reports."""
    same_minute: int
    """Containers that are reported under two ids in one minute at one terminal."""


class ReportIndex:
    """The reports and corrections of one import."""

    def __init__(self, database: sqlite3.Connection, standing: Dedup) -> None:
        self._database = database
        self._standing = standing
        for line in _TABLES:
            database.execute(line)
        self._buffer: list[tuple[object, ...]] = []
        found = database.execute("SELECT COALESCE(MAX(n), 0) FROM corrections").fetchone()
        self._corrections: int = found[0]

    def report(
        self, file: str, event: ContainerMoved, reference: MoveReference, record: StandingRecord
    ) -> None:
        """Note a report of a move; a correction that reports one is noted, too."""
        source = event.source
        self._buffer.append(
            (
                source,
                record.key,
                _of_message(source, reference.document) if reference.document else 0,
                text_hash(source, reference.container),
                _of_message(source, reference.voyage) if reference.voyage else 0,
                text_hash(source, reference.minute) if reference.minute else 0,
                _of_message(file, reference.message),
                milliseconds(event.time),
                record.recorded_ms,
                event.id,
            )
        )
        if len(self._buffer) >= BUFFERED:
            self.flush()

    def correction(self, file: str, taken: Accepted, recorded_ms: int, group: Group) -> None:
        """Note a correction, whose original is looked for at the end."""
        self._corrections += 1
        reference = encode_reference(taken.reference) if taken.reference else None
        self._database.execute(
            "INSERT INTO corrections VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                self._corrections,
                file,
                taken.at,
                int(group),
                encode(taken.event),
                reference,
                recorded_ms,
            ),
        )

    def matches(self) -> Iterator[Match]:
        """Yield each correction with its original among these reports, the oldest first."""
        self.flush()
        if not self._corrections:
            return
        for line in _INDEXES:
            self._database.execute(line)
        superseded: set[int] = set()
        for row in self._database.execute("SELECT * FROM corrections ORDER BY recorded_ms, n"):
            yield self._match(_correction(row), superseded)

    def settled(self) -> None:
        """Forget the corrections: each was matched, or found to have no original."""
        self._database.execute("DELETE FROM corrections")

    def habits(self) -> dict[str, SenderReports]:
        """Return what the reports show, by source."""
        self.flush()
        counts: dict[str, list[int]] = {
            source: [0, 0, 0]
            for (source,) in self._database.execute("SELECT DISTINCT source FROM reports")
        }
        for n, line in enumerate(_HABITS):
            for source, number in self._database.execute(line):
                counts[source][n] = number
        return {source: SenderReports(*found) for source, found in counts.items()}

    def _match(self, correction: Correction, superseded: set[int]) -> Match:
        source = correction.event.source
        keys = [event_key(source, name) for name in correction.ids]
        wanted = Reported.ORIGINAL | (Reported.CHANGE if correction.cancels else Reported.NOTHING)
        if any(self._standing.reported(key) & wanted for key in keys):
            return Match(correction, found=True)
        if correction.reference is None:
            return Match(correction, found=False)
        for line, values, days in _lookups(source, correction.reference):
            at_ms = milliseconds(correction.event.time)
            rows = self._database.execute(
                line,
                (*values, at_ms - days * DAY_MS, at_ms + days * DAY_MS, correction.recorded_ms),
            )
            others = {key: name for key, name in rows if key not in keys and key not in superseded}
            if len(others) == 1:
                superseded.update(others)
                return Match(correction, True, tuple(others.values()))
        return Match(correction, found=False)

    def flush(self) -> None:
        """Write the reports that wait in memory to the database."""
        self._database.executemany(
            "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._buffer
        )
        self._buffer.clear()


def scratch_database() -> sqlite3.Connection:
    """Open a database in a temporary file that has no name and is gone with its connection."""
    database = sqlite3.connect("", isolation_level=None)
    for line in (
        "PRAGMA page_size = 16384",  # bytes; keys are hashes, so a write touches all pages
        "PRAGMA cache_size = -8192",  # kilobytes in memory; the rest is on disk
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        "BEGIN",
    ):
        database.execute(line)
    return database


_of_message = lru_cache(1024)(text_hash)
"""The hash of what all moves of a message share."""
encode_reference = msgspec.msgpack.Encoder().encode
decode_reference = msgspec.msgpack.Decoder(MoveReference).decode


def _lookups(source: str, reference: MoveReference) -> Iterator[tuple[str, tuple[int, ...], int]]:
    """The ways to find an original that has another id: a query, its values, and days."""
    container = text_hash(source, reference.container)
    if reference.document and reference.named:
        yield _BY_DOCUMENT, (text_hash(source, reference.document), container), DOCUMENT_DAYS
    if reference.voyage:
        yield _BY_VOYAGE, (text_hash(source, reference.voyage), container), VOYAGE_DAYS


def _correction(row: tuple[int, str, str, int, bytes, bytes | None, int]) -> Correction:
    number, file, at, group, event, reference, recorded_ms = row
    return Correction(
        number,
        file,
        at,
        Group(group),
        decode_move(event),
        decode_reference(reference) if reference else None,
        recorded_ms,
    )


_TABLES = (
    "CREATE TABLE IF NOT EXISTS reports (source TEXT, key INTEGER, document INTEGER,"
    " container INTEGER, voyage INTEGER, minute INTEGER, message INTEGER, at_ms INTEGER,"
    " recorded_ms INTEGER, id TEXT)",
    "CREATE TABLE IF NOT EXISTS corrections (n INTEGER PRIMARY KEY, file TEXT, at TEXT,"
    " grouped INTEGER, event BLOB, reference BLOB, recorded_ms INTEGER)",
)
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS by_document ON reports (document, container)",
    "CREATE INDEX IF NOT EXISTS by_voyage ON reports (voyage, container)",
)
_BY_DOCUMENT = (
    "SELECT DISTINCT key, id FROM reports WHERE document = ? AND container = ?"
    " AND at_ms BETWEEN ? AND ? AND recorded_ms < ?"
)
_BY_VOYAGE = (
    "SELECT DISTINCT key, id FROM reports WHERE voyage = ? AND container = ?"
    " AND at_ms BETWEEN ? AND ? AND recorded_ms < ?"
)
_HABITS = (
    "SELECT source, COUNT(*) FROM (SELECT source FROM reports WHERE document != 0"
    " GROUP BY source, document HAVING COUNT(DISTINCT voyage) > 1"
    " OR COUNT(DISTINCT key) > COUNT(DISTINCT container)) GROUP BY source",
    "SELECT source, COUNT(*) FROM (SELECT source FROM reports GROUP BY source, key"
    " HAVING COUNT(DISTINCT message) > 1) GROUP BY source",
    "SELECT source, COUNT(*) FROM (SELECT source FROM reports WHERE minute != 0"
    " GROUP BY source, minute HAVING COUNT(DISTINCT key) > 1) GROUP BY source",
)
