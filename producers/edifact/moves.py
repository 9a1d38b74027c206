"""What COARRI and CODECO have in common: the box, the time, the place and the id of each move.

A cancelled move is sent as `isRetracted`, so that the same move counts again when a newer message
reports it.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from contract.errors import Reason, Rejected
from contract.events import Classifier, ContainerMoved, Fill, Mode, Move, MoveStatus
from contract.move_class import QUAY_MOVES, uncounted_cause
from producers.edifact.header import MessageHeader, first, instant
from producers.edifact.identity import MoveParts, document_id, identity, minute
from producers.edifact.message_parts import EquipmentGroup
from producers.edifact.message_report import MessageReport
from producers.edifact.segment import Segment
from producers.edifact.terminal_place import terminal_place
from producers.reading.outcome import MoveReference, excerpt
from producers.reading.values import container_number, container_size, unknown_terminal

FILLS = {"4": Fill.EMPTY, "5": Fill.LADEN, "7": Fill.LADEN, "8": Fill.LADEN}
"""UN/EDIFACT 8169 -> fill; 7 and 8 are full with a mixed or single consignment."""
STATUSES = {str(status.value): status for status in MoveStatus}
"""UN/EDIFACT 8249 -> status."""


class ReportedMove(Struct, frozen=True, gc=False):
    """The event of one equipment group, and by what a correction finds it."""

    event: ContainerMoved
    reference: MoveReference


def moved(group: EquipmentGroup, report: MessageReport, mode: Mode | None) -> ReportedMove:
    """Return the move of one equipment group.

    Raises:
        Rejected: its time or its terminal is missing or can't be read.
    """
    header, move, eqd = report.header, report.move, group.segments[0]
    occurred = _occurred(group, report)
    number = container_number(eqd.get(1))
    status = STATUSES.get(eqd.get(4))
    place = terminal_place(group, header, report.fields)
    code = place.code
    data = Move(
        eventClassifierCode=Classifier.ACT,
        equipmentEventTypeCode=move,
        facilityCode=code,
        equipmentReference=number,
        ISOEquipmentCode=container_size(eqd.get(2), header.partner),
        emptyIndicatorCode=FILLS.get(eqd.get(5)),
        isTransshipmentMove=status is MoveStatus.TRANSHIPMENT,
        isRetracted=header.cancels,
        moveStatus=status,
        transportCall=report.call(mode),
        UNLocationCode=place.port or None,
    )
    terminal = header.book.terminal_codes.get(code)
    if terminal is None:
        # The terminal is part of the id, so a move whose terminal is unknown waits for the book.
        if header.cancels or uncounted_cause(data) is None:
            raise unknown_terminal(code, header.book, "LOC")
        terminal = code
    parts = MoveParts(
        move,
        terminal,
        number or f"no. {group.ordinal} of {report.place_name}",
        report.voyage.ship,
        report.voyage.number,
        occurred,
        number is not None,
    )
    name, reference = _reference(parts, group, report)
    event = ContainerMoved(
        specversion="1.0",
        id=name,
        source=header.source,
        subject=report.subject,
        time=occurred,
        recordedtime=header.recorded or occurred,
        data=data,
    )
    return ReportedMove(event, reference)


def oddities(group: EquipmentGroup, read: Move) -> Iterator[str]:
    """Yield a message for each code of an equipment group that has no meaning here."""
    eqd = group.segments[0]
    if read.moveStatus is None and (status := eqd.get(4)):
        yield f"8249 is {excerpt(status)}, none of 1 to 8; read as not said"
    if read.emptyIndicatorCode is None and (fill := eqd.get(5)):
        yield f"8169 is {excerpt(fill)}, none of 4, 5, 7, 8; read as not said"


def wrong_status(read: Move, says: str, wrong: MoveStatus) -> Iterator[str]:
    """Yield a message if 8249 is the status that contradicts what the document says."""
    if read.moveStatus is wrong:
        yield f"{says}, but 8249 is {wrong.value} ({wrong.name.lower()})"


def _reference(
    parts: MoveParts, group: EquipmentGroup, report: MessageReport
) -> tuple[str, MoveReference]:
    """Return the id of a move, and by what a correction finds it."""
    header = report.header
    move, container, rule = parts.move, parts.container, header.partner.identity
    by_document = rule == "document"
    if by_document or header.retract_old_ids:
        place = f"{header.number or report.place_name}|no. {group.ordinal}"
        old = document_id(parts, header.number, place, report.voyage.written)
    own = old if by_document else identity(parts, rule, corrects=header.corrects)
    reference = MoveReference(
        function=header.function,
        corrects=header.corrects,
        document=header.number,
        named=report.document not in ("", container),
        container=f"{move}|{container if parts.numbered else f'no. {group.ordinal}'}",
        voyage=report.voyage_key,
        minute=f"{move}|{parts.terminal}|{container}|{minute(parts.occurred)}"
        if parts.numbered
        else "",
        message=header.head.at,
        edges=own.edges,
        earlier_id=old.id if header.retract_old_ids and not by_document else "",
    )
    return own.id, reference


def _occurred(group: EquipmentGroup, report: MessageReport) -> datetime:
    """Return when it was moved; a cancellation without a time takes that of its message."""
    header = report.header
    quay = report.move in QUAY_MOVES
    for qualifier in ("203", "7") if quay else ("7", "203"):
        for segments in (group.segments, header.head.segments):
            if found := first(segments, "DTM", qualifier):
                return _time(found, header)
    if header.cancels and header.recorded:
        return header.recorded
    raise Rejected(
        Reason.MISSING_FIELD,
        f"no DTM+{'203' if quay else '7'}, so when it was moved is unknown",
        where="",
    )


def _time(dtm: Segment, header: MessageHeader) -> datetime:
    try:
        return instant(dtm.get(0, 1), dtm.get(0, 2) or "203", header.zone)
    except Rejected as rejected:
        raise Rejected(rejected.reason, rejected.message, where=dtm.at) from None
