"""Cuts the bytes of EDIFACT files into segments, one at a time and in bounded memory.

No byte is dropped: what is no segment comes out as `StrayBytes`, and cutting goes on where the
next interchange or message begins.  Only blanks between segments, and a UNA, are left out.

pydifact was tried and rejected: it silently drops everything before the second UNA of a file, it
needs the whole file as one string, and it reads 16,000 segments a second, a tenth of this.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from contract.errors import Reason, Rejected
from producers.edifact.delimiters import BLANKS, Delimiters, splitter
from producers.edifact.segment import Segment, SegmentRun
from producers.reading.outcome import ORIGINAL_BYTES, Stream, excerpt

CHUNK_BYTES = 1 << 16
MAX_SEGMENT_BYTES = 1 << 16  # SMDG's longest segment has 700; a longer one lost its terminator
MAX_STRAY_BYTES = 8 << 20  # how far before or between interchanges a UNB is searched, and kept
START_BYTES = 64  # the longest start of an interchange or a message
TRAILERS = ("UNT", "UNZ")
_BLANKS = b"\r\n\t \0\x1a"
_SIGNATURE = b"\xef\xbb\xbf"
_UNH = rb"UNH([^\w\s])[^\r\n]{1,40}?\1[A-Z]{6}[^\w\s][A-Z]"
_START = re.compile(rb"UNA[^\w\s]|UNB[^\w\s]|" + _UNH)
_SWALLOWED = re.compile(rb"UNA[^\w\s]{4}|UNB[^\w\s]UN[A-Z]{2}[^\w\s]\d|" + _UNH)
"""The start of an interchange or a message within a segment, which lost its terminator then."""
_LIKE_SEGMENTS = re.compile(rb"UNO[A-Y]|[A-Z]{3}[+:\x1d][^\r\n]*['\x1c]")
"""Text outside an interchange that was part of one; mail headers, for example, are not."""


class StrayKind(StrEnum):
    """What bytes that belong to no segment are."""

    OUTSIDE = "outside"
    """Text before, between or after interchanges, such as the header of a mail."""
    DAMAGED = "damaged"
    """What was part of an interchange that can't be read."""
    CUT = "cut"
    """A segment without its end; the message it stands in is cut there."""


class StrayBytes(NamedTuple):
    """Bytes that belong to no segment."""

    message: str
    kind: StrayKind
    raw: bytes
    reason: Reason = Reason.BAD_SYNTAX


def runs(stream: Stream) -> Iterator[SegmentRun | Segment | StrayBytes]:
    """Yield the segments of a file in order, and as `StrayBytes` what belongs to none.

    Those with nothing unusual about them come in runs.
    """
    return _SegmentScanner(stream).runs()


def segments(stream: Stream) -> Iterator[Segment | StrayBytes]:
    """Yield what `runs` does, the segments of runs one by one."""
    for found in runs(stream):
        yield from found if isinstance(found, SegmentRun) else (found,)


