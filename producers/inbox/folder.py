"""The folders of an inbox, the names of files in them, and the lock by which one process owns it.

    <inbox>/<partner>/...    dropped by others; <inbox>/... without a partner
    <inbox>/work/            the one file that is being imported, and its receipt
    <inbox>/done/<day>/      files that were imported, each with its receipt beside it
    <inbox>/failed/<day>/    files of which nothing could be used, likewise

All lie on one file system, so that each move is one rename, which a crash does not split.
"""

import contextlib
import errno
import fcntl
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from contract.errors import Misconfigured, StackError

WORK, DONE, FAILED = "work", "done", "failed"
RESERVED = frozenset({WORK, DONE, FAILED})
"""The folders that no partner can have."""
RECEIPT_ENDING = ".receipt.json"
NAME_BYTES = 255  # the longest name on Linux file systems
LONGEST_EXTENSION = 16  # bytes that are kept where a name is cut
LOCK = ".lock"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""The errors of a disk without room."""
_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class InboxFolder:
    """The paths of one inbox."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.work, self.done, self.failed = root / WORK, root / DONE, root / FAILED
        self.receipt = self.work / RECEIPT_ENDING
        """The receipt of the file in `work`, until both are moved."""
        self.index = root / ".seen.sqlite"

    @contextlib.contextmanager
    def owned(self) -> Iterator[None]:
        """Make the folders, and own them while the block runs.

        The kernel releases the lock when its holder ends, so a crash leaves none behind.  flock
        works on NFS and SMB, too, where the server keeps it.

        Raises:
            Misconfigured: the folder can't be made or written.
            StackError: another process owns it, or the disk is full.
        """
        try:
            for folder in (self.root, self.work, self.done, self.failed):
                folder.mkdir(parents=True, exist_ok=True)
            file = (self.root / LOCK).open("a+", encoding="utf-8")
        except OSError as error:
            if error.errno in FULL:
                raise StackError(f"{error.filename}: {error.strerror}: make room") from None
            raise Misconfigured(
                f"{error.filename}: {error.strerror}, expected a folder that can be written; "
                "QUAYMARK_INBOX names the inbox"
            ) from None
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise StackError(
                    f"{self.root}: another inbox (process {file.read().strip() or 'unknown'}) "
                    "takes files from this folder: stop it, or set QUAYMARK_INBOX to another one"
                ) from None
            with contextlib.suppress(OSError):  # a full disk; the id is only for a message
                file.truncate(0)
                file.write(f"{os.getpid()}\n")
                file.flush()
            yield

    def owner(self) -> int | None:
        """Return the id of the process that owns the inbox; None if there is none."""
        try:
            file = (self.root / LOCK).open("r", encoding="utf-8")
        except OSError:
            return None
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read().strip() or 0) or None
        return None


def clean_path(path: str) -> PurePosixPath:
    """Return a relative path as valid UTF-8 without control characters, which are escaped.

    A receipt is one line of JSON or text, and a name may hold any byte but 0 and `/`.
    """
    return PurePosixPath(*(_cut(_clean(part), NAME_BYTES) for part in PurePosixPath(path).parts))


def free_path(folder: Path, path: PurePosixPath, mark: str) -> Path:
    """Return a path in `folder` at which neither a file nor a receipt lies.

    A name that is taken gets `mark` (a time of day), then a number.  It is cut so that the name
    of the receipt, which is longer, fits too.
    """
    place = folder / path.parent
    number = 0
    while True:
        suffix = f"~{mark}" if number == 1 else f"~{mark}-{number}"
        name = _cut(path.name, NAME_BYTES - len(RECEIPT_ENDING), suffix if number else "")
        found = place / name
        if not os.path.lexists(found) and not os.path.lexists(receipt_of(found)):
            return found
        number += 1


def receipt_of(path: Path) -> Path:
    """Return the path of the receipt of a file in `done` or `failed`."""
    return path.with_name(path.name + RECEIPT_ENDING)


def sync(folder: Path) -> None:
    """Bring the names in a folder to disk, so that they survive a power cut."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _clean(name: str) -> str:
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(
        sign.encode("unicode_escape").decode() if unicodedata.category(sign) in _CONTROLS else sign
        for sign in text
    )


def _cut(name: str, limit: int, suffix: str = "") -> str:
    """Return a name with a suffix before its extension, cut to `limit` bytes of UTF-8."""
    stem, extension = os.path.splitext(name)
    if len(extension.encode()) > LONGEST_EXTENSION:
        stem, extension = name, ""
    room = limit - len((suffix + extension).encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + suffix + extension
