"""A file of EDIFACT messages as outcomes: COARRI and CODECO are read, others are skipped."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from contract.errors import Reason, Rejected
from contract.events import ContainerMoved
from producers.edifact import coarri, codeco
from producers.edifact.envelope import (
    EnvelopeWarning,
    EquipmentGroup,
    MessageHead,
    UnreadableBytes,
    original,
    parts,
)
from producers.edifact.header import MessageHeader, letter
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
    """How one type of message is read."""

    move: Callable[[EquipmentGroup, MessageHeader], ContainerMoved]
    contradictions: Callable[[EquipmentGroup, MessageHeader, ReadingTerms], Iterator[str]]


KINDS = {
    "COARRI": Kind(coarri.quay_move, coarri.contradictions),
    "CODECO": Kind(codeco.gate_move, codeco.contradictions),
}
"""Type of message -> how it is read."""

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
"""Messages of shipping that report no move: passed over.  Another type is a damaged one."""


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """The outcomes of a file of EDIFACT interchanges."""
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
    """A message being read: its letter, or why it has none."""

    def __init__(self, terms: ReadingTerms, head: MessageHead | None = None) -> None:
        self.terms = terms
        self.head = head
        self.records = 0
        self.said: MessageHeader | None = None
        self.refused: Rejected | None = None

    def begin(self) -> Iterator[Outcome]:
        assert self.head is not None
        yield Message(self.head.at)
        if self.head.kind not in KINDS:
            return
        try:
            self.said = letter(self.head, self.terms)
        except Rejected as rejected:
            self.refused = rejected

    def outcome(self, group: EquipmentGroup) -> Outcome:
        """What became of one piece of equipment."""
        self.records += 1
        if group.segments[0].get(0) != "CN":
            return Skipped(group.at, Skip.OTHER_EQUIPMENT)
        if self.said is None:
            return self._refusal(group)
        kind = KINDS[group.head.kind]
        try:
            event = kind.move(group, self.said)
        except Rejected as rejected:
            return refusal(group.at, rejected, group.original)
        return Accepted(group.at, event, tuple(kind.contradictions(group, self.said, self.terms)))

    def end(self) -> Iterator[Outcome]:
        """What a message without any equipment comes to."""
        if self.head is None or self.records:
            return
        whole = original(self.head.interchange, self.head.segments)
        if self.head.kind in OTHERS:
            yield Skipped(self.head.at, Skip.OTHER_MESSAGE)
        elif self.head.kind not in KINDS:
            message = (
                f"message type {excerpt(self.head.kind)} is none of UN/EDIFACT's for shipping"
            )
            yield Refused(self.head.at, Reason.UNKNOWN_CODE, message, whole)
        elif self.refused is not None:
            yield refusal(self.head.at, self.refused, whole)
        else:
            hint = (
                "; name the containers that it cancels" if self.said and self.said.cancels else ""
            )
            yield Refused(
                self.head.at, Reason.MISSING_FIELD, f"no EQD, so it moves nothing{hint}", whole
            )

    def _refusal(self, group: EquipmentGroup) -> Outcome:
        """The message's fault, told whole at its first move and shortly at the others."""
        fault = self.refused
        assert fault is not None
        message = fault.message if self.records == 1 else fault.message.split("\n")[0]
        return Refused(group.at, fault.reason, message, group.original)
