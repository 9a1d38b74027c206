"""What an EDIFACT file is cut into: message heads, equipment groups, and what can't be read."""

from typing import NamedTuple

from msgspec import Struct

from contract.errors import Reason
from producers.edifact.segment import Segment, SegmentRun


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
    missing: str = ""
    """The segment that should open it and is missing or damaged: UNB, UNH, or "" for none."""


class EquipmentGroup(Struct, frozen=True, gc=False):
    """One EQD and the segments that belong to it; `ordinal` counts them in the message."""

    head: MessageHead
    ordinal: int
    run: SegmentRun
    eqd: Segment
    """The first segment of the run."""
    fault: str = ""
    """Why it can't be read, "" if it can."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments of the run; each call makes them anew."""
        return tuple(self.run)

    @property
    def at(self) -> str:
        """The place of this group in its file, for messages."""
        return f"message {self.head.reference}, segment {self.run.number} ({self.eqd.tag})"

    @property
    def original(self) -> bytes:
        """An interchange of this group alone, under the header of its message."""
        return whole_message(self.head, self.segments)


class EnvelopeWarning(NamedTuple):
    """Something wrong with an envelope that changes no move."""

    at: str
    message: str


class UnreadableBytes(NamedTuple):
    """Something that can't be read as part of any message: a record that is refused."""

    at: str
    message: str
    original: bytes
    reason: Reason = Reason.BAD_SYNTAX


Part = MessageHead | EquipmentGroup | EnvelopeWarning | UnreadableBytes


def original(interchange: Interchange, found: tuple[Segment, ...]) -> bytes:
    """Return segments under their UNA and UNB, without trailers: they are no whole message."""
    whole = (interchange.opening, *found) if interchange.opening else found
    if not whole:
        return b""
    end = whole[0].terminator
    return whole[0].una + b"".join(segment.raw + end for segment in whole)


def whole_message(head: MessageHead, group: tuple[Segment, ...] = ()) -> bytes:
    """Return an interchange of this header and one group, which can be read again by itself."""
    found = (*head.segments, *group)
    content = original(head.interchange, found)
    if head.missing or head.interchange.opening is None:
        return content
    opening = head.interchange.opening
    unt = opening.written("UNT", str(len(found) + 1), head.reference)
    return content + unt + opening.written("UNZ", "1", head.interchange.reference)
