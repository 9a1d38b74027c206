"""The running inbox: it lists the folder, and takes in what is whole, one file at a time."""

import asyncio
import errno
import shutil
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Literal, Protocol

import structlog
from msgspec import Struct

from contract.errors import QuaymarkError
from producers.inbox.folder import FULL, InboxFolder
from producers.inbox.intake import Intake
from producers.inbox.receipt import FileOutcome, Receipt
from producers.inbox.scan import Entry, FileState, FolderWatch, WaitingFile, Waits, entries

POLL_SECONDS = 1.0
POLL_SHARE = 0.1  # of the time at most is spent on listing, however many files there are
FREE_BYTES = 64 << 20  # room for receipts and for the tables of an import
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 60.0
HELD_SECONDS = 60.0  # between two attempts to move a file whose owner or folder forbids it

BLOCKING = FULL | {errno.EROFS, errno.EIO, errno.ESTALE}
"""Errors that concern the whole folder, not one file."""

Order = Literal["time", "name"]

log = structlog.get_logger(__name__)


class Obstacle(StrEnum):
    """What keeps the inbox from taking anything in: a metric label."""

    KAFKA = "kafka"
    """Kafka can't be reached, or refuses the events."""
    DISK_FULL = "disk_full"
    FOLDER = "folder"
    """The folder can't be listed or written."""


class Blocked(Struct, frozen=True):
    """Why nothing at all can be taken in, with the error as text."""

    why: Obstacle
    error: str = ""


class InboxReport(Protocol):
    """What the running inbox tells of itself."""

    def waiting(self, files: list[WaitingFile]) -> None:
        """Tell what waits now."""

    def taken(self, receipt: Receipt) -> None:
        """Tell what became of a file."""

    def blocked(self, blocked: Blocked | None) -> None:
        """Tell why nothing can be taken in, or that it can."""


class InboxService:
    """The loop that lists, and the loop that takes in; the first never waits for Kafka."""

    def __init__(
        self,
        folder: InboxFolder,
        report: InboxReport,
        *,
        order: Order,
        settle_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._report = folder, report
        self._order, self._monotonic = order, monotonic
        self._watch = FolderWatch(settle_seconds)
        self._queue: list[WaitingFile] = []
        """The files that are whole, the next one last."""
        self._held: dict[str, tuple[FileState, float]] = {}
        """Path -> its state when it could not be moved, and when that is tried again."""
        self._current: tuple[WaitingFile, float] | None = None
        """The file that is being imported, and since when."""
        self._looked = asyncio.Event()
        self.taken = 0
        """Number of files that were taken in."""

    async def look(self) -> None:
        """List the folder once."""
        found = await asyncio.to_thread(lambda: list(entries(self._folder.root)))
        now = self._monotonic()
        files = [self._with_hold(one, now) for one in self._watch.look(found, now)]
        ready = [one for one in files if one.entry.why is Waits.READY]
        ready.sort(key=self._key, reverse=True)
        self._queue = ready
        self._held = {
            one.entry.path: self._held[one.entry.path]
            for one in files
            if one.entry.path in self._held
        }
        if self._current is not None:
            file, since = self._current
            files.append(WaitingFile(file.entry, file.seconds + now - since))
        self._report.waiting(files)
        self._looked.set()

    async def look_for_ever(self) -> None:
        """List the folder again and again."""
        while True:
            begun = self._monotonic()
            try:
                await self.look()
            except OSError as error:
                log.warning("inbox.not_listed", folder=str(self._folder.root), error=str(error))
            took = self._monotonic() - begun
            await asyncio.sleep(max(POLL_SECONDS, took / POLL_SHARE))

    async def take_for_ever(self, intake: Intake) -> None:
        """Finish what an earlier run began, then take in each file that is whole.

        Raises:
            StackError: Kafka can't be reached any more.
            OSError: what was claimed can't be finished, since the disk is full or read-only.
        """
        for receipt in await intake.recover():
            self._tell(receipt)
        self._report.blocked(None)
        while True:
            if not self._queue:
                self._looked.clear()
                await self._looked.wait()
                continue
            if shutil.disk_usage(self._folder.root).free < FREE_BYTES:
                raise OSError(errno.ENOSPC, f"less than {FREE_BYTES >> 20} MiB are free")
            await self._take(self._queue.pop(), intake)

    async def _take(self, file: WaitingFile, intake: Intake) -> None:
        try:
            claimed = intake.claim(file.entry)
        except OSError as error:
            if error.errno in BLOCKING:
                raise
            self._hold(file, error)  # this one's owner or folder forbids it: the others go on
            return
        if claimed is None:
            return
        self._current = (file, self._monotonic())
        try:
            receipt = await intake.take(claimed)
        finally:
            self._current = None
        if receipt is not None:
            self._tell(receipt)

    def _hold(self, file: WaitingFile, error: OSError) -> None:
        path = file.entry.path
        if path not in self._held:
            log.warning("inbox.not_moved", file=path, error=error.strerror)
        self._held[path] = (file.entry.state, self._monotonic() + HELD_SECONDS)

    def _with_hold(self, file: WaitingFile, now: float) -> WaitingFile:
        """Return the file as unreadable while it is held."""
        entry = file.entry
        state, until = self._held.get(entry.path, (None, 0.0))
        if state == entry.state and now < until and entry.why is Waits.READY:
            return WaitingFile(Entry(entry.path, state, Waits.UNREADABLE), file.seconds)
        return file

    def _key(self, file: WaitingFile) -> tuple[int, str]:
        by_time = self._order == "time"
        return (file.entry.state.modified_ns if by_time else 0, file.entry.path)

    def _tell(self, receipt: Receipt) -> None:
        self.taken += 1
        self._report.taken(receipt)
        write = log.warning if receipt.outcome is FileOutcome.FAILED else log.info
        write("inbox.file_taken", outcome=receipt.outcome, receipt=receipt.line)


class Pauses:
    """The pauses between attempts that fail: longer each time, and short again after one works."""

    def __init__(self) -> None:
        self._seconds = FIRST_PAUSE_SECONDS

    def reset(self) -> None:
        """Begin with the shortest pause again."""
        self._seconds = FIRST_PAUSE_SECONDS

    async def pause(self) -> None:
        """Wait."""
        await asyncio.sleep(self._seconds)
        self._seconds = min(2 * self._seconds, LONGEST_PAUSE_SECONDS)


def blocked_by(error: QuaymarkError | OSError) -> Blocked:
    """Return what blocks the inbox, by the error that it met."""
    if not isinstance(error, OSError):
        return Blocked(Obstacle.KAFKA, str(error))
    return Blocked(Obstacle.DISK_FULL if error.errno in FULL else Obstacle.FOLDER, str(error))
