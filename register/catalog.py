"""The register's catalog: which files count, and to which offset of each partition they reach.

A file that the catalog does not name does not count.  The catalog is replaced in one step, so a
register that was killed while it was brought up to date is as it was before.
"""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec import Struct

from contract.errors import StackError
from ledger.journal import BookedTerminal

NAME = "catalog.json"
FORM = 1
"""The version of the files; a register of another version is made anew."""
MAY_NOT_WRITE = (errno.EACCES, errno.EPERM, errno.EROFS)
"""Errors of a folder in which a user may only read, such as the web page's in containers."""
UNKNOWN = "_"
"""Folder of the versions that are booked at no terminal."""


class Cell(Struct, frozen=True):
    """A terminal ("" for none) and a month of event time, as 2026-08."""

    terminal: str
    month: str

    @property
    def folder(self) -> str:
        """The folder of the cell's files below the register's."""
        name = quote(self.terminal, safe="") or UNKNOWN
        return f"terminal={name}/month={self.month}"


class VersionFile(Struct, frozen=True):
    """One file of versions of a cell."""

    cell: Cell
    number: int
    rows: int

    @property
    def path(self) -> str:
        """The path of the file below the register's folder."""
        return f"{self.cell.folder}/{self.number}.parquet"


class Catalog(Struct, frozen=True):
    """What a register holds."""

    form: int = FORM
    cluster: str = ""
    """The Kafka cluster of the offsets."""
    reached: dict[int, int] = {}
    """Partition of port.moves.raw -> offset behind the last record that is in the register."""
    latest: dict[int, int] = {}
    """Partition -> greatest timestamp of these records, in milliseconds since 1970."""
    reached_rejected: int = 0
    """Offset of port.rejected behind the last dead letter that was looked at."""
    terminals: tuple[BookedTerminal, ...] = ()
    next_number: int = 0
    files: tuple[VersionFile, ...] = ()

    @property
    def rows(self) -> int:
        """The number of versions."""
        return sum(file.rows for file in self.files)

    def reaches(self, at: datetime, ends: Mapping[int, int]) -> bool:
        """Whether it holds all that Kafka got before an instant.

        `ends` are partitions and the offsets at which they end now.  A partition is read that far
        if nothing waits there, or if a record of that instant or a later one is in the register.
        """
        instant = at.timestamp() * 1000
        return all(
            self.reached.get(number, 0) >= end or self.latest.get(number, 0) >= instant
            for number, end in ends.items()
        )


_decode = msgspec.json.Decoder(Catalog).decode


def read(folder: Path) -> Catalog:
    """Return the catalog of a folder, an empty one if there is none.

    Raises:
        StackError: it is damaged, or of another version; it says that it may be made anew.
    """
    path = folder / NAME
    try:
        catalog = _decode(path.read_bytes())
    except FileNotFoundError:
        return Catalog()
    except OSError as error:
        raise StackError(f"{path}: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StackError(f"{path}: {error}; {ANEW}") from None
    if catalog.form != FORM:
        raise StackError(
            f"{path}: form {catalog.form}, but this release reads form {FORM}; {ANEW}"
        )
    return catalog


ANEW = "make the register anew with `quaymark register rebuild`: it follows from the raw topic"


def write(folder: Path, catalog: Catalog) -> None:
    """Make the files of a catalog count.

    Raises:
        OSError: there is no room, or the folder can't be written; the old catalog stays.
    """
    path = folder / NAME
    unfinished = path.with_suffix(".making")
    with unfinished.open("wb") as file:
        file.write(msgspec.json.encode(catalog))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def remove_unlisted(folder: Path, catalog: Catalog) -> None:
    """Remove files that the catalog does not name: replaced ones, and those of a killed run."""
    listed = {folder / file.path for file in catalog.files}
    for path in folder.glob("terminal=*/month=*/*"):
        if path not in listed:
            path.unlink()


def discard(folder: Path) -> None:
    """Forget what a register holds, whatever its version, so that it is made anew.

    Raises:
        OSError: the folder can't be written.
    """
    (folder / NAME).unlink(missing_ok=True)
    remove_unlisted(folder, Catalog())


@contextmanager
def locked(folder: Path, on_wait: Callable[[str], object]) -> Iterator[None]:
    """Lock a register for one writer while the block runs.

    While another process writes there it waits, and says so by `on_wait`.

    Raises:
        StackError: the folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        asked = "; what is asked with --no-update only reads" * (error.errno in MAY_NOT_WRITE)
        raise StackError(f"{folder}: {error.strerror}{asked}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait(f"{folder}: another process brings this register up to date; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
