"""Reads a file of EDIFACT messages to outcomes: COARRI and CODECO count, others are skipped."""

from collections.abc import Iterator

from contract.errors import Reason, Rejected
from producers.edifact.circumstances import KnownCircumstances
from producers.edifact.coarri import COARRI
from producers.edifact.codeco import CODECO
from producers.edifact.codes import OTHER_EQUIPMENT, OTHER_MESSAGES
from producers.edifact.envelope import parts
from producers.edifact.header import MessageHeader, message_header
from producers.edifact.message_parts import (
    EnvelopeWarning,
    EquipmentGroup,
    MessageHead,
    UnreadableBytes,
    whole_message,
)
from producers.edifact.message_report import MessageReport
from producers.edifact.moves import moved
from producers.reading.outcome import (
    ORIGINAL_BYTES,
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

KINDS = {"COARRI": COARRI, "CODECO": CODECO}
"""Message type -> how it is read."""


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of a file of EDIFACT interchanges."""
    message = _Message(terms)
    for part in parts(file.stream):
        match part:
            case EquipmentGroup():
                yield message.outcome(part)
            case MessageHead():
                yield from message.end()
                message = _Message(terms, part)
                yield from message.begin()
            case EnvelopeWarning():
                yield Warned(part.at, part.message)
            case UnreadableBytes():
                yield from _in_letters(part)
    yield from message.end()


class _Message:
    """A message being read: its header, or why the header was refused."""

    def __init__(self, terms: ReadingTerms, head: MessageHead | None = None) -> None:
        self.terms = terms
        self.head = head
        self.records = 0
        self.header: MessageHeader | None = None
        self.refused: Rejected | None = None
        self.report: MessageReport | None = None
        self.known: KnownCircumstances | None = None
        self.unknown: Rejected | None = None
        """Why it is unknown which move the message reports."""

    def begin(self) -> Iterator[Outcome]:
        assert self.head is not None
        yield Message(self.head.at)
        if self.head.kind in OTHER_MESSAGES:
            return
        try:
            self._refuse_damaged(self.head)
            self.header = message_header(self.head, self.terms)
        except Rejected as rejected:
            self.refused = rejected
            return
        kind = KINDS[self.head.kind]
        try:
            self.report = kind.report(self.header)
        except Rejected as rejected:
            self.unknown = rejected
            return
        self.known = KnownCircumstances(kind, self.report)

    def outcome(self, group: EquipmentGroup) -> Outcome:
        """Return the outcome of one equipment group."""
        self.records += 1
        if group.fault:
            return Refused(group.at, Reason.BAD_SYNTAX, group.fault, group.original)
        if self.header is None:
            return self._refusal(group)
        if (qualifier := group.eqd.get(0)) != "CN":
            if qualifier.upper() in OTHER_EQUIPMENT:
                return Skipped(group.at, Skip.OTHER_EQUIPMENT)
            message = f"8053 is {excerpt(qualifier)}, no equipment; CN is a container"
            return Refused(group.at, Reason.UNKNOWN_CODE, message, group.original)
        if self.report is None or self.known is None:
            assert self.unknown is not None
            return refusal(group.at, self.unknown, group.original)
        try:
            found = moved(group, self.report, self.known)
        except Rejected as rejected:
            return refusal(group.at, rejected, group.original)
        return Accepted(group.at, found.event, found.odd, found.reference)

    def end(self) -> Iterator[Outcome]:
        """Yield the outcome of a message that has no equipment group."""
        if self.head is None or self.records:
            return
        whole = whole_message(self.head)
        if self.head.kind in OTHER_MESSAGES:
            yield Skipped(self.head.at, Skip.OTHER_MESSAGE)
        elif self.refused is not None:
            yield refusal(self.head.at, self.refused, whole)
        else:
            hint = ""
            if self.header and self.header.cancels:
                hint = "; a cancellation must name the containers that it cancels"
            message = f"the message has no EQD, so it reports no move{hint}"
            yield Refused(self.head.at, Reason.MISSING_FIELD, message, whole)

    def _refuse_damaged(self, head: MessageHead) -> None:
        """Refuse a message that is not opened as it must be, or of a type that nobody knows.

        Raises:
            Rejected: what is wrong.
        """
        if head.missing:
            opens = "message" if head.missing == "UNH" else "interchange"
            raise Rejected(
                Reason.BAD_SYNTAX,
                f"no {head.missing} opens this {opens}: it is missing or damaged",
            )
        if head.kind not in KINDS:
            raise Rejected(
                Reason.UNKNOWN_CODE,
                f"message type {excerpt(head.kind)} is no UN/EDIFACT message of shipping",
            )

    def _refusal(self, group: EquipmentGroup) -> Outcome:
        """Refuse a move for its message's fault: in full at the first move, else in one line."""
        fault = self.refused
        assert fault is not None
        message = fault.message if self.records == 1 else fault.message.split("\n")[0]
        return Refused(group.at, fault.reason, message, group.original)


def _in_letters(part: UnreadableBytes) -> Iterator[Refused]:
    """Yield a refusal, or several that together hold more bytes than one dead letter may."""
    for start in range(0, len(part.original), ORIGINAL_BYTES):
        raw = part.original[start : start + ORIGINAL_BYTES]
        message = part.message if not start else f"from byte {start} on: {part.message}"
        yield Refused(part.at, part.reason, message, raw)
