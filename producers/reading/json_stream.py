"""A JSON file's elements one by one, in bounded memory: of a list, of an object's list, or lines.

Only brackets and strings are looked at here; each element's bytes are decoded by its reader.  What
is broken is refused with its bytes, and reading goes on where the next element begins.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from io import BytesIO

import msgspec
from msgspec import Struct

from contract.errors import Reason, Rejected
from producers.reading.element_beginnings import STRING, ElementBeginnings
from producers.reading.outcome import (
    ORIGINAL_BYTES,
    Outcome,
    Outcomes,
    Refused,
    Stream,
    Warned,
    excerpt,
    refusal,
)

CHUNK_BYTES = 1 << 16
MAX_ELEMENT_BYTES = 4 << 20  # the largest published OC4IDS project seen has 300 kB; an event has 2
LONGEST_GAP_BYTES = 8 << 20  # without a new element after a broken one: the file is given up
MAX_DEPTH = 64  # DCSA nests 6 deep, OC4IDS 9
OVERLAP_BYTES = 1 << 10  # of what was searched: the begin of an element may be cut by a chunk

_TOKEN = re.compile(rb'[^"{}\[\],:]*+(%s|[{}\[\],:])' % STRING, re.DOTALL)
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|%s)*+([{}\[\]])' % STRING, re.DOTALL)
_JUNK = re.compile(rb'%s|[^\s",{}\[\]]++|[",}\]]' % STRING, re.DOTALL)
_LISTS = (b'"events"', b'"projects"', b'"records"', b'"releases"')
_FILLED = re.compile(rb"[^ \t\r\n]")
_SIGNATURE = b"\xef\xbb\xbf"
_CUT = "the file ends in the midst of this; it was cut: send it whole"


class Element(Struct, frozen=True):
    """One element's bytes and JSON path; its line stands before it from a second document on."""

    at: str
    raw: bytes


Found = Element | Refused | Warned


def elements(stream: Stream) -> Iterator[Found]:
    """Yield the elements of a JSON file in order, and what is broken between them."""
    return _JsonScanner(stream).elements()


def each(stream: Stream, read: Callable[[Element], Iterable[Outcome]]) -> Outcomes:
    """Yield the outcomes of each element by `read`, which may refuse it, and of broken parts."""
    for found in elements(stream):
        if not isinstance(found, Element):
            yield found
            continue
        try:
            yield from read(found)
        except Rejected as rejected:
            yield refusal(found.at, rejected, found.raw)


