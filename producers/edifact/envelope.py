"""EDIFACT's envelope: interchanges, messages in them, and the equipment groups of a message.

What trailers say (CNT, UNT, UNZ) is often wrong: a difference is a warning, never a refusal.
"""

from collections.abc import Iterator
from typing import NamedTuple

from contract.errors import Reason, Rejected
from producers.edifact.syntax import Segment, StrayBytes, segments
from producers.reading.outcome import Stream, excerpt

# fmt: off
KNOWN = frozenset((
    "BGM", "COD", "CNT", "COM", "CTA", "DAM", "DGS", "DIM", "DTM", "EQA", "EQD", "EQN",
    "FTX", "GDS", "GID", "GIN", "GOR", "HAN", "LOC", "MEA", "NAD", "PCD", "PCI", "PIA",
    "QTY", "RFF", "RNG", "SEL", "SGP", "STS", "TDT", "TMD", "TMP", "TPL", "TSR", "UNE",
    "UNG", "UNS",
))
# fmt: on
"""Segments that COARRI or CODECO may hold; another one hides a damaged tag."""

READ = frozenset({"COARRI", "CODECO"})  # messages whose segments are kept
COUNTS = ("16", "8")  # CNT qualifiers for pieces of equipment in D.95B and D.00B
MAX_SEGMENTS = 1_000  # in one header or one equipment group; SMDG's largest group has 60


class Interchange(NamedTuple):
    """UNB: who sent it, when it was prepared (as written, no zone), and its reference."""

    sender: str
    prepared: str
    reference: str
    opening: Segment | None = None


NO_INTERCHANGE = Interchange("", "", "")


class MessageHead(NamedTuple):
    """A message's header: all up to its first EQD; `number` counts the interchange's messages."""

    interchange: Interchange
    kind: str
    reference: str
    number: int
    segments: tuple[Segment, ...]
    at: str


class EquipmentGroup(NamedTuple):
    """One EQD and the segments that belong to it; `ordinal` counts them in the message."""

    head: MessageHead
    ordinal: int
    segments: tuple[Segment, ...]

    @property
    def at(self) -> str:
        """Where it stands."""
        return f"message {self.head.reference}, {self.segments[0].at}"

    @property
    def original(self) -> bytes:
        """An interchange of this group alone, under its message's header."""
        return original(self.head.interchange, (*self.head.segments, *self.segments))


class EnvelopeWarning(NamedTuple):
    """Something wrong with an envelope that changes no move."""

    at: str
    message: str


class UnreadableBytes(NamedTuple):
    """Something that can't be read as part of any message: a record that is refused."""

    at: str
    message: str
    original: bytes


Part = MessageHead | EquipmentGroup | EnvelopeWarning | UnreadableBytes


def original(interchange: Interchange, found: tuple[Segment, ...]) -> bytes:
    """Segments as a file that can be read again: their UNA and UNB before them, no trailers."""
    whole = (interchange.opening, *found) if interchange.opening else found
    if not whole:
        return b""
    end = whole[0].terminator
    return whole[0].una + b"".join(segment.raw + end for segment in whole)


def parts(stream: Stream) -> Iterator[Part]:
    """The parts of a file in order: a head opens its message, its groups follow.

    Raises:
        Rejected: the file can't be read further; what came before was yielded.
    """
    return _Envelopes().parts(segments(stream))


