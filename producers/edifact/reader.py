"""Reads a file of EDIFACT messages to outcomes: COARRI and CODECO count, others are skipped."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from contract.errors import Reason, Rejected
from producers.edifact import coarri, codeco
from producers.edifact.envelope import (
    EnvelopeWarning,
    EquipmentGroup,
    MessageHead,
    UnreadableBytes,
    original,
    parts,
)
from producers.edifact.header import MessageHeader, message_header
from producers.edifact.moves import ReportedMove
from producers.reading.outcome import (
    Accepted,
    File,
    Message,
    Outcome,
    Outcomes,
    ReadingTerms,
    Refused,
    Skip,
    Skipped,
    Warned,
    excerpt,
    refusal,
)


class Kind(NamedTuple):
    """How one message type is read: its move, and what contradicts it."""

    move: Callable[[EquipmentGroup, MessageHeader], ReportedMove]
    contradictions: Callable[[EquipmentGroup, MessageHeader, ReadingTerms], Iterator[str]]


KINDS = {
    "COARRI": Kind(coarri.quay_move, coarri.contradictions),
    "CODECO": Kind(codeco.gate_move, codeco.contradictions),
}
"""Message type -> how it is read."""

# fmt: off
OTHERS = frozenset((
    "APERAK", "BAPLIE", "BERMAN", "CALINF", "CODENO", "COEDOR", "COHAOR", "CONTRL", "COPARN",
    "COPINO", "COPRAR", "COREOR", "COSTCO", "COSTOR", "CUSCAR", "CUSDEC", "CUSREP", "CUSRES",
    "DESADV", "GENRAL", "IFCSUM", "IFTDGN", "IFTFCC", "IFTIAG", "IFTMAN", "IFTMBC", "IFTMBF",
    "IFTMBP", "IFTMCS", "IFTMIN", "IFTRIN", "IFTSAI", "IFTSTA", "IFTSTQ", "INVOIC", "INVRPT",
    "MOVINS", "ORDERS", "PAXLST", "PRODEX", "REMADV", "TANSTA", "TPFREP", "VERMAS", "VESDEP",
    "WASDIS",
))
# fmt: on
"""Message types of shipping that report no move and are skipped; any other is refused."""


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of a file of EDIFACT interchanges."""
    message = _Message(terms)
    try:
        for part in parts(file.stream):
            match part:
                case MessageHead():
                    yield from message.end()
                    message = _Message(terms, part)
                    yield from message.begin()
                case EquipmentGroup():
                    yield message.outcome(part)
                case EnvelopeWarning():
                    yield Warned(part.at, part.message)
                case UnreadableBytes():
                    message.records += 1
                    yield Refused(part.at, Reason.BAD_SYNTAX, part.message, part.original)
    except Rejected as rejected:
        message.records += 1
        yield refusal("", rejected)
    yield from message.end()


class _Message:
    """A message being read: its header, or why the header was refused."""

    def __init__(self, terms: ReadingTerms, head: MessageHead | None = None) -> None:
        self.terms = terms
        self.head = head
        self.records = 0
        self.header: MessageHeader | None = None
        self.refused: Rejected | None = None

    def begin(self) -> Iterator[Outcome]:
        assert self.head is not None
        yield Message(self.head.at)
        if self.head.kind not in KINDS:
            return
        try:
            self.header = message_header(self.head, self.terms)
        except Rejected as rejected:
            self.refused = rejected

    def outcome(self, group: EquipmentGroup) -> Outcome:
        """Return the outcome of one equipment group."""
        self.records += 1
        if group.segments[0].get(0) != "CN":
            return Skipped(group.at, Skip.OTHER_EQUIPMENT)
        if self.header is None:
            return self._refusal(group)
        kind = KINDS[group.head.kind]
        try:
            event, reference = kind.move(group, self.header)
        except Rejected as rejected:
            return refusal(group.at, rejected, group.original)
        odd = tuple(kind.contradictions(group, self.header, self.terms))
        return Accepted(group.at, event, odd, reference)

    def end(self) -> Iterator[Outcome]:
        """Yield the outcome of a message that has no equipment group."""
        if self.head is None or self.records:
            return
        whole = original(self.head.interchange, self.head.segments)
        if self.head.kind in OTHERS:
            yield Skipped(self.head.at, Skip.OTHER_MESSAGE)
        elif self.head.kind not in KINDS:
            message = (
                f"message type {excerpt(self.head.kind)} is no UN/EDIFACT message of shipping"
            )
            yield Refused(self.head.at, Reason.UNKNOWN_CODE, message, whole)
        elif self.refused is not None:
            yield refusal(self.head.at, self.refused, whole)
        else:
            hint = (
                "; a cancellation must name the containers that it cancels"
                if self.header and self.header.cancels
                else ""
            )
            yield Refused(
                self.head.at,
                Reason.MISSING_FIELD,
                f"the message has no EQD, so it reports no move{hint}",
                whole,
            )

    def _refusal(self, group: EquipmentGroup) -> Outcome:
        """Refuse a move for its message's fault: in full at the first move, else in one line."""
        fault = self.refused
        assert fault is not None
        message = fault.message if self.records == 1 else fault.message.split("\n")[0]
        return Refused(group.at, fault.reason, message, group.original)
