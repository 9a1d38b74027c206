"""The intake of one file: claimed, imported, receipted, moved; a kill at any step loses nothing.

1. The file is renamed into `work`.  Now it is ours, and a sender can't rename or replace it.
2. It is imported, and Kafka has acknowledged its events.
3. Its receipt is written into `work`.
4. The file is moved to `done` or `failed`, and then its receipt.

After a kill `recover` goes on: a file in `work` without a receipt is imported again, where each
event keeps its id and counts once; with a receipt the moves are finished.
"""

import asyncio
import hashlib
import os
import stat
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath

from msgspec import Struct

from contract.book import NO_PARTNER, UNKNOWN_PARTNER, Partner
from producers.inbox import receipt as receipts
from producers.inbox.folder import InboxFolder, clean_path, free_path, receipt_of, sync
from producers.inbox.receipt import FileOutcome, Imported, Receipt, RecordCounts
from producers.inbox.scan import Entry, FileState, folder_of
from producers.inbox.seen_index import SeenIndex

LATEST_SECONDS = 253_000_000_000.0  # in the year 9987, beyond which no datetime reaches far

Importer = Callable[[Path, str, Partner | None], Awaitable[Imported]]
"""Imports the file at a path under a name and with a partner's profile.

It returns once Kafka has acknowledged the events, and may be repeated.
"""


class IntakeTerms(Struct, frozen=True):
    """By what files are taken in."""

    partners: tuple[Partner, ...]
    max_bytes: int
    tz: tzinfo
    """The zone of the days under `done` and `failed`."""
    now: Callable[[], datetime]
    book: str = "quaymark.toml"
    """The file that holds the profiles, for messages."""


class Intake:
    """Takes in one file after the other."""

    def __init__(
        self, folder: InboxFolder, terms: IntakeTerms, index: SeenIndex, importer: Importer
    ) -> None:
        self._folder, self._terms = folder, terms
        self._index, self._importer = index, importer

    async def recover(self) -> list[Receipt]:
        """Finish what an earlier run began; return the receipts of it.

        Raises:
            OSError: the disk is full, or a folder can't be written.
            StackError: Kafka can't be reached.
        """
        finished = []
        if (receipt := receipts.read(self._folder.receipt)) is not None:
            self._finish(receipt)
            finished.append(receipt)
        for path in list(_files(self._folder.work)):
            if (found := await self.take(path)) is not None:
                finished.append(found)
        _remove_empty_folders(self._folder.work)
        return finished

    def claim(self, entry: Entry) -> Path | None:
        """Rename a file of the inbox into `work`; None if it is gone, or changed in the meantime.

        Raises:
            OSError: its owner or its folder forbids it, or the folder is read-only.
        """
        source = self._folder.root / entry.path
        claimed = self._folder.work / clean_path(entry.path)
        try:
            if FileState.of(source.lstat()) != entry.state:
                return None
            claimed.parent.mkdir(parents=True, exist_ok=True)
            os.rename(source, claimed)
        except FileNotFoundError:
            return None
        return claimed

    async def take(self, path: Path) -> Receipt | None:
        """Take in a file in `work`; None if its sender wrote to it, so that it was put back.

        Raises:
            OSError: the disk is full, or a folder can't be written.
            StackError: Kafka can't be reached; the file stays in `work` for `recover`.
        """
        before = os.lstat(path)
        name = str(path.relative_to(self._folder.work))
        taken_at = self._terms.now()
        folder = folder_of(name)
        partner = next((one for one in self._terms.partners if one.name == folder), None)
        if (fault := self._fault(before, folder, partner)) is not None:
            digest, imported = "", Imported(RecordCounts(), usable=False, refusals=(fault,))
            if stat.S_ISREG(before.st_mode) and before.st_size <= self._terms.max_bytes:
                digest = await asyncio.to_thread(_sha256, path)
        else:
            digest = await asyncio.to_thread(_sha256, path)
            imported = await self._importer(path, name, partner)
        if FileState.of(os.lstat(path)) != FileState.of(before):
            self._put_back(path, name)
            return None
        label = folder if partner or folder == NO_PARTNER else UNKNOWN_PARTNER
        repeats = self._index.earlier(digest, label) if digest else ""
        outcome = _outcome(imported, repeats)
        day = taken_at.astimezone(self._terms.tz).date().isoformat()
        top = self._folder.failed if outcome is FileOutcome.FAILED else self._folder.done
        mark = taken_at.astimezone(self._terms.tz).strftime("%H%M%S")
        target = free_path(top / day, PurePosixPath(name), mark)
        receipt = Receipt(
            line=receipts.line_of(outcome, name, imported, before.st_size, repeats),
            outcome=outcome,
            file=name,
            partner=label,
            moved_to=str(target.relative_to(self._folder.root)),
            size=before.st_size,
            sha256=digest,
            modified_at=_moment(before.st_mtime, taken_at),
            taken_at=taken_at,
            finished_at=self._terms.now(),
            repeats=repeats,
            records=imported.records,
            refusals=imported.refusals,
            summary=imported.summary,
        )
        receipts.write(self._folder.receipt, receipt)
        self._finish(receipt)
        return receipt

    def _fault(self, status: os.stat_result, folder: str, partner: Partner | None) -> str | None:
        """Return why a file is not even read; None if it is."""
        if not stat.S_ISREG(status.st_mode):
            return "it is not a file: a link, FIFO, socket or device is never read"
        if status.st_size > self._terms.max_bytes:
            return (
                f"it has {status.st_size:,} bytes, and QUAYMARK_INBOX_MAX_MEGABYTES allows "
                f"{self._terms.max_bytes:,}: send it in parts, or raise the setting"
            )
        if folder != NO_PARTNER and partner is None:
            known = ", ".join(one.name for one in self._terms.partners) or "none"
            return (
                f"its folder {folder} is no [[partner]] of {self._terms.book} (known: {known}), "
                "so its times and codes can't be read: add the profile, start the inbox again, "
                "then `quaymark inbox retry`"
            )
        return None

    def _finish(self, receipt: Receipt) -> None:
        """Move the file and its receipt to where the receipt says; may be repeated."""
        source = self._folder.work / receipt.file
        target = self._folder.root / receipt.moved_to
        self._index.note(receipt)
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(source):
            os.rename(source, target)
        sync(target.parent)
        os.rename(self._folder.receipt, receipt_of(target))
        sync(target.parent)
        sync(self._folder.work)
        _remove_empty_folders(self._folder.work)

    def _put_back(self, path: Path, name: str) -> None:
        """Let a file wait again: its sender wrote to it while it was read."""
        mark = self._terms.now().astimezone(self._terms.tz).strftime("%H%M%S")
        target = free_path(self._folder.root, PurePosixPath(name), mark)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(path, target)


def _outcome(imported: Imported, repeats: str) -> FileOutcome:
    records = imported.records
    if not imported.usable or (records.rejected and records.rejected == records.read):
        return FileOutcome.FAILED
    if repeats:
        return FileOutcome.REPEATED
    return FileOutcome.PARTLY if records.rejected else FileOutcome.DONE


def _moment(seconds: float, like: datetime) -> datetime:
    """Return a file's time, which may be any number; `like` gives the zone."""
    return datetime.fromtimestamp(min(max(seconds, 0.0), LATEST_SECONDS), like.tzinfo)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(work: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(work):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))


def _remove_empty_folders(work: Path) -> None:
    for place, _, _ in os.walk(work, topdown=False):
        if Path(place) != work:
            try:
                os.rmdir(place)
            except OSError:  # something lies in it
                continue
