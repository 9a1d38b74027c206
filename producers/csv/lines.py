"""Lines of a text file in UTF-8, GB18030 or UTF-16, with line ends of any system.

The encoding is that of the first lines with a byte above ASCII, wherever they are.  Bytes that are
no text in it are kept as lone surrogates, so that a line can be written back as it was.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from contract.errors import Rejected
from producers.reading.outcome import Stream
from producers.reading.utf16 import as_utf8

CHUNK_BYTES = 1 << 16
MAX_LINE_BYTES = 1 << 18  # a row of the widest statistics seen has 4,000 characters
LONGEST_LINE_BYTES = 8 << 20  # a file with a longer one has no lines: it is read no further
SAMPLE_BYTES = 1 << 16  # from the first line above ASCII on, to decide on the encoding
UNDECODABLE = re.compile("[\ud800-\udfff]")
"""A character that stands for a byte that is no text."""
_SIGNATURE = b"\xef\xbb\xbf"


def shown(text: str) -> str:
    """Return text as a message can show it, with U+FFFD for bytes that are no text."""
    return text if text.isascii() else UNDECODABLE.sub("\ufffd", text)


class Line(Struct, frozen=True):
    """A line with its number and its end; of a longer one than is read, the first part."""

    number: int
    text: str
    left_out: int = 0
    """Bytes that were not kept; above LONGEST_LINE_BYTES the file was read no further."""


class LineReader:
    """The lines of a file.

    Attributes:
        encoding: the encoding found so far; ASCII alone is UTF-8.
    """

    def __init__(self, stream: Stream) -> None:
        self.encoding = "utf-8"
        self._stream = as_utf8(stream)

    def __iter__(self) -> Iterator[Line]:
        sample: list[_RawLine] = []
        size = 0
        decided = False
        lines = self._raw()
        while True:
            try:
                raw = next(lines)
            except StopIteration:
                break
            except Rejected:  # of a damaged archive: what was read before the damage is kept
                self.encoding = _encoding(sample) if sample else self.encoding
                yield from map(self._decoded, sample)
                raise
            if decided or (not sample and raw.data.isascii()):
                yield self._decoded(raw)
                continue
            sample.append(raw)
            size += len(raw.data)
            if size >= SAMPLE_BYTES:
                self.encoding, decided = _encoding(sample), True
                yield from map(self._decoded, sample)
                sample = []
        if sample:
            self.encoding = _encoding(sample)
            yield from map(self._decoded, sample)

    def encoded(self, text: str) -> bytes:
        """Return text of this file as the bytes that it had."""
        return text.encode(self.encoding, "surrogateescape")

    def _decoded(self, raw: "_RawLine") -> Line:
        text = raw.data.decode(self.encoding, "surrogateescape")
        return Line(raw.number, text, raw.left_out)

    def _raw(self) -> Iterator["_RawLine"]:
        chunk = self._stream.read(CHUNK_BYTES).removeprefix(_SIGNATURE)
        # Excel for Mac ends lines with CR alone; elsewhere a lone CR is part of a cell
        end = b"\n" if b"\n" in chunk or b"\r" not in chunk else b"\r"
        rest, left_out, number = b"", 0, 0
        while chunk:
            *lines, last = (rest + chunk).split(end)
            for line in lines:
                number += 1
                yield _raw_line(number, line + b"\n", left_out)
                left_out = 0
            rest = last[:MAX_LINE_BYTES]
            left_out += len(last) - len(rest)
            if left_out > LONGEST_LINE_BYTES:
                break
            chunk = self._stream.read(CHUNK_BYTES)
        if rest:
            yield _raw_line(number + 1, rest, left_out)


class _RawLine(Struct, frozen=True):
    number: int
    data: bytes
    left_out: int


def _raw_line(number: int, data: bytes, left_out: int) -> _RawLine:
    kept = data[:MAX_LINE_BYTES]
    return _RawLine(number, kept, left_out + len(data) - len(kept))


def _encoding(sample: list[_RawLine]) -> str:
    """Return the encoding of lines, by how many of them are text in UTF-8 and in GB18030 alone."""
    utf8 = gb18030 = 0
    for raw in sample:
        if raw.data.isascii():
            continue
        if _is_text(raw.data, "utf-8"):
            utf8 += 1
        elif _is_text(raw.data, "gb18030"):
            gb18030 += 1
    return "gb18030" if gb18030 >= max(utf8, 1) else "utf-8"


def _is_text(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
