"""A file that is refused as a whole: its bytes are kept in dead letters, as far as a limit."""

import os
from collections.abc import Iterator
from typing import BinaryIO

from contract.errors import Rejected
from producers.reading.outcome import ORIGINAL_BYTES, Refused, Stream, refusal

KEPT_BYTES = 16 * ORIGINAL_BYTES  # 8 MiB: a picture or an archive that lies in a folder by mistake


class RememberedStream:
    """A stream that remembers its first bytes, so that a file refused by its head is kept.

    Attributes:
        name: the file in which its bytes lie.
        damage: why it can't be read any further, as of a damaged archive.
    """

    def __init__(self, stream: Stream, name: str) -> None:
        self._stream = stream
        self.name = name
        self.damage: Rejected | None = None
        self._start: list[bytes] = []
        self._remembered = 0

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        try:
            chunk = self._stream.read(size)
        except Rejected as damage:
            self.damage = damage
            raise
        if self._remembered < ORIGINAL_BYTES:
            self._start.append(chunk)
            self._remembered += len(chunk)
        return chunk

    def pieces(self) -> Iterator[bytes]:
        """Yield the file from its start in pieces of one dead letter, at most `KEPT_BYTES`.

        It must be called before the reader has read more than the first `ORIGINAL_BYTES`.
        """
        kept, total = b"".join(self._start), 0
        while total < KEPT_BYTES:
            while len(kept) < ORIGINAL_BYTES and (chunk := self._more(ORIGINAL_BYTES)):
                kept += chunk
            if not kept:
                return
            yield kept[:ORIGINAL_BYTES]
            total += len(kept[:ORIGINAL_BYTES])
            kept = kept[ORIGINAL_BYTES:]
        if kept or self._more(1):
            yield b""

    def _more(self, size: int) -> bytes:
        """Return further bytes; none where the file cannot be read any further."""
        try:
            return self._stream.read(size)
        except Rejected:  # a damaged archive, whose refusal has been reported
            return b""


class OpenFile:
    """The bytes of an open file from its start, wherever its own reader stands.

    A damaged archive is kept so, as it is packed.
    """

    def __init__(self, name: str, file: BinaryIO) -> None:
        self._name, self._file = name, file
        self._at = 0
        self._taken = False

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        chunk = os.pread(self._file.fileno(), size, self._at)
        self._at += len(chunk)
        return chunk

    def refusals(self, rejected: Rejected) -> Iterator[Refused]:
        """Yield the refusal with the bytes of the file, which only the first refusal keeps."""
        if self._taken:
            where = "the first refusal of this archive keeps its bytes"
            message = f"{rejected.message}; {where}"
            yield refusal("", Rejected(rejected.reason, message, where=rejected.where))
            return
        self._taken = True
        try:
            self.read(0)
        except OSError:
            where = "standard input can't be read again, so its bytes are kept nowhere"
            message = f"{rejected.message}; {where}: import it as a file"
            yield refusal("", Rejected(rejected.reason, message, where=rejected.where))
            return
        yield from refused_whole(rejected, RememberedStream(self, self._name))


def refused_whole(rejected: Rejected, stream: RememberedStream) -> Iterator[Refused]:
    """Yield the refusal of a file, and one for each further dead letter that holds its bytes."""
    start = 0
    for piece in stream.pieces():
        if not start:
            yield refusal("", rejected, piece)
        elif piece:
            message = f"{len(piece)} bytes of the file that was refused"
            yield Refused(f"byte {start}", rejected.reason, message, piece)
        else:
            message = (
                f"the first {start} bytes of the file are kept; the rest is in the file alone: "
                f"keep {stream.name}"
            )
            yield Refused(f"byte {start}", rejected.reason, message)
        start += len(piece)
    if not start:
        yield refusal("", rejected)
