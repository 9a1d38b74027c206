"""EDIFACT's syntax: bytes to segments, one at a time, in bounded memory; meaning is others' work.

pydifact was tried for this and not kept: of a file with two interchanges it silently drops all
before the second UNA, it needs the whole file as one string, and it reads 16,000 segments a
second where this reads some 300,000.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from contract.errors import Reason, Rejected
from producers.outcome import Stream, excerpt

CHUNK_BYTES = 1 << 16
MAX_SEGMENT_BYTES = 1 << 16  # SMDG's longest segment has 700; what is longer lost its terminator
MAX_STRAY_BYTES = 1 << 20  # how far before an interchange, or between two, its start is looked for
_LINE_BREAKS = b"\r\n"
_BLANKS = b"\r\n\t \0"
_START = re.compile(rb"UNA[^\w\s]|UNB[^\w\s]")


class Segment(NamedTuple):
    """A segment: its tag, element -> components, its number in the file, and its bytes.

    `elements[0]` is what follows the tag.  A missing element or component reads as "".
    """

    tag: str
    elements: list[list[str]]
    number: int
    raw: bytes

    def get(self, element: int, component: int = 0) -> str:
        """A component, counted from 0; "" if there is none."""
        try:
            return self.elements[element][component].strip()
        except IndexError:
            return ""

    @property
    def at(self) -> str:
        """Where it stands."""
        return f"segment {self.number} ({self.tag})"


class Stray(NamedTuple):
    """Bytes of no segment: before an interchange, between two, or cut off at the end."""

    message: str
    cut: bool
    raw: bytes


class _Marks(Struct, frozen=True):
    """The characters that part things, as UNA says or as the standard does without it."""

    component: bytes = b":"
    element: bytes = b"+"
    release: bytes = b"?"
    terminator: bytes = b"'"

    @classmethod
    def of(cls, una: bytes) -> "_Marks":
        """Those of the six bytes behind UNA.

        Raises:
            Rejected: two of them are one.
        """
        marks = cls(una[0:1], una[1:2], una[3:4], una[5:6])
        parting = {marks.component, marks.element, marks.terminator}
        if len(una) < 6 or len(parting) < 3 or (marks.release in parting):
            raise Rejected(
                Reason.BAD_SYNTAX,
                f"UNA {excerpt(una.decode('latin-1'))} does not name six characters, "
                "the parting ones all different",
                where="UNA",
            )
        return marks


class _Splitter:
    """How bytes are cut under one set of marks."""

    def __init__(self, marks: _Marks) -> None:
        self.marks = marks
        release, terminator = re.escape(marks.release), re.escape(marks.terminator)
        self.has_release = marks.release != b" "  # a blank there means that there is none
        if self.has_release:
            # a line break may stand between a release character and what it releases
            self.segment = re.compile(
                rb"(?:[^%b%b]++|%b[\r\n]*+.)*+%b" % (release, terminator, release, terminator),
                re.DOTALL,
            )
        else:
            self.segment = re.compile(rb"[^%b]*+%b" % (terminator, terminator), re.DOTALL)
        self.breaks = bytes(b for b in _LINE_BREAKS if b not in b"".join(_parts(marks)))
        parted = re.escape((marks.element + marks.component).decode("latin-1"))
        escape = re.escape(marks.release.decode("latin-1"))
        self.token = re.compile(rf"((?:[^{parted}{escape}]|{escape}.)*)([{parted}]|\Z)", re.DOTALL)
        self.escaped = re.compile(rf"{escape}(.)", re.DOTALL)

    def elements(self, text: str) -> list[list[str]]:
        """A segment's text as elements of components, released characters made plain."""
        marks = self.marks
        element, component = marks.element.decode("latin-1"), marks.component.decode("latin-1")
        if not self.has_release or marks.release.decode("latin-1") not in text:
            return [part.split(component) for part in text.split(element)]
        found: list[list[str]] = [[]]
        for word, mark in self.token.findall(text):
            found[-1].append(self.escaped.sub(r"\1", word))
            if mark == element:
                found.append([])
            elif not mark:
                break
        return found


def segments(stream: Stream) -> Iterator[Segment | Stray]:
    """The segments of all interchanges of a file, in order; bytes that are none as `Stray`.

    Raises:
        Rejected: the file can't be read further; what came before was yielded.
    """
    return _Scan(stream).segments()


class _Scan:
    """A reading head over the file."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.buffer = b""
        self.at = 0
        self.number = 0
        self.splitter = _Splitter(_Marks())

    def segments(self) -> Iterator[Segment | Stray]:
        inside = False
        while True:
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
                yield Stray(
                    "the file ends in the midst of a segment; it was cut: send it whole",
                    inside,
                    self.buffer[self.at :],
                )
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
        self.splitter = _Splitter(_Marks.of(una))
        self.at += 9
        return True

    def _to_start(self) -> Stray | None:
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
                    self.splitter = _Splitter(_Marks())
                return self._stray(passed, stray) if passed else None
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

    def _stray(self, count: int, raw: bytes) -> Stray:
        shown = excerpt(raw[:40].decode("latin-1"))
        return Stray(f"{count} bytes outside any interchange: {shown}", False, raw)

    def _element(self) -> bytes:
        return self.splitter.marks.element

    def _segment(self) -> bytes | None:
        """The bytes up to the next terminator, None if there is no more."""
        while (found := self.splitter.segment.match(self.buffer, self.at)) is None:
            if len(self.buffer) - self.at > MAX_SEGMENT_BYTES:
                raise Rejected(
                    Reason.TOO_LARGE,
                    f"more than {MAX_SEGMENT_BYTES} bytes without a segment's end: the file is "
                    f"read no further; segments end with {self.splitter.marks.terminator!r}",
                    where=f"segment {self.number + 1}",
                )
            if not self._more():
                return None
        raw = self.buffer[self.at : found.end() - 1]
        self.at = found.end()
        return raw

    def _cut(self, raw: bytes) -> Segment:
        self.number += 1
        plain = raw.translate(None, self.splitter.breaks) if b"\n" in raw or b"\r" in raw else raw
        try:
            text = plain.decode("utf-8")
        except UnicodeDecodeError:
            text = plain.decode("latin-1")
        # components behind the tag number nested groups in old syntaxes; no message here has them
        (tag, *_), *elements = self.splitter.elements(text)
        return Segment(tag.strip(), elements, self.number, raw)

    def _to_next(self) -> bool:
        """Pass over blanks between segments; False at the end."""
        while True:
            if self.buffer[self.at : self.at + 1].isalpha():
                return True
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


def _parts(marks: _Marks) -> tuple[bytes, ...]:
    return (marks.component, marks.element, marks.release, marks.terminator)
