"""What an inbox has seen: the receipt of each sha256, and when each partner sent its last file.

It is a copy of what the receipts say, for a quick answer; if it is lost or damaged, it is made
anew from them.
"""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import quote

import structlog

from contract.errors import StackError
from producers.inbox.folder import RECEIPT_ENDING, InboxFolder
from producers.inbox.receipt import Receipt, read

log = structlog.get_logger(__name__)


class SeenIndex:
    """The index of one inbox; only the process that owns the inbox opens it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    @classmethod
    def opened(cls, folder: InboxFolder) -> Self:
        """Open the index, and make it anew if it is missing or damaged.

        Raises:
            StackError: the disk is full.
        """
        with contextlib.suppress(sqlite3.DatabaseError):
            if folder.index.exists():
                return cls(_connected(folder.index))
        _remove(folder.index)
        try:
            return cls._anew(folder)
        except (sqlite3.Error, OSError) as error:
            raise StackError(f"{folder.index}: {error}: make room on its disk") from error

    @classmethod
    def _anew(cls, folder: InboxFolder) -> Self:
        index = cls(_connected(folder.index))
        replaced = {receipt.repeats for receipt in _receipts(folder)}
        number = 0
        for receipt in _receipts(folder):
            # by times it could not be told: a clock may have been set back
            index.note(receipt, is_newest=receipt.moved_to + RECEIPT_ENDING not in replaced)
            number += 1
        if number:
            log.info("inbox.index_rebuilt", receipts=number)
        return index

    def close(self) -> None:
        """Close the index."""
        self._database.close()

    def earlier(self, sha256: str, partner: str) -> str:
        """Return the receipt of the same bytes of the same partner; empty if there is none."""
        found = self._database.execute(
            "SELECT moved_to FROM seen WHERE sha256 = ? AND partner = ?", (sha256, partner)
        ).fetchone()
        return found[0] + RECEIPT_ENDING if found else ""

    def note(self, receipt: Receipt, *, is_newest: bool = True) -> None:
        """Note a receipt; noting the newest one again changes nothing.

        Raises:
            OSError: the disk is full, or the index is damaged.
        """
        at = receipt.taken_at.timestamp()
        try:
            with self._database:
                if is_newest:
                    row = (receipt.sha256, receipt.partner, receipt.moved_to, at)
                    self._database.execute(_NOTE_FILE, row)
                self._database.execute(_NOTE_PARTNER, (receipt.partner, at))
        except sqlite3.Error as error:
            what = f"the index of the inbox fails ({error}): make room, or remove .seen.sqlite"
            raise OSError(errno.EIO, what) from error

    def expect(self, partner: str, now: datetime) -> None:
        """Note that files of a partner are awaited from now on, unless one came before."""
        with self._database:
            self._database.execute(
                "INSERT OR IGNORE INTO partners VALUES (?, ?)", (partner, now.timestamp())
            )

    def last_files(self) -> dict[str, float]:
        """Return partner -> when its last file came, or since when one is awaited (Unix)."""
        return dict(self._database.execute("SELECT partner, at FROM partners"))


def _connected(path: Path) -> sqlite3.Connection:
    # the folder's lock keeps others out; SQLite's own locks fail on some network file systems
    database = sqlite3.connect(f"file:{quote(str(path))}?vfs=unix-none", uri=True)
    for line in (
        "PRAGMA journal_mode = TRUNCATE",
        "PRAGMA synchronous = NORMAL",
        "CREATE TABLE IF NOT EXISTS seen (sha256 TEXT, partner TEXT, moved_to TEXT, at REAL,"
        " PRIMARY KEY (sha256, partner)) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS partners (partner TEXT PRIMARY KEY, at REAL)",
    ):
        database.execute(line)
    return database


_NOTE_FILE = (
    "INSERT INTO seen VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET moved_to = ?3, at = ?4"
)
_NOTE_PARTNER = "INSERT INTO partners VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at = max(at, ?2)"


def _remove(path: Path) -> None:
    for one in (path, path.with_name(path.name + "-journal")):
        one.unlink(missing_ok=True)


def _receipts(folder: InboxFolder) -> Iterator[Receipt]:
    for top in (folder.done, folder.failed):
        for place, _, names in os.walk(top):
            for name in names:
                if name.endswith(RECEIPT_ENDING) and (found := read(Path(place, name))):
                    yield found
