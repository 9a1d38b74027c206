"""A stream whose first bytes can be looked at before they are read."""

from contract.errors import Rejected
from producers.reading.outcome import Stream


class PeekStream:
    """A stream that gives the bytes that were looked at again when it is read."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._head = b""
        self._fault: Rejected | None = None

    def peek(self, size: int) -> bytes:
        """Return the first `size` bytes, fewer only at the end; they are read later."""
        try:
            while len(self._head) < size and (chunk := self._stream.read(size - len(self._head))):
                self._head += chunk
        except Rejected as rejected:  # of a damaged archive: what is before the damage is read
            self._fault = rejected
        return self._head[:size]

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        if self._head:
            chunk, self._head = self._head[:size], self._head[size:]
            if len(chunk) == size or self._fault is not None:
                return chunk
            try:
                return chunk + self._stream.read(size - len(chunk))
            except Rejected as rejected:
                self._fault = rejected
                return chunk
        if self._fault is not None:
            raise self._fault
        return self._stream.read(size)
