"""A statement read by the readers of an import, without an import: nothing is booked or sent."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from contract.container_size import length_code
from contract.errors import Misconfigured, Reason, Rejected
from contract.events import ContainerMoved, MoveRetracted
from contract.evidence.statement import (
    StatedMove,
    StatedRetraction,
    StatementEnd,
    StatementLine,
    StatementNote,
    UnreadLine,
)
from contract.move_class import MoveKind, move_kind, uncounted_cause
from producers.csv import totals
from producers.csv.numbers import number
from producers.csv.table import header_rows
from producers.importing.detect import HEAD_BYTES, form_of
from producers.importing.run import READERS
from producers.reading.input_files import Found, Rewound, opened
from producers.reading.outcome import (
    Accepted,
    File,
    Form,
    Message,
    ReadingTerms,
    Refused,
    Skipped,
    Warned,
    excerpt,
    refusal,
)
from producers.reading.unpacking import documents
from producers.reading.utf16 import as_utf8

OF_MOVES = (Form.EDIFACT, Form.EDI_JSON, Form.DCSA, Form.EVENTS, Form.MOVES)
"""The forms of files that hold moves."""
MOST_OF_A_MOVE = 10_00
"""Hundredths of a TEU; the longest container, of 53 ft, has 265."""
_DERIVED = "derived-"
"""How an id begins that a reader made of a row without one."""


class StatementReading:
    """Files of one statement, which are read one after the other."""

    def __init__(self, terms: ReadingTerms, form: Form | None, now: datetime) -> None:
        self._terms, self._form, self._now = terms, form, now
        self._left_out: Counter[str] = Counter()

    def lines(self, files: Iterator[Found]) -> Iterator[StatementLine]:
        """Yield what the files say, and at last the end.

        Raises:
            Misconfigured: a file holds neither moves nor totals, or lacks a column.
        """
        for found in files:
            yield from self._file(found)
        yield StatementEnd(dict(self._left_out))

    def _file(self, found: Found) -> Iterator[StatementLine]:
        try:
            stream = opened(found)
        except OSError as error:
            raise Misconfigured(f"{found.name}: {error.strerror}") from None
        with stream:
            for document in documents(found.name, stream, self._terms.sheet):
                if document.warning:
                    yield StatementNote(document.name, document.warning)
                try:
                    if document.stream is None:
                        raise document.fault
                    text = as_utf8(document.stream)
                    head = text.read(HEAD_BYTES)
                    rewound = Rewound(head, text, lambda size: None)
                    file = File(document.name, rewound, self._now.timestamp())
                    if self._form is None and _has_totals(head):
                        yield from totals.read(file, self._terms)
                    else:
                        form = self._form or form_of(head, self._terms.partner)
                        yield from self._moves(file, form)
                except Rejected as fault:
                    yield _unread(document.name, refusal("", fault))

    def _moves(self, file: File, form: Form) -> Iterator[StatementLine]:
        if form not in OF_MOVES:
            raise Misconfigured(
                f"{file.name}: read as {form}, which holds neither moves nor totals of days, "
                "months or ships; docs/reconcile.md says what a statement is"
            )
        for outcome in READERS[form](file, self._terms):
            match outcome:
                case Accepted(at, ContainerMoved() as event):
                    try:
                        line = self._move(f"{file.name}, {at}", event, outcome.stated_teu)
                    except Rejected as rejected:
                        yield _unread(file.name, refusal(at, rejected))
                        continue
                    if line is not None:
                        yield line
                case Accepted(at, MoveRetracted() as event):
                    key = _key(event.source, event.data.retractedEventID)
                    yield StatedRetraction(f"{file.name}, {at}", key)
                case Accepted():
                    self._left_out["no_move"] += 1
                case Skipped(_, why):
                    self._left_out[why.value] += 1
                case Refused():
                    yield _unread(file.name, outcome)
                case Warned(at, message):
                    yield StatementNote(f"{file.name}, {at}", message)
                case Message():
                    pass

    def _move(self, at: str, event: ContainerMoved, stated_teu: str) -> StatedMove | None:
        """Return a move; None if by its own words it is none that counts."""
        move = event.data
        if (cause := uncounted_cause(move)) is not None and not move.isRetracted:
            self._left_out[cause.value] += 1
            return None
        kind = move_kind(move)
        call = move.transportCall
        outward, inward = (
            (call.exportVoyageNumber, call.importVoyageNumber) if call else (None, None)
        )
        size = move.ISOEquipmentCode
        return StatedMove(
            at=at,
            terminal=self._terms.book.terminal_codes.get(move.facilityCode, move.facilityCode),
            move=move.equipmentEventTypeCode.value,
            time=event.time,
            recorded=event.recordedtime,
            event_id="" if event.id.startswith(_DERIVED) else _key(event.source, event.id),
            retracted=move.isRetracted,
            container=move.equipmentReference,
            iso_code=size if size and length_code(size) is not None else None,
            hundredths=_hundredths(stated_teu) if stated_teu else None,
            fill=move.emptyIndicatorCode.value if move.emptyIndicatorCode else None,
            kind=kind.value if move.moveStatus or kind is not MoveKind.NORMAL else None,
            voyage=inward or outward
            if move.equipmentEventTypeCode == "DISC"
            else outward or inward,
            vessel=call.vessel.vesselName if call and call.vessel else None,
        )


def _has_totals(head: bytes) -> bool:
    """Whether a file begins with the header of totals."""
    if head.lstrip()[:1] in (b"{", b"[", b"<") or head.startswith((b"UNA", b"UNB")):
        return False
    try:
        return any(totals.is_header(row) for row in header_rows(head))
    except Rejected:
        return False


def _hundredths(text: str) -> int:
    teu = number(text, "teu") * 100
    if teu != int(teu):
        raise Rejected(Reason.BAD_VALUE, f"{Decimal(teu) / 100} TEU has more than two decimals")
    if teu > MOST_OF_A_MOVE:
        raise Rejected(Reason.BAD_VALUE, f"{excerpt(text)} TEU are no single container")
    return int(teu)


def _key(source: str, name: str) -> str:
    return f"{source} {name}"


def _unread(file: str, refused: Refused) -> UnreadLine:
    at = f"{file}, {refused.at}" if refused.at else file
    return UnreadLine(at, refused.reason.value, refused.message)
