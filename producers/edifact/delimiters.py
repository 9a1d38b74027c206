"""The characters that part EDIFACT's segments and elements, and the cutting by them."""

import re

import msgspec
from msgspec import Struct

from contract.errors import Reason, Rejected
from producers.reading.outcome import excerpt

LINE_BREAKS = b"\r\n"


class Delimiters(Struct, frozen=True):
    """The characters that part things, as UNA says or as the standard does without it."""

    component: bytes = b":"
    element: bytes = b"+"
    release: bytes = b"?"
    terminator: bytes = b"'"

    @classmethod
    def behind(cls, element: bytes) -> "Delimiters":
        """Those of a UNB without UNA: level A's, or level B's if its separator is behind it."""
        return cls(b"\x1f", b"\x1d", b" ", b"\x1c") if element == b"\x1d" else cls()

    @classmethod
    def of(cls, una: bytes) -> "Delimiters":
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


class Splitter:
    """How bytes are cut under one set of marks."""

    def __init__(self, marks: Delimiters) -> None:
        self.marks = marks
        release, terminator = re.escape(marks.release), re.escape(marks.terminator)
        self.element, self.component, self.release = (
            mark.decode("latin-1") for mark in (marks.element, marks.component, marks.release)
        )
        self.has_release = marks.release != b" "  # a blank there means that there is none
        # blanks, then a segment up to its terminator; possessive, so that a cut one fails at once.
        # A line break may stand between a release character and what it releases.
        body = rb"(?:[^%b%b]++|%b[\r\n]*+.)*+" % (release, terminator, release)
        if not self.has_release:
            body = rb"[^%b]*+" % terminator
        self.segment = re.compile(rb"[\r\n\t \0]*+(%b)%b" % (body, terminator), re.DOTALL)
        self.breaks = bytes(
            b for b in LINE_BREAKS if b not in b"".join(msgspec.structs.astuple(marks))
        )
        parted, escape = re.escape(self.element + self.component), re.escape(self.release)
        self.token = re.compile(rf"((?:[^{parted}{escape}]|{escape}.)*)([{parted}]|\Z)", re.DOTALL)
        self.escaped = re.compile(rf"{escape}(.)", re.DOTALL)

    def una(self) -> bytes:
        """The UNA that names these marks."""
        m = self.marks
        return b"UNA" + m.component + m.element + b"." + m.release + b" " + m.terminator

    def elements(self, text: str) -> list[list[str]]:
        """A segment's text as elements of components, released characters made plain."""
        element, component = self.element, self.component
        if not self.has_release or self.release not in text:
            return [part.split(component) for part in text.split(element)]
        found: list[list[str]] = [[]]
        for word, mark in self.token.findall(text):
            found[-1].append(self.escaped.sub(r"\1", word))
            if mark == element:
                found.append([])
            elif not mark:
                break
        return found

    def text(self, raw: bytes) -> str:
        """A segment's bytes as text, without line breaks: UTF-8 where it is that, else Latin-1."""
        plain = raw.translate(None, self.breaks) if b"\n" in raw or b"\r" in raw else raw
        try:
            return plain.decode("utf-8")
        except UnicodeDecodeError:
            return plain.decode("latin-1")
