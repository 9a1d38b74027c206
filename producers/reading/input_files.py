"""Files to read: of folders, standard input; a look at the first bytes, and how far one is."""

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
    """A file to read: its name, where it lies (None is standard input), and how large it is."""

    name: str
    path: Path | None
    size: int = 0


def files_of(paths: tuple[str, ...]) -> Iterator[Found]:
    """The files that paths name; those of folders by name, hidden ones left out.

    Raises:
        Misconfigured: a path is not there, or a folder can't be listed.
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
    """The file's bytes.

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
    """A stream whose head was looked at: gives it again, then the rest, and tells how much."""

    def __init__(self, head: bytes, rest: Stream, told: Callable[[int], None]) -> None:
        self._head = head
        self._rest = rest
        self._told = told

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        chunk = self._head[:size]
        self._head = self._head[size:]
        chunk = chunk or self._rest.read(size)
        self._told(len(chunk))
        return chunk
