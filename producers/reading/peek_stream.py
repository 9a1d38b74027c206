"""A stream whose first bytes can be looked at before they are read."""

from producers.reading.outcome import Stream


class PeekStream:
    """A stream that gives the bytes that were looked at again when it is read."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._head = b""

    def peek(self, size: int) -> bytes:
        """Return the first `size` bytes, fewer only at the end; they are read later."""
        while len(self._head) < size and (chunk := self._stream.read(size - len(self._head))):
            self._head += chunk
        return self._head[:size]

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        if not self._head:
            return self._stream.read(size)
        chunk, self._head = self._head[:size], self._head[size:]
        return chunk if len(chunk) == size else chunk + self._stream.read(size - len(chunk))