class _SegmentScanner:
    """Scans the stream; `buffer[at:]` is what was read and not yet cut."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.buffer = b""
        self.at = 0
        self.number = 0
        self.inside = False
        self.begun = False
        """Whether a segment was cut since the start of this interchange."""
        self.lost = ""
        """Why what follows up to the next interchange belongs to one that can't be read."""
        self.splitter = splitter(Delimiters())

    def runs(self) -> Iterator[SegmentRun | Segment | StrayBytes]:
        while True:
            if not self.inside:
                yield from self._find_start()
                if not self.inside:
                    return
            if (run := self._plain_run()) is not None:
                yield run
            if not self.inside:
                continue
            found = self.splitter.segment.match(self.buffer, self.at)
            if found is None:
                if len(self.buffer) - self.at > MAX_SEGMENT_BYTES or not self._more():
                    yield from self._without_end()
                continue
            raw = found[1]
            if raw.find(b"UN", 1) > 0 or raw[:3] == b"UNA":  # few segments hold these letters
                swallowed = self._swallowed(found.start(1) - self.at, len(raw))
                if swallowed is not None:
                    yield from self._up_to(swallowed)
                    continue
            self.at = found.end() if self.buffer is found.string else self.at + len(found[0])
            yield self._segment(raw)

    def _plain_run(self) -> SegmentRun | None:
        """Cut segments with nothing unusual about them, all at once; stop at the first other."""
        cutter = self.splitter
        known = cutter.tags
        plain = cutter.plain(self.buffer, self.at)
        if plain is None:
            return None
        pieces = plain.split(cutter.delimiters.terminator)
        raws = [piece.lstrip(BLANKS) for piece in pieces]
        tags = [known.get(raw[:4]) or cutter.tag(raw) for raw in raws]
        taken, length = len(raws), len(plain) + 1
        if b"UN" in plain or "UNZ" in tags:
            taken = self._usual(plain, raws, tags)
            length = taken + sum(map(len, pieces[:taken]))
        if not taken:
            return None
        run = SegmentRun(raws[:taken], tags[:taken], self.number + 1, cutter)
        self.begun = True
        self.number += taken
        self.at += length
        return run

    def _usual(self, plain: bytes, raws: list[bytes], tags: list[str]) -> int:
        """Return how many segments come before the first unusual one, or up to a UNZ."""
        terminator = self.splitter.delimiters.terminator
        ends = "UNZ" in tags
        count = tags.index("UNZ") + 1 if ends else len(raws)
        at, last = 0, -1
        while (found := plain.find(b"UN", last + 1)) >= 0:  # few segments hold these letters
            at += plain.count(terminator, max(last, 0), found)
            last = found
            if at >= count:
                break
            if raws[at][:3] == b"UNA" or _SWALLOWED.search(raws[at], 1):
                return at
        self.inside = not ends
        return count

    def _segment(self, raw: bytes) -> Segment:
        """Return the next segment, which its terminator ended."""
        self.begun = True
        self.number += 1
        tag = self.splitter.tag(raw)
        self.inside = tag != "UNZ"
        return Segment(raw, self.number, self.splitter, tag)

    def _swallowed(self, skipped: int, length: int) -> int | None:
        """Return how far behind `at` an interchange or message begins within a segment.

        The segment begins `skipped` bytes behind `at`.
        """
        begin = self.at + skipped
        una = self.buffer[begin : begin + 3] == b"UNA"
        found = _SWALLOWED.search(self.buffer, begin + (0 if una else 1), begin + length)
        if found is None:
            return None
        behind = found.start() - self.at
        if found[0][:3] != b"UNA":
            return behind
        while len(self.buffer) - self.at - behind < START_BYTES and self._more():
            pass
        after = self.buffer[self.at + behind + 9 : self.at + behind + START_BYTES]
        return behind if after.lstrip(_BLANKS).startswith(b"UNB") else None

    def _up_to(self, behind: int) -> Iterator[Segment | StrayBytes]:
        """Cut what stands between `at` and the start of an interchange or message behind it."""
        raw = self.buffer[self.at : self.at + behind].strip(_BLANKS)
        self.at += behind
        start = self.buffer[self.at : self.at + 3]
        self.inside = start == b"UNH"
        if not raw:
            return
        self.number += 1
        segment = Segment(raw, self.number, self.splitter, self.splitter.tag(raw), unended=True)
        if segment.tag in TRAILERS:
            yield segment
            return
        begins = "a message" if self.inside else "an interchange"
        message = f"{excerpt(_shown(raw))} has no end: {begins} begins within it"
        yield StrayBytes(message, StrayKind.CUT, raw)

    def _without_end(self) -> Iterator[Segment | StrayBytes]:
        """Cut what no terminator ends: the end of a file, or more than a segment may hold."""
        rest = self.buffer[self.at :].strip(_BLANKS)
        begin = self.buffer.find(rest, self.at)
        if rest and self.begun and (found := _SWALLOWED.search(self.buffer, begin + 1)):
            yield from self._up_to(found.start() - self.at)
            return
        too_long = len(self.buffer) - self.at > MAX_SEGMENT_BYTES
        message = "the file ends in the middle of a segment, so it was cut; send it whole"
        if too_long:
            message = f"more than {MAX_SEGMENT_BYTES} bytes without {self._terminator()}, which "
            message += "ends a segment"
        elif not self.begun:
            message = (
                f"no {self._terminator()} ends the first segment; if another character ends "
                "segments, a UNA must name it"
            )
        kind = StrayKind.CUT if self.begun else StrayKind.DAMAGED
        self.lost = "it follows a segment without end"
        self.inside = False
        raw = self.buffer[self.at : self.at + MAX_SEGMENT_BYTES]
        self.at += len(raw)
        if rest:
            reason = Reason.TOO_LARGE if too_long else Reason.BAD_SYNTAX
            yield StrayBytes(message, kind, raw.strip(_BLANKS), reason)

    def _find_start(self) -> Iterator[StrayBytes]:
        """Go to the next interchange, or to a message without one; yield the bytes before it."""
        passed, pending = 0, b""
        while True:
            found = _START.search(self.buffer, self.at)
            end = found.start() if found else max(self.at, len(self.buffer) - START_BYTES)
            pending += self.buffer[self.at : end]
            passed += end - self.at
            self.at = end
            if found is not None:
                if found[0][:3] == b"UNA" and (fault := self._una()):
                    una = self.buffer[self.at : self.at + 9].partition(b"UNB")[0]
                    self.at += len(una)
                    yield from _outside(pending + una, fault)
                    pending = b""
                    continue
                yield from _outside(pending, self.lost)
                self.lost = ""
                self._begin()
                if self.inside:
                    return
                pending = b""
            elif passed > MAX_STRAY_BYTES:
                message = (
                    f"no UNB within {MAX_STRAY_BYTES} bytes: the rest of the file is not read; "
                    "an interchange begins with UNB"
                )
                yield StrayBytes(message, StrayKind.DAMAGED, pending, Reason.TOO_LARGE)
                self.buffer, self.at = b"", 0
                return
            elif len(pending) > ORIGINAL_BYTES - CHUNK_BYTES:
                yield StrayBytes(_count(pending), StrayKind.DAMAGED, pending)
                pending = b""
            if found is None and not self._more():
                yield from _outside(pending + self.buffer[self.at :], self.lost)
                self.at = len(self.buffer)
                return

    def _una(self) -> str:
        """Read the UNA here; return what is wrong with it, "" if nothing is."""
        while len(self.buffer) - self.at < 9 and self._more():
            pass
        try:
            self.splitter = splitter(Delimiters.of(self.buffer[self.at + 3 : self.at + 9]))
        except Rejected as rejected:
            return rejected.message
        return ""

    def _begin(self) -> None:
        """Take the start that is here: a UNA is passed, a UNB or UNH begins."""
        if self.buffer[self.at : self.at + 3] == b"UNA":
            self.at += 9
            return
        separator = self.buffer[self.at + 3 : self.at + 4]
        if separator != self.splitter.delimiters.element:
            self.splitter = splitter(Delimiters.behind(separator))
        self.inside, self.begun = True, False

    def _terminator(self) -> str:
        return excerpt(self.splitter.delimiters.terminator.decode("latin-1"))

    def _more(self) -> bool:
        chunk = self.stream.read(CHUNK_BYTES)
        self.buffer = self.buffer[self.at :] + chunk
        self.at = 0
        return bool(chunk)


def _outside(raw: bytes, fault: str = "") -> Iterator[StrayBytes]:
    """Yield bytes outside any interchange, unless they are blanks or a signature."""
    plain = raw.removeprefix(_SIGNATURE)
    if not plain.strip(_BLANKS):
        return
    damaged = fault or _LIKE_SEGMENTS.search(plain)
    message = f"{fault}; {_count(raw)}" if fault else _count(raw)
    yield StrayBytes(message, StrayKind.DAMAGED if damaged else StrayKind.OUTSIDE, raw)


def _count(raw: bytes) -> str:
    return f"{len(raw)} bytes outside any interchange: {excerpt(_shown(raw))}"


def _shown(raw: bytes) -> str:
    return raw[:40].decode("latin-1")
