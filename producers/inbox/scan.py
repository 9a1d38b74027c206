"""The files that lie in an inbox, and which of them are whole.

The folder is listed again and again.  A watcher of the kernel (inotify) sees nothing of what
another machine writes to a folder on NFS or SMB, and drops notices when ten thousand files arrive
at once; a list is complete, and takes 0.1 s for ten thousand files.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from contract.book import NO_PARTNER
from producers.inbox.folder import RESERVED

UNFINISHED_ENDINGS = (
    ".part",
    ".partial",
    ".filepart",
    ".tmp",
    ".temp",
    ".crdownload",
    ".download",
    ".uploading",
    ".upload",
    ".swp",
)
DEEPEST = 8  # folders within the inbox: a tree that was dropped whole has fewer
EMPTY_FACTOR = 6  # an empty file waits longer: many programs create a file before they write it


class Waits(StrEnum):
    """The reason why a file waits: a metric label."""

    READY = "ready"
    """It is whole, and its turn comes."""
    CHANGING = "changing"
    """It changed a moment ago."""
    UNFINISHED = "unfinished"
    """Its name says that it is being written."""
    UNREADABLE = "unreadable"
    """Its owner does not let the inbox read or move it."""
    NOT_A_FILE = "not_a_file"
    """It is a symbolic link, a FIFO, a socket or a device."""
    TOO_DEEP = "too_deep"
    """It is a folder below `DEEPEST` others."""


class FileState(Struct, frozen=True):
    """What changes when somebody writes to a file or puts another in its place."""

    size: int
    modified_ns: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> "FileState":
        """Return the state that the file system tells."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


class Entry(Struct, frozen=True):
    """Something that lies in an inbox; `path` is relative to the inbox."""

    path: str
    state: FileState
    why: Waits

    @property
    def folder(self) -> str:
        """The folder in the inbox in which it lies, which names the partner."""
        return folder_of(self.path)


class WaitingFile(Struct, frozen=True):
    """An entry, and for how many seconds it has been here."""

    entry: Entry
    seconds: float


class _Known(Struct):
    state: FileState
    first_seen: float
    unchanged_since: float


class FolderWatch:
    """What was seen of each file before.

    Times are those of a monotonic clock: a machine whose clock is an hour off, or is set, makes no
    file whole too early or too late.
    """

    def __init__(self, settle_seconds: float) -> None:
        self._settle_seconds = settle_seconds
        self._known: dict[str, _Known] = {}
        self._unfinished: set[int] = set()
        """Inodes of files whose names say that they are being written."""

    def look(self, entries: Iterable[Entry], now: float) -> list[WaitingFile]:
        """Return the entries with what they wait for, by all that was seen until `now`."""
        known, unfinished = self._known, self._unfinished
        self._known, self._unfinished = {}, set()
        waiting = []
        for entry in entries:
            seen = known.get(entry.path)
            if seen is None:
                # what had the name of an unfinished file a moment ago was renamed: it is whole
                renamed = entry.state.inode in unfinished
                seen = _Known(entry.state, now, float("-inf") if renamed else now)
            elif seen.state != entry.state:
                seen.state, seen.unchanged_since = entry.state, now
            self._known[entry.path] = seen
            if entry.why is Waits.UNFINISHED:
                self._unfinished.add(entry.state.inode)
            elif entry.why is Waits.READY and now - seen.unchanged_since < self._needed(entry):
                entry = Entry(entry.path, entry.state, Waits.CHANGING)
            waiting.append(WaitingFile(entry, now - seen.first_seen))
        return waiting

    def _needed(self, entry: Entry) -> float:
        return self._settle_seconds * (1 if entry.state.size else EMPTY_FACTOR)


def entries(root: Path) -> Iterator[Entry]:
    """Yield what lies in an inbox, without hidden names and those of editors' copies.

    A symbolic link is never followed: whoever may write here could otherwise have any file read.
    """
    yield from _inside(root, "", 0)


def folder_of(path: str) -> str:
    """Return the first folder of a relative path; `NO_PARTNER` for a file that is in none."""
    first, slash, _ = path.partition("/")
    return first if slash else NO_PARTNER


def _inside(root: Path, below: str, depth: int) -> Iterator[Entry]:
    try:
        with os.scandir(root / below) as found:
            listed = list(found)
    except FileNotFoundError:
        return
    except OSError:
        yield Entry(below, FileState(0, 0, 0), Waits.UNREADABLE)
        return
    for one in listed:
        if is_passed_over(one.name) or (not below and one.name in RESERVED):
            continue
        path = f"{below}/{one.name}" if below else one.name
        try:
            status = one.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        except OSError:
            yield Entry(path, FileState(0, 0, 0), Waits.UNREADABLE)
            continue
        if stat.S_ISDIR(status.st_mode) and depth < DEEPEST:
            yield from _inside(root, path, depth + 1)
        else:
            yield Entry(path, FileState.of(status), _why(one, status))


def is_passed_over(name: str) -> bool:
    """Return whether a name is hidden, or that of an editor's copy: it is never taken in."""
    return name.startswith((".", "~")) or name.endswith("~")


def _why(one: os.DirEntry[str], status: os.stat_result) -> Waits:
    if stat.S_ISDIR(status.st_mode):
        return Waits.TOO_DEEP
    if not stat.S_ISREG(status.st_mode):
        return Waits.NOT_A_FILE
    if one.name.lower().endswith(UNFINISHED_ENDINGS):
        return Waits.UNFINISHED
    return Waits.READY if os.access(one.path, os.R_OK) else Waits.UNREADABLE