class _Broken(Exception):
    """An element is broken: why."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


class _JsonScanner:
    """A reading head: `buffer[start:at]` is the element so far, `at` the next byte to look at."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.buffer = stream.read(CHUNK_BYTES).removeprefix(_SIGNATURE)
        self.start = self.at = self.counted = 0
        self.line = 1
        self.documents = 0
        self.beginnings = ElementBeginnings()
        self.exhausted = False
        """Whether a broken element took the rest of the file."""

    def elements(self) -> Iterator[Found]:
        while self._to_next():
            root = f"line {self._line()} $" if self.documents else "$"
            self.documents += 1
            match self._byte():
                case b"[":
                    self.at += 1
                    yield from self._list(root)
                case b"{":
                    yield from self._object(root)
                case _:
                    yield self._junk(f"line {self._line()}", "a list or an object")

    def _list(self, root: str) -> Generator[Found, None, bool]:
        """Yield the elements of a list whose opening bracket was read; return if it is closed."""
        index, separated = 0, True
        while self._to_next():
            path = f"{root}[{index}]"
            match self._byte():
                case b"]":
                    self.at += 1
                    return True
                case b",":
                    self.at += 1
                    if separated:
                        yield Warned(path, "a comma too many; nothing is between two of them")
                    separated = True
                    continue
                case b"{" | b"[":
                    if not separated:
                        yield Warned(path, "the comma before this is missing")
                    try:
                        self._bracketed()
                        yield Element(path, self.buffer[self.start : self.at])
                    except _Broken as broken:
                        yield self._refused(path, broken)
                case _:
                    yield self._junk(path, "an object")
            index, separated = index + 1, False
        if not self.exhausted:
            message = "the file ends before this list does; it was cut: send it whole"
            yield Refused(root, Reason.UNDECODABLE, message)
        return False

    def _object(self, root: str) -> Iterator[Found]:
        """Yield the elements of the list that an object holds, or else the object itself."""
        depth, key, holds = 0, b"", False
        while True:
            try:
                token = self._next(_TOKEN if depth == 1 else _BRACKET)
                depth = _deeper(depth, token)
                if depth == 0 and not holds:
                    self._refuse_swallowed(in_list=False)
            except _Broken as broken:
                yield self._refused(root, broken)
                return
            if token == b"[" and depth == 2 and key in _LISTS:
                if not (yield from self._list(f"{root}.{key[1:-1].decode()}")):
                    return
                self.start = self.at
                holds, depth = True, 1
            elif depth == 0:
                if not holds:
                    yield Element(root, self.buffer[self.start : self.at])
                return
            if depth == 1 and token != b":":
                key = token

    def _bracketed(self) -> None:
        """Go behind the bracket that closes the one here.

        Raises:
            _Broken: there is none, or it is that of a later element.
        """
        depth = 0
        while True:
            depth = _deeper(depth, self._next(_BRACKET))
            if depth == 0:
                self._refuse_swallowed(in_list=True)
                return

    def _refuse_swallowed(self, *, in_list: bool) -> None:
        """Refuse an element that is no JSON and reaches over the begin of another one."""
        raw = self.buffer[self.start : self.at]
        behind_key = self.beginnings.learn(raw)
        if behind_key is None or self.beginnings.find(raw, behind_key) is None:
            return
        try:
            msgspec.json.decode(raw)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise _Broken(Reason.UNDECODABLE, f"no JSON: {error}") from None
        if in_list and self._at_end():  # it took the brackets that close the list
            raise _Broken(Reason.UNDECODABLE, _CUT)

    def _at_end(self) -> bool:
        """Whether nothing but blanks is left; `start` stays."""
        while _FILLED.search(self.buffer, self.at) is None:
            if not self._more():
                return True
        return False

    def _refused(self, path: str, broken: _Broken) -> Refused:
        """Return the refusal of the element at `start`, and go to where the next one begins."""
        after = self.beginnings.learn(self.buffer, self.start) or self.start + 1
        while (begin := self.beginnings.find(self.buffer, after)) is None:
            after = max(after, len(self.buffer) - OVERLAP_BYTES) - self.start
            if len(self.buffer) - self.start > LONGEST_GAP_BYTES:
                self.stream = BytesIO()
                return self._last(path, broken, "the file is read no further")
            if not self._more():
                return self._last(path, broken, "they are the rest of the file")
        raw = self.buffer[self.start : begin]
        self.start = self.at = begin
        reason = "a quote or a bracket is not closed" if broken.message == _CUT else broken.message
        message = f"{reason}; {len(raw)} bytes are left out, and reading goes on behind them"
        return Refused(path, broken.reason, message, raw.rstrip(b" \t\r\n,")[:ORIGINAL_BYTES])

    def _last(self, path: str, broken: _Broken, extent: str) -> Refused:
        """Return the refusal of all that is left."""
        raw = self.buffer[self.start :]
        self.start = self.at = len(self.buffer)
        self.exhausted = True
        message = f"{broken.message}; {len(raw)} bytes are left out, {extent}"
        return Refused(path, broken.reason, message, raw[:ORIGINAL_BYTES])

    def _junk(self, path: str, expected: str) -> Refused:
        """Return the refusal of what is no element here, and go behind it."""
        found = _JUNK.match(self.buffer, self.at)
        while (found is None or found.end() == len(self.buffer)) and self._more():
            found = _JUNK.match(self.buffer, self.at)
            if len(self.buffer) > MAX_ELEMENT_BYTES:
                break
        raw = b"" if found is None else found[0]
        shown = excerpt((raw[:20] or b"nothing").decode("utf-8", "replace"))
        broken = _Broken(Reason.UNDECODABLE, f"found {shown}, expected {expected}")
        if found is None or raw == b'"' or self.beginnings.find(raw, 0) is not None:
            return self._refused(path, broken)
        self.at = found.end()
        return Refused(path, broken.reason, broken.message, raw[:ORIGINAL_BYTES])

    def _next(self, pattern: re.Pattern[bytes]) -> bytes:
        """Return the next token of a pattern."""
        while (found := pattern.match(self.buffer, self.at)) is None:
            self._refuse_large(len(self.buffer))
            if not self._more():
                raise _Broken(Reason.UNDECODABLE, _CUT)
        self._refuse_large(found.end())
        self.at = found.end()
        return found.group(1)

    def _refuse_large(self, end: int) -> None:
        if end - self.start > MAX_ELEMENT_BYTES:
            raise _Broken(
                Reason.TOO_LARGE,
                f"more than {MAX_ELEMENT_BYTES} bytes in one element; send its elements apart",
            )

    def _more(self) -> bool:
        """Read on, forgetting what stands before `start`."""
        self._line()
        kept = self.buffer[self.start :]
        self.at -= self.start
        self.start = self.counted = 0
        # as much again as is kept: a long string is then looked at a few times, not once a chunk
        chunk = self.stream.read(max(CHUNK_BYTES, len(kept)))
        self.buffer = kept + chunk
        return bool(chunk)

    def _to_next(self) -> bool:
        """Go to the next byte that is no blank, where an element may start; False at the end."""
        while True:
            found = _FILLED.search(self.buffer, self.at)
            self.start = self.at = len(self.buffer) if found is None else found.start()
            if found is not None:
                return True
            if not self._more():
                return False

    def _line(self) -> int:
        """Return the line of the byte at `start`."""
        self.line += self.buffer.count(b"\n", self.counted, self.start)
        self.counted = self.start
        return self.line

    def _byte(self) -> bytes:
        return self.buffer[self.at : self.at + 1]


def _deeper(depth: int, token: bytes) -> int:
    """Return the depth behind a token."""
    if token in (b"{", b"["):
        if depth == MAX_DEPTH:
            raise _Broken(Reason.UNDECODABLE, f"nested deeper than {MAX_DEPTH}; no event is")
        return depth + 1
    return depth - 1 if token in (b"}", b"]") else depth
