"""A stream of UTF-16 read as UTF-8; every other stream as it is."""

import codecs

from producers.reading.outcome import Stream
from producers.reading.peek_stream import PeekStream

CHUNK_BYTES = 1 << 16
HEAD_BYTES = 512  # a header of any length has a delimiter before
_DELIMITERS = frozenset(",;\t\n{[+'")
_LINE_ENDS = dict.fromkeys(map(ord, "\r\n\t\u3000"))  # not printable for Python, but text


def as_utf8(stream: Stream) -> Stream:
    """Return a stream of the same text in UTF-8; UTF-16 is known by its mark or first bytes."""
    ahead = PeekStream(stream)
    encoding = _utf16(ahead.peek(HEAD_BYTES))
    return ahead if encoding is None else _Utf8(encoding, ahead)


def _utf16(head: bytes) -> str | None:
    """Return the encoding if the head is UTF-16: a mark, or text with line ends or delimiters.

    The wrong order of bytes makes a comma U+2C00, so only one of both has delimiters.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" not in head:
        return None
    fitting = [encoding for encoding in ("utf-16-le", "utf-16-be") if _is_text(head, encoding)]
    return fitting[0] if len(fitting) == 1 else None


def _is_text(head: bytes, encoding: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    ascii_letters = sum(char.isascii() for char in text)  # one zero in a text makes one
    return (
        ascii_letters * 10 >= len(text)
        and not _DELIMITERS.isdisjoint(text)
        and text.translate(_LINE_ENDS).isprintable()
    )


class _Utf8:
    """A stream of UTF-16 as UTF-8; a lone surrogate stays one, which no reader takes for text."""

    def __init__(self, encoding: str, stream: Stream) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._buffer = b""
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