class _Envelopes:
    """Where in interchange, message and group the reading stands."""

    def __init__(self) -> None:
        self.interchange = NO_INTERCHANGE
        self.messages = 0
        self.head: MessageHead | None = None
        self.opening: list[Segment] = []
        self.group: list[Segment] = []
        self.groups = 0
        self.length = 0
        self.announced: Segment | None = None

    def parts(self, found: Iterator[Segment | StrayBytes]) -> Iterator[Part]:
        for segment in found:
            if isinstance(segment, StrayBytes):
                yield from self._stray(segment)
            else:
                yield from self._segment(segment)
        if self.opening:
            reference = self.opening[0].get(0)
            yield from self._end_message(cut=False)
            yield EnvelopeWarning(
                f"message {reference}", "no UNT; the file ends within the message"
            )
        if self.interchange is not NO_INTERCHANGE:
            yield EnvelopeWarning(
                f"interchange {self.interchange.reference}", "no UNZ; was the file cut?"
            )

    def _segment(self, segment: Segment) -> Iterator[Part]:
        match segment.tag:
            case "UNB":
                yield from self._unended(segment)
                self.interchange = Interchange(
                    segment.get(1), segment.get(3) + segment.get(3, 1), segment.get(4), segment
                )
                self.messages = 0
            case "UNH":
                yield from self._unended(segment)
                self.opening = [segment]
                self.length = 1
                self.messages += 1
            case "UNT":
                self.length += 1
                yield from self._trailer(segment)
            case "UNZ":
                yield from self._unended(segment)
                yield from self._closing(segment)
            case _ if not self.opening:
                if segment.tag not in ("UNG", "UNE"):
                    yield EnvelopeWarning(segment.at, "stands in no message; was its UNH damaged?")
            case _:
                self.length += 1
                yield from self._inside(segment)

    def _inside(self, segment: Segment) -> Iterator[Part]:
        if self.opening[0].get(1).upper() not in READ:
            return  # another message's segments mean other things, and may be any number
        if segment.tag == "EQD":
            yield from self._end_group()
            yield from self._open()
            self.group = [segment]
        elif segment.tag == "CNT":
            yield from self._end_group()
            self.announced = segment if segment.get(0) in COUNTS else self.announced
        else:
            if segment.tag not in KNOWN:
                yield EnvelopeWarning(
                    segment.at, f"no segment {excerpt(segment.tag)} is known here"
                )
            target = self.group or self.opening
            if len(target) >= MAX_SEGMENTS:
                raise Rejected(
                    Reason.TOO_LARGE,
                    f"more than {MAX_SEGMENTS} segments in one group: the file is read no further",
                    where=segment.at,
                )
            target.append(segment)

    def _open(self) -> Iterator[Part]:
        """The message's head, once its header is whole."""
        if self.head is None:
            first = self.opening[0]
            self.head = MessageHead(
                self.interchange,
                first.get(1).upper(),
                first.get(0),
                self.messages,
                tuple(self.opening),
                f"message {first.get(0)}, {first.at}",
            )
            yield self.head

    def _end_group(self) -> Iterator[Part]:
        if self.group and self.head is not None:
            self.groups += 1
            yield EquipmentGroup(self.head, self.groups, tuple(self.group))
        self.group = []

    def _end_message(self, *, cut: bool) -> Iterator[Part]:
        if not self.opening:
            return
        yield from self._open()
        if not cut:
            yield from self._end_group()
        head = self.head
        if self.announced is not None and head is not None:
            said = self.announced.get(0, 1)
            if not (said.isdecimal() and int(said) == self.groups):
                yield EnvelopeWarning(
                    f"message {head.reference}, {self.announced.at}",
                    f"CNT says {excerpt(said)} pieces of equipment, {self.groups} were found",
                )
        self.head, self.opening, self.group = None, [], []
        self.groups, self.announced = 0, None

    def _trailer(self, segment: Segment) -> Iterator[Part]:
        if not self.opening:
            yield EnvelopeWarning(
                segment.at, "ends a message that did not begin; was its UNH damaged?"
            )
            return
        reference, length = self.opening[0].get(0), self.length
        yield from self._end_message(cut=False)
        said = segment.get(0)
        if not (said.isdecimal() and int(said) == length):
            yield EnvelopeWarning(
                f"message {reference}, {segment.at}",
                f"UNT says {excerpt(said)} segments, {length} were found",
            )
        if segment.get(1) != reference:
            yield EnvelopeWarning(
                segment.at, f"ends message {excerpt(segment.get(1))}, not {reference}"
            )

    def _closing(self, segment: Segment) -> Iterator[Part]:
        said = segment.get(0)
        if not (said.isdecimal() and int(said) == self.messages):
            yield EnvelopeWarning(
                segment.at, f"UNZ says {excerpt(said)} messages, {self.messages} were found"
            )
        self.interchange = NO_INTERCHANGE

    def _unended(self, segment: Segment) -> Iterator[Part]:
        """End what a new envelope cuts short."""
        if self.opening:
            reference = self.opening[0].get(0)
            yield from self._end_message(cut=False)
            yield EnvelopeWarning(segment.at, f"begins before message {reference} has its UNT")
        if segment.tag == "UNB" and self.interchange is not NO_INTERCHANGE:
            yield EnvelopeWarning(
                segment.at, f"begins before interchange {self.interchange.reference} ends"
            )

    def _stray(self, stray: StrayBytes) -> Iterator[Part]:
        if not stray.cut:
            yield EnvelopeWarning("", stray.message)
            return
        lost = original(self.interchange, (*self.opening, *self.group)) + stray.raw
        reference = self.opening[0].get(0) if self.opening else "?"
        yield from self._end_message(cut=True)
        yield UnreadableBytes(f"message {reference}, at the end", stray.message, lost)
        self.interchange = NO_INTERCHANGE
