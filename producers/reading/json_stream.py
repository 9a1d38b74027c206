"""A JSON file's elements one by one, in bounded memory: of a list, of an object's list, or lines.

Only brackets and strings are looked at here; each element's bytes are decoded by its reader.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from contract.errors import Reason, Rejected
from producers.reading.outcome import Stream, excerpt

CHUNK_BYTES = 1 << 16
MAX_ELEMENT_BYTES = 4 << 20  # the largest published OC4IDS project seen has 300 kB; an event has 2
MAX_DEPTH = 64  # DCSA nests 6 deep, OC4IDS 9

# Possessive (*+), so that bytes cut off by the end of a chunk fail at once instead of by all ways
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TOKEN = re.compile(rb'[^"{}\[\],:]*+(%s|[{}\[\],:])' % _STRING, re.DOTALL)
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|%s)*+([{}\[\]])' % _STRING, re.DOTALL)
_LISTS = (b'"events"', b'"projects"', b'"records"', b'"releases"')
_FILLED = re.compile(rb"[^ \t\r\n]")
_SIGNATURE = b"\xef\xbb\xbf"


class Element(Struct, frozen=True):
    """One element's bytes and JSON path; its line stands before it from a second document on."""

    at: str
    raw: bytes


def elements(stream: Stream) -> Iterator[Element]:
    """The elements of a JSON file, in order.

    Raises:
        Rejected: not JSON from some place on (which is in `where`); what came before was yielded.
    """
    return _JsonScanner(stream).elements()


class _JsonScanner:
    """A reading head: `buffer[start:at]` is the element so far, `at` the next byte to look at."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.buffer = stream.read(CHUNK_BYTES).removeprefix(_SIGNATURE)
        self.start = self.at = self.counted = 0
        self.line = 1
        self.documents = 0

    def elements(self) -> Iterator[Element]:
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
                    raise self._broken(f"line {self._line()}", "a list or an object")

    def _list(self, root: str) -> Iterator[Element]:
        """The elements up to the closing bracket of a list whose opening one was read."""
        index = 0
        while True:
            path = f"{root}[{index}]"
            self._to_next_or_cut(root)
            if self._byte() == b"]":
                self.at += 1
                return
            if index:
                if self._byte() != b",":
                    raise self._broken(path, "a comma")
                self.at += 1
                self._to_next_or_cut(root)
            if self._byte() not in (b"{", b"["):
                raise self._broken(path, "an object")
            yield Element(path, self._bracketed(path))
            index += 1

    def _object(self, root: str) -> Iterator[Element]:
        """The elements of the list that an object holds, or else the object itself."""
        depth, key, holds = 0, b"", False
        while True:
            token = self._next(_TOKEN if depth == 1 else _BRACKET, root)
            depth = self._deeper(depth, token, root)
            if token == b"[" and depth == 2 and key in _LISTS:
                yield from self._list(f"{root}.{key[1:-1].decode()}")
                self.start = self.at
                holds, depth = True, 1
            elif depth == 0:
                if not holds:
                    yield Element(root, self.buffer[self.start : self.at])
                return
            if depth == 1 and token != b":":
                key = token

    def _bracketed(self, path: str) -> bytes:
        """The bytes from here to the bracket that closes the one here."""
        depth = 0
        while True:
            depth = self._deeper(depth, self._next(_BRACKET, path), path)
            if depth == 0:
                return self.buffer[self.start : self.at]

    def _deeper(self, depth: int, token: bytes, path: str) -> int:
        if token in (b"{", b"["):
            if depth == MAX_DEPTH:
                raise Rejected(
                    Reason.UNDECODABLE, f"nested deeper than {MAX_DEPTH}; no event is", where=path
                )
            return depth + 1
        return depth - 1 if token in (b"}", b"]") else depth

    def _next(self, pattern: re.Pattern[bytes], path: str) -> bytes:
        """The next token of a pattern."""
        while (found := pattern.match(self.buffer, self.at)) is None:
            self._refuse_large(len(self.buffer), path)
            if not self._more():
                raise Rejected(
                    Reason.UNDECODABLE,
                    "the file ends in the midst of this; it was cut: send it whole",
                    where=path,
                )
        self._refuse_large(found.end(), path)
        self.at = found.end()
        return found.group(1)

    def _refuse_large(self, end: int, path: str) -> None:
        if end - self.start > MAX_ELEMENT_BYTES:
            raise Rejected(
                Reason.TOO_LARGE,
                f"more than {MAX_ELEMENT_BYTES} bytes in one element: the file is read no "
                "further; send its elements apart",
                where=path,
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

    def _to_next_or_cut(self, path: str) -> None:
        if not self._to_next():
            raise Rejected(
                Reason.UNDECODABLE,
                "the file ends before this list does; it was cut: send it whole",
                where=path,
            )

    def _line(self) -> int:
        """The line of the byte at `start`."""
        self.line += self.buffer.count(b"\n", self.counted, self.start)
        self.counted = self.start
        return self.line

    def _byte(self) -> bytes:
        return self.buffer[self.at : self.at + 1]

    def _broken(self, path: str, expected: str) -> Rejected:
        found = excerpt(self.buffer[self.at : self.at + 20].decode("utf-8", "replace"))
        return Rejected(Reason.UNDECODABLE, f"found {found}, expected {expected}", where=path)
