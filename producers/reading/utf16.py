"""A stream of UTF-16 read as UTF-8; every other stream as it is."""

import codecs

from producers.reading.outcome import Stream

CHUNK_BYTES = 1 << 16


def as_utf8(stream: Stream) -> Stream:
    """Return a stream of the same text in UTF-8; UTF-16 is known by its mark or first bytes."""
    head = stream.read(4)
    encoding = _utf16(head)
    return _Rest(head, stream) if encoding is None else _Utf8(encoding, head, stream)


def _utf16(head: bytes) -> str | None:
    """Return the encoding if the head is UTF-16: a mark, or two ASCII characters with zeros."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(head) == 4 and head[0] and head[2] and not head[1] and not head[3]:
        return "utf-16-le"
    if len(head) == 4 and head[1] and head[3] and not head[0] and not head[2]:
        return "utf-16-be"
    return None


class _Rest:
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, stream: Stream) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        if not self._head:
            return self._stream.read(size)
        chunk, self._head = self._head[:size], self._head[size:]
        return chunk if len(chunk) == size else chunk + self._stream.read(size - len(chunk))


class _Utf8:
    """A stream of UTF-16 as UTF-8; a lone surrogate stays one, which no reader takes for text."""

    def __init__(self, encoding: str, head: bytes, stream: Stream) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._buffer = self._encoded(head)
        self._stream = stream
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        while len(self._buffer) < size and not self._ended:
            chunk = self._stream.read(CHUNK_BYTES)
            self._ended = not chunk
            self._buffer += self._encoded(chunk, final=self._ended)
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _encoded(self, chunk: bytes, *, final: bool = False) -> bytes:
        try:
            text = self._decoder.decode(chunk, final)
        except UnicodeDecodeError:  # half a character at the end
            text = "\udfff"
        return text.encode("utf-8", "surrogatepass")
