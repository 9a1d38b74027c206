"""The file that a history import keeps: what was read, and the records that wait to be sent.

It is a SQLite database on disk, so memory does not grow with the years, the records come out in
the order of their time, and another process goes on where one was killed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from contract.errors import Misconfigured, StackError
from producers.publish.records import Encoded

STRETCH_RECORDS = 20_000  # sent and acknowledged before they are taken out of the file …
STRETCH_BYTES = 16 << 20  # … or these bytes: a dead letter may have a megabyte
CACHE_KIB = 16_384  # pages of the file in memory


class Waiting(NamedTuple):
    """The events and dead letters that wait to be sent, and the span of the events.

    Its ends are in milliseconds since 1970, 0 without events.
    """

    events: int
    letters: int
    first_ms: int
    last_ms: int


class HistoryStore:
    """What a history import has read of its files, and not sent yet."""

    def __init__(self, path: Path, options: str) -> None:
        """Open the file of an import with these options, or begin it.

        Raises:
            Misconfigured: it was begun with other options.
            StackError: another process uses it, or it can't be opened.
        """
        self._path = path
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self.database = sqlite3.connect(path, isolation_level=None, timeout=0)
            for line in _SETUP:
                self.database.execute(line)
            self.database.execute("BEGIN IMMEDIATE")
            for line in _TABLES:
                self.database.execute(line)
        before = self.note("options")
        if before is not None and before.decode() != options:
            self.close()
            raise Misconfigured(
                f"{path} was begun with {before.decode()}, not {options}: give the same options, "
                "or begin again with --again"
            )
        self.keep_note("options", options.encode())
        self.commit()

    def close(self) -> None:
        """Close the file; what was not committed is read again by the next process."""
        self.database.close()

    def has_file(self, digest: bytes) -> bool:
        """Return whether a file with these bytes was read."""
        return self._one("SELECT 1 FROM files WHERE digest = ?", digest) is not None

    def keep_file(self, digest: bytes, name: str) -> None:
        """Note that a file was read."""
        with self._errors():
            self.database.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (digest, name))

    def note(self, name: str) -> bytes | None:
        """Return a note; None if there is none."""
        found = self._one("SELECT value FROM notes WHERE name = ?", name)
        return found[0] if found else None

    def keep_note(self, name: str, value: bytes) -> None:
        """Write a note in place of the one of that name."""
        with self._errors():
            self.database.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def add(self, at_ms: int, record: Encoded) -> None:
        """Let a record wait; without a timestamp of its own it takes that of sending."""
        stamped = record.timestamp_ms is not None
        with self._errors():
            self.database.execute(_ADD, (at_ms, stamped, record.topic, record.key, record.value))

    def commit(self) -> None:
        """Write everything so that it outlives this process."""
        with self._errors():
            self.database.execute("COMMIT")
            self.database.execute("BEGIN IMMEDIATE")

    def waiting(self, topic: str | None = None) -> Waiting:
        """Return what waits to be sent, in all or to one topic."""
        with self._errors():
            return Waiting(*self.database.execute(_WAITING, (topic, topic)).fetchone())

    def stretches(self) -> Iterator[list[Encoded]]:
        """Yield the records by time, some thousand at once; those before are forgotten.

        Records of one time come in the order in which they were read.
        """
        while True:
            stretch: list[Encoded] = []
            size, last = 0, (0, 0)
            with self._errors():
                rows = self.database.execute(_IN_ORDER)
                for at_ms, number, stamped, topic, key, value in rows:
                    stretch.append(Encoded(topic, key, value, at_ms if stamped else None))
                    size += len(value or b"")
                    last = (at_ms, number)
                    if len(stretch) >= STRETCH_RECORDS or size >= STRETCH_BYTES:
                        break
                rows.close()
            if not stretch:
                return
            yield stretch
            with self._errors():
                self.database.execute(_FORGET, last)
            self.commit()

    def shrink(self) -> None:
        """Give the room of records that were sent back to the disk."""
        with self._errors():
            self.database.execute("COMMIT")
            self.database.execute("VACUUM")
            self.database.execute("BEGIN IMMEDIATE")

    def _one(self, query: str, *values: object) -> tuple[bytes, ...] | None:
        with self._errors():
            found: tuple[bytes, ...] | None = self.database.execute(query, values).fetchone()
            return found

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Say which file SQLite complains about.

        Raises:
            StackError: what is wrong with the file, and what to do.
        """
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            do = "make room on its disk, or begin again with --again"
            if "locked" in str(error):
                do = "another import of this folder runs: wait for it"
            raise StackError(
                f"{self._path}: {error}: {do}; the same command goes on where it stopped"
            ) from error


_SETUP = (
    f"PRAGMA cache_size = -{CACHE_KIB}",
    "PRAGMA locking_mode = EXCLUSIVE",  # two imports of one folder would send it twice
    "PRAGMA journal_mode = WAL",  # a killed process leaves what it committed
    "PRAGMA synchronous = NORMAL",
)
_TABLES = (
    "CREATE TABLE IF NOT EXISTS files (digest BLOB PRIMARY KEY, name TEXT)",
    "CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value BLOB)",
    "CREATE TABLE IF NOT EXISTS records (n INTEGER PRIMARY KEY, at_ms INTEGER, stamped INTEGER,"
    " topic TEXT, key BLOB, value BLOB)",
    "CREATE INDEX IF NOT EXISTS by_time ON records (at_ms, n)",
)
_ADD = "INSERT INTO records VALUES (NULL, ?, ?, ?, ?, ?)"
_IN_ORDER = "SELECT at_ms, n, stamped, topic, key, value FROM records ORDER BY at_ms, n"
_FORGET = "DELETE FROM records WHERE (at_ms, n) <= (?, ?)"
_WAITING = (
    "SELECT COALESCE(SUM(stamped), 0), COUNT(*) - COALESCE(SUM(stamped), 0),"
    " COALESCE(MIN(at_ms) FILTER (WHERE stamped), 0),"
    " COALESCE(MAX(at_ms) FILTER (WHERE stamped), 0) FROM records WHERE ? IS NULL OR topic = ?"
)
