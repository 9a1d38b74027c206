"""Files to read, from folders or standard input, and a stream whose head can be read twice."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from contract.errors import Misconfigured
from producers.reading.outcome import Stream

STDIN = "-"


class Found(Struct, frozen=True):
    """A file to read: its name, its path (None is standard input), and its size in bytes."""

    name: str
    path: Path | None
    size: int = 0


def files_of(paths: tuple[str, ...]) -> Iterator[Found]:
    """Yield the files that paths name; those of folders sorted, without hidden ones.

    Raises:
        Misconfigured: a path does not exist, or a folder can't be listed.
    """
    for name in paths:
        path = Path(name)
        if name == STDIN:
            yield Found("standard input", None)
        elif path.is_dir():
            yield from _inside(path)
        elif path.exists():
            yield Found(name, path, path.stat().st_size)
        else:
            raise Misconfigured(f"{name}: no such file or folder")


def opened(found: Found) -> BinaryIO:
    """Open a file for reading.

    Raises:
        OSError: it can't be read.
    """
    return sys.stdin.buffer if found.path is None else found.path.open("rb")


def _inside(folder: Path) -> Iterator[Found]:
    def refuse(error: OSError) -> None:
        raise Misconfigured(f"{error.filename}: {error.strerror}, expected a folder to list")

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and path.is_file():
                yield Found(str(path), path, path.stat().st_size)


class Rewound:
    """A stream whose first bytes were read already: returns them again, then the rest.

    `on_read` is called with the number of bytes of each read.
    """

    def __init__(self, head: bytes, rest: Stream, on_read: Callable[[int], None]) -> None:
        self._head = head
        self._rest = rest
        self._on_read = on_read

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        chunk = self._head[:size]
        self._head = self._head[size:]
        chunk = chunk or self._rest.read(size)
        self._on_read(len(chunk))
        return chunk
