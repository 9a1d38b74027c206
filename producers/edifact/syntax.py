"""Cuts the bytes of EDIFACT files into segments, one at a time and in bounded memory.

pydifact was tried and rejected: it silently drops everything before the second UNA of a file, it
needs the whole file as one string, and it reads 16,000 segments a second, a tenth of this.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from contract.errors import Reason, Rejected
from producers.edifact.delimiters import Delimiters, Splitter
from producers.reading.outcome import Stream, excerpt

CHUNK_BYTES = 1 << 16
MAX_SEGMENT_BYTES = 1 << 16  # SMDG's longest segment has 700; a longer one lost its terminator
MAX_STRAY_BYTES = 1 << 20  # how far before or between interchanges a UNB is searched
_BLANKS = b"\r\n\t \0"
_SIGNATURE = b"\xef\xbb\xbf"
_START = re.compile(rb"UNA[^\w\s]|UNB[^\w\s]")


class Segment:
    """A segment: its tag, its number in the file and its bytes; its elements are cut on demand."""

    __slots__ = ("_elements", "_splitter", "_text", "number", "raw", "tag")

    def __init__(self, raw: bytes, number: int, splitter: Splitter) -> None:
        self.raw = raw
        self.number = number
        self._splitter = splitter
        self._text = splitter.text(raw)
        self._elements: list[list[str]] | None = None
        # components behind the tag number nested groups in old syntaxes; no message here has them
        first = self._text.partition(splitter.element)[0]
        self.tag = first.partition(splitter.component)[0].strip()

    @property
    def elements(self) -> list[list[str]]:
        """Lists of components; index 0 is the first element after the tag."""
        if self._elements is None:
            self._elements = self._splitter.elements(self._text)[1:]
        return self._elements

    def get(self, element: int, component: int = 0) -> str:
        """Return a component by its indices from 0, or "" if there is none."""
        try:
            return self.elements[element][component].strip()
        except IndexError:
            return ""

    @property
    def una(self) -> bytes:
        """The UNA that names the delimiters of this segment."""
        return self._splitter.una()

    @property
    def terminator(self) -> bytes:
        """The byte that ends this segment."""
        return self._splitter.delimiters.terminator

    @property
    def at(self) -> str:
        """The place of this segment in its file, for messages."""
        return f"segment {self.number} ({self.tag})"


class StrayBytes(NamedTuple):
    """Bytes that belong to no segment: outside any interchange, or cut off at the end."""

    message: str
    cut: bool
    raw: bytes


def segments(stream: Stream) -> Iterator[Segment | StrayBytes]:
    """Yield the segments of a file in order, and as `StrayBytes` what belongs to none.

    Raises:
        Rejected: the rest of the file can't be read; what came before was yielded.
    """
    return _SegmentScanner(stream).segments()


class _SegmentScanner:
    """Scans the stream; `buffer[at:]` is what was read and not yet cut."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.buffer = b""
        self.at = 0
        self.number = 0
        self.splitter = Splitter(Delimiters())

    def segments(self) -> Iterator[Segment | StrayBytes]:
        inside = False
        while True:
            # The fast path of most segments: inside an interchange and whole in the buffer.
            found = self.splitter.segment.match(self.buffer, self.at) if inside else None
            if found is not None and not found[1].startswith(b"UNA"):
                self.at = found.end()
                segment = self._cut(found[1])
                inside = segment.tag != "UNZ"
                yield segment
                continue
            if not self._to_next():
                return
            if not inside:
                if stray := self._to_start():
                    yield stray
                if self.at >= len(self.buffer):
                    return
            if self._una(inside):
                continue
            raw = self._segment()
            if raw is None:
                end = "the file ends in the middle of a segment, so it was cut; send it whole"
                if not inside:
                    end = (
                        f"no {self._terminator()} ends the first segment; if another character "
                        "ends segments, a UNA must name it"
                    )
                yield StrayBytes(end, inside, self.buffer[self.at :])
                return
            segment = self._cut(raw)
            inside = segment.tag != "UNZ"
            yield segment

    def _una(self, inside: bool) -> bool:
        """Read a UNA here, if there is one; inside an interchange only if a UNB follows it."""
        if not self.buffer.startswith(b"UNA", self.at):
            return False
        while len(self.buffer) - self.at < 16 and self._more():
            pass
        una = self.buffer[self.at + 3 : self.at + 9]
        if inside and not self.buffer[self.at + 9 :].lstrip(_BLANKS).startswith(b"UNB"):
            return False
        self.splitter = Splitter(Delimiters.of(una))
        self.at += 9
        return True

    def _to_start(self) -> StrayBytes | None:
        """Go to the next UNA or UNB and return the bytes before it, if there are any."""
        passed = 0
        while True:
            found = _START.search(self.buffer, self.at)
            # UNA or UNB may lie across the end of the buffer, so its last three bytes are kept.
            end = found.start() if found else max(self.at, len(self.buffer) - 3)
            passed += end - self.at
            stray = self.buffer[self.at : end]
            self.at = end
            if found:
                if found.group()[:3] == b"UNB" and found.group()[3:] != self._element():
                    self.splitter = Splitter(Delimiters.behind(found.group()[3:]))
                return self._stray(passed, stray) if passed and stray != _SIGNATURE else None
            if passed > MAX_STRAY_BYTES:
                raise Rejected(
                    Reason.BAD_SYNTAX,
                    f"no UNB within {MAX_STRAY_BYTES} bytes; an interchange begins with UNB",
                    where=f"after segment {self.number}",
                )
            if not self._more():
                passed += len(self.buffer) - self.at
                stray = self.buffer[self.at :]
                self.at = len(self.buffer)
                return self._stray(passed, stray) if stray.strip(_BLANKS + b"\x1a") else None

    def _stray(self, count: int, raw: bytes) -> StrayBytes:
        shown = excerpt(raw[:40].decode("latin-1"))
        return StrayBytes(f"{count} bytes outside any interchange: {shown}", False, raw)

    def _element(self) -> bytes:
        return self.splitter.delimiters.element

    def _terminator(self) -> str:
        return excerpt(self.splitter.delimiters.terminator.decode("latin-1"))

    def _segment(self) -> bytes | None:
        """Return the bytes up to the next terminator, or None if the file has no other."""
        while (found := self.splitter.segment.match(self.buffer, self.at)) is None:
            if len(self.buffer) - self.at > MAX_SEGMENT_BYTES:
                raise Rejected(
                    Reason.TOO_LARGE,
                    f"more than {MAX_SEGMENT_BYTES} bytes without {self._terminator()}, which "
                    "ends a segment; the rest of the file is not read",
                    where=f"segment {self.number + 1}",
                )
            if not self._more():
                return None
        self.at = found.end()
        return found[1]

    def _cut(self, raw: bytes) -> Segment:
        self.number += 1
        return Segment(raw, self.number, self.splitter)

    def _to_next(self) -> bool:
        """Skip blanks between segments; False at the end of the file."""
        while True:
            rest = self.buffer[self.at : self.at + 64].lstrip(_BLANKS)
            if rest:
                self.at += min(64, len(self.buffer) - self.at) - len(rest)
                return True
            if self.at + 64 < len(self.buffer):
                self.at += 64
            elif not self._more():
                return False

    def _more(self) -> bool:
        chunk = self.stream.read(CHUNK_BYTES)
        self.buffer = self.buffer[self.at :] + chunk
        self.at = 0
        return bool(chunk)
