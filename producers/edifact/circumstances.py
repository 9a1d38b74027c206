"""The circumstances of a move: all that it may share with other moves of its message.

Size, status, places and mode come again with many boxes, and they are what takes longest to read.
So they are read once, and found again by the bytes of the segments that say them.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import astuple

from contract.events import Classifier, Fill, Mode, Move, MoveStatus
from contract.move_class import uncounted_cause
from producers.edifact.delimiters import Splitter
from producers.edifact.header import MessageHeader
from producers.edifact.message_parts import EquipmentGroup
from producers.edifact.message_report import MessageReport
from producers.edifact.terminal_place import terminal_place
from producers.reading.values import container_size, unknown_terminal

FILLS = {"4": Fill.EMPTY, "5": Fill.LADEN, "7": Fill.LADEN, "8": Fill.LADEN}
"""UN/EDIFACT 8169 -> fill; 7 and 8 are full with a mixed or single consignment."""
STATUSES = {str(status.value): status for status in MoveStatus}
"""UN/EDIFACT 8249 -> status."""
KEPT = 1_024  # circumstances of one message; a ship brings boxes from a few dozen ports
HEAD_BYTES = 8  # of a segment: a tag, a qualifier of three characters, and what ends it

Field = tuple[str, str]
"""The tag and the qualifier of a segment."""


class MessageKind(NamedTuple):
    """How one message type is read."""

    report: Callable[[MessageHeader], MessageReport]
    """What the message reports; raises Rejected."""
    mode: Callable[[EquipmentGroup, MessageReport], Mode | None]
    """By what a container came or went."""
    contradictions: Callable[[EquipmentGroup, Move, MessageReport], Iterator[str]]
    """What in a group contradicts its message, as messages."""
    fields: tuple[Field, ...]
    """The segments of a group that `mode` and `contradictions` read, beside its EQD."""


class Circumstances(Struct, frozen=True, gc=False):
    """What a group says of its move, without the box, the time and the id.

    Attributes:
        data: the move without the number of its container.
        terminal: the code of the terminal in the book, or as it is written if the book lacks it.
        odd: the contradictions in the group.
    """

    data: Move
    terminal: str
    odd: tuple[str, ...]


class KnownCircumstances:
    """The circumstances in one message that were read so far."""

    def __init__(self, kind: MessageKind, report: MessageReport) -> None:
        self._kind, self._report = kind, report
        self._splitter = report.header.head.segments[0].splitter
        fields = {*kind.fields, *((field.tag, field.qualifier) for field in report.fields)}
        self._tags = frozenset(tag for tag, _ in fields)
        self._decisive = _DecisiveHeads(self._splitter, fields)
        self._known: dict[tuple[bytes, ...], Circumstances] = {}

    def of(self, group: EquipmentGroup) -> Circumstances:
        """Return the circumstances of the move that a group reports.

        Raises:
            Rejected: the terminal is missing or unknown.
        """
        decisive, tags, run = self._decisive, self._tags, group.run
        said = (
            _behind_number(group.eqd.raw, self._splitter),
            *[
                raw
                for raw, tag in zip(run.raws, run.tags, strict=True)
                if tag in tags and decisive[raw[:HEAD_BYTES]]
            ],
        )
        known = self._known.get(said)
        if known is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            known = self._known[said] = self._read(group)
        return known

    def _read(self, group: EquipmentGroup) -> Circumstances:
        report, eqd = self._report, group.eqd
        header = report.header
        status = STATUSES.get(eqd.get(4))
        place = terminal_place(group, header, report.fields)
        data = Move(
            eventClassifierCode=Classifier.ACT,
            equipmentEventTypeCode=report.move,
            facilityCode=place.code,
            ISOEquipmentCode=container_size(eqd.get(2), header.partner),
            emptyIndicatorCode=FILLS.get(eqd.get(5)),
            isTransshipmentMove=status is MoveStatus.TRANSHIPMENT,
            isRetracted=header.cancels,
            moveStatus=status,
            transportCall=report.voyage.call(self._kind.mode(group, report)),
            UNLocationCode=place.port or None,
        )
        terminal = header.book.terminal_codes.get(place.code)
        if terminal is None:
            # The terminal is part of the id, so a move at an unknown one waits for the book.
            if header.cancels or uncounted_cause(data) is None:
                raise unknown_terminal(place.code, header.book, "LOC")
            terminal = place.code
        odd = tuple(self._kind.contradictions(group, data, report))
        return Circumstances(data, terminal, odd)


class _DecisiveHeads(dict[bytes, bool]):
    """The first bytes of a segment that has one of these tags -> whether its field may decide."""

    def __init__(self, splitter: Splitter, fields: set[Field]) -> None:
        super().__init__()
        marks = splitter.delimiters
        self._element, self._ends = marks.element, (marks.element, marks.component)
        self._odd_marks = any(mark.isalnum() for mark in astuple(marks))
        self._fields = {(tag.encode(), qualifier.encode()) for tag, qualifier in fields}

    def __missing__(self, head: bytes) -> bool:
        if len(self) >= KEPT:
            self.clear()
        self[head] = found = self._may_decide(head)
        return found

    def _may_decide(self, head: bytes) -> bool:
        """Return False only for what certainly is another field."""
        tag, separator, rest = head[:3], head[3:4], head[4:]
        if self._odd_marks or separator != self._element:
            return True
        ends = [at for at in map(rest.find, self._ends) if at >= 0]
        qualifier = rest[: min(ends)] if ends else b""
        return not qualifier.isalnum() or (tag, qualifier) in self._fields


def _behind_number(raw: bytes, splitter: Splitter) -> bytes:
    """Return the elements of an EQD behind the number, or all of one that is not plain."""
    marks = splitter.delimiters
    if not raw.isascii() or (splitter.has_release and marks.release in raw):
        return raw
    elements = raw.split(marks.element, 3)
    return elements[3] if len(elements) > 3 else b""
