"""EDIFACT's syntax: bytes to segments, one at a time, in bounded memory; meaning is others' work.

pydifact was tried for this and not kept: of a file with two interchanges it silently drops all
before the second UNA, it needs the whole file as one string, and it reads 16,000 segments a
second where this reads ten times as many.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from contract.errors import Reason, Rejected
from producers.edifact.delimiters import Delimiters, Splitter
from producers.reading.outcome import Stream, excerpt

CHUNK_BYTES = 1 << 16
MAX_SEGMENT_BYTES = 1 << 16  # SMDG's longest segment has 700; what is longer lost its terminator
MAX_STRAY_BYTES = 1 << 20  # how far before an interchange, or between two, its start is looked for
_BLANKS = b"\r\n\t \0"
_SIGNATURE = b"\xef\xbb\xbf"
_START = re.compile(rb"UNA[^\w\s]|UNB[^\w\s]")


class Segment:
    """A segment: its tag, its number in the file, and its bytes; cut into elements when asked."""

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
        """Element -> components; the first is what follows the tag."""
        if self._elements is None:
            self._elements = self._splitter.elements(self._text)[1:]
        return self._elements

    def get(self, element: int, component: int = 0) -> str:
        """A component, counted from 0; "" if there is none."""
        try:
            return self.elements[element][component].strip()
        except IndexError:
            return ""

    @property
    def una(self) -> bytes:
        """The UNA by which it is cut."""
        return self._splitter.una()

    @property
    def terminator(self) -> bytes:
        """What ends it."""
        return self._splitter.marks.terminator

    @property
    def at(self) -> str:
        """Where it stands."""
        return f"segment {self.number} ({self.tag})"


class StrayBytes(NamedTuple):
    """Bytes of no segment: before an interchange, between two, or cut off at the end."""

    message: str
    cut: bool
    raw: bytes


def segments(stream: Stream) -> Iterator[Segment | StrayBytes]:
    """The segments of all interchanges of a file, in order; bytes that are none as `StrayBytes`.

    Raises:
        Rejected: the file can't be read further; what came before was yielded.
    """
    return _SegmentScanner(stream).segments()


class _SegmentScanner:
    """A reading head over the file."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.buffer = b""
        self.at = 0
        self.number = 0
        self.splitter = Splitter(Delimiters())

    def segments(self) -> Iterator[Segment | StrayBytes]:
        inside = False
        while True:
            # most segments: within an interchange, whole in the buffer
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
                end = "the file ends in the midst of a segment; it was cut: send it whole"
                if not inside:
                    end = (
                        f"no {self._terminator()} ends its first segment; if another character "
                        "does, a UNA must say so"
                    )
                yield StrayBytes(end, inside, self.buffer[self.at :])
                return
            segment = self._cut(raw)
            inside = segment.tag != "UNZ"
            yield segment

    def _una(self, inside: bool) -> bool:
        """Take the marks of a UNA here; within an interchange only if a UNB follows it."""
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
        """Go to the next UNA or UNB; the bytes passed over, if there were any."""
        passed = 0
        while True:
            found = _START.search(self.buffer, self.at)
            # UNB or UNA may lie across the end of what is here: keep three bytes
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
        return self.splitter.marks.element

    def _terminator(self) -> str:
        return excerpt(self.splitter.marks.terminator.decode("latin-1"))

    def _segment(self) -> bytes | None:
        """The bytes up to the next terminator, None if there is no more."""
        while (found := self.splitter.segment.match(self.buffer, self.at)) is None:
            if len(self.buffer) - self.at > MAX_SEGMENT_BYTES:
                raise Rejected(
                    Reason.TOO_LARGE,
                    f"more than {MAX_SEGMENT_BYTES} bytes without a segment's end: the file is "
                    f"read no further; segments end with {self._terminator()}",
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
        """Pass over blanks between segments; False at the end."""
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
