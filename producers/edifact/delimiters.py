"""The delimiters of an EDIFACT interchange, and the splitting of its bytes by them."""

import re
import sys
from collections.abc import Iterable
from functools import lru_cache

import msgspec
from msgspec import Struct

from contract.errors import Reason, Rejected
from producers.reading.outcome import excerpt

LINE_BREAKS = b"\r\n"
BLANKS = b"\r\n\t \0"  # before a segment
MAX_TAGS = 256  # cached; a broken file may have any number
MAX_PLACES = 1_024  # cached: a port knows a few hundred other ports


class Delimiters(Struct, frozen=True):
    """The four delimiters of an interchange: those of its UNA, else the defaults of ISO 9735."""

    component: bytes = b":"
    element: bytes = b"+"
    release: bytes = b"?"
    terminator: bytes = b"'"

    @classmethod
    def behind(cls, element: bytes) -> "Delimiters":
        """Return the delimiters of a UNB without UNA, by the character that follows the tag.

        Character set level B (UNOB of syntax 1) separates elements by 0x1D, level A by "+".
        """
        return cls(b"\x1f", b"\x1d", b" ", b"\x1c") if element == b"\x1d" else cls()

    @classmethod
    def of(cls, una: bytes) -> "Delimiters":
        """Return the delimiters that the six bytes after UNA name.

        Raises:
            Rejected: two of them are the same character, or bytes are missing.
        """
        delimiters = cls(una[0:1], una[1:2], una[3:4], una[5:6])
        separators = {delimiters.component, delimiters.element, delimiters.terminator}
        if len(una) < 6 or len(separators) < 3 or (delimiters.release in separators):
            raise Rejected(
                Reason.BAD_SYNTAX,
                f"UNA {excerpt(una.decode('latin-1'))} does not name six characters "
                "with four different delimiters",
                where="UNA",
            )
        return delimiters


class Splitter:
    """Splits bytes into segments and elements by one set of delimiters."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.delimiters = delimiters
        release, terminator = re.escape(delimiters.release), re.escape(delimiters.terminator)
        self.element, self.component, self.release = (
            mark.decode("latin-1")
            for mark in (delimiters.element, delimiters.component, delimiters.release)
        )
        self.terminator = delimiters.terminator.decode("latin-1")
        self.has_release = delimiters.release != b" "  # a blank in UNA means none
        # Blanks, then a segment up to its terminator.  The quantifiers are possessive, so that a
        # segment that is cut off fails at once instead of in every possible way.
        # A line break may stand between a release character and what it releases.
        body = rb"(?:[^%b%b]++|%b[\r\n]*+.)*+" % (release, terminator, release)
        if not self.has_release:
            body = rb"[^%b]*+" % terminator
        self.segment = re.compile(rb"[%b]*+(%b)%b" % (BLANKS, body, terminator), re.DOTALL)
        self.breaks = bytes(
            b for b in LINE_BREAKS if b not in b"".join(msgspec.structs.astuple(delimiters))
        )
        parted, escape = re.escape(self.element + self.component), re.escape(self.release)
        self.token = re.compile(rf"((?:[^{parted}{escape}]|{escape}.)*)([{parted}]|\Z)", re.DOTALL)
        self.escaped = re.compile(rf"{escape}(.)", re.DOTALL)
        self._released = re.compile(release + rb"[\r\n]*+" + terminator)
        self.splits = delimiters.terminator not in BLANKS and delimiters.release not in b"\r\n\t\0"
        self.tags: dict[bytes, str] = {}
        """The first four bytes of a segment -> its tag, where the fourth is a separator."""
        self._places: dict[bytes, list[str | list[str]]] = {}
        """A LOC -> its tag and its elements."""

    def written(self, elements: Iterable[str]) -> bytes:
        """Return a segment of elements, with releases where they hold a delimiter."""
        marks = self.element, self.component, self.release, self.terminator
        released = (
            "".join(self.release + c if c in marks else c for c in element) for element in elements
        )
        return (self.element.join(released) + self.terminator).encode("utf-8")

    def tag(self, raw: bytes) -> str:
        """Return the tag of a segment.

        Components behind it would number nested groups, which no message here has.
        """
        text = self.text(raw)
        tag = sys.intern(text.partition(self.element)[0].partition(self.component)[0].strip())
        if raw[3:4] == self.delimiters.element and len(tag) == 3 and tag != "UNA":
            if len(self.tags) >= MAX_TAGS:
                self.tags.clear()
            self.tags[raw[:4]] = tag
        return tag

    def plain(self, buffer: bytes, start: int) -> bytes | None:
        """Return the bytes from `start` on that the terminator alone cuts into segments.

        They end with the last segment, without its terminator, before the next UNZ and before a
        terminator that a release character may escape.  None if there is no such segment.
        """
        if not self.splits:
            return None
        terminator, release = self.delimiters.terminator, self.delimiters.release
        closing = buffer.find(b"UNZ", start)
        end = buffer.rfind(terminator, start, len(buffer) if closing < 0 else closing)
        first = buffer.find(release, start, end) if self.has_release else -1
        if first >= 0 and (escaped := self._released.search(buffer, first, end + 1)):
            end = buffer.rfind(terminator, start, escaped.start())
        return buffer[start:end] if end >= 0 else None

    def una(self) -> bytes:
        """Return the UNA that names these delimiters."""
        m = self.delimiters
        return b"UNA" + m.component + m.element + b"." + m.release + b" " + m.terminator

    def cut(self, raw: bytes) -> list[str | list[str]]:
        """Return the tag and the elements of a segment.

        Where releases stand, an element is a list of components without them; else it is a text,
        whose components are not cut yet.
        """
        text = self.text(raw)
        if self.has_release and self.release in text:
            return self._unescaped(text)
        return text.split(self.element)  # type: ignore[return-value]  # a list of texts is one

    def place(self, raw: bytes) -> list[str | list[str]]:
        """Return the tag and the elements of a LOC, which come again with many containers."""
        known = self._places.get(raw)
        if known is None:
            if len(self._places) >= MAX_PLACES:
                self._places.clear()
            known = self._places[raw] = [
                part.split(self.component) if isinstance(part, str) else part
                for part in self.cut(raw)
            ]
        return known

    def _unescaped(self, text: str) -> list[str | list[str]]:
        found: list[list[str]] = [[]]
        for word, mark in self.token.findall(text):
            found[-1].append(self.escaped.sub(r"\1", word))
            if mark == self.element:
                found.append([])
            elif not mark:
                break
        return [*found]

    def text(self, raw: bytes) -> str:
        """Decode a segment without its line breaks: as UTF-8, else as Latin-1."""
        plain = raw
        if b"\n" in raw or b"\r" in raw:
            plain = raw.translate(None, self.breaks)
        try:
            return plain.decode("utf-8")
        except UnicodeDecodeError:
            return plain.decode("latin-1")


@lru_cache(16)
def splitter(delimiters: Delimiters) -> Splitter:
    """Return the splitter for these delimiters, with what it knows of earlier files."""
    return Splitter(delimiters)
