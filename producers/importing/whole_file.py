"""A file that is refused as a whole: its bytes are kept in dead letters, as far as a limit."""

from collections.abc import Iterator

from contract.errors import Rejected
from producers.reading.outcome import ORIGINAL_BYTES, Refused, Stream, refusal

KEPT_BYTES = 16 * ORIGINAL_BYTES  # 8 MiB: a picture or an archive that lies in a folder by mistake


class RememberedStream:
    """A stream that remembers its first bytes, so that a file refused by its head is kept."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._start: list[bytes] = []
        self._remembered = 0

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        chunk = self._stream.read(size)
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
                f"the first {start} bytes of the file are kept; the rest is in the file alone"
            )
            yield Refused(f"byte {start}", rejected.reason, message)
        start += len(piece)
    if not start:
        yield refusal("", rejected)
