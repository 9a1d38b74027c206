"""What COARRI and CODECO have in common: the box, the time, the place and the id of each move.

A cancelled move is sent as `isRetracted`, so that the same move counts again when a newer message
reports it.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from contract.errors import Reason, Rejected
from contract.events import ContainerMoved, Move, MoveStatus
from contract.move_class import QUAY_MOVES
from producers.edifact.circumstances import KnownCircumstances
from producers.edifact.header import MessageHeader, first, instant
from producers.edifact.identity import MoveParts, document_id, identity, minute
from producers.edifact.message_parts import EquipmentGroup
from producers.edifact.message_report import MessageReport
from producers.edifact.segment import Segment
from producers.reading.outcome import MoveReference, excerpt
from producers.reading.values import container_number


class ReportedMove(Struct, frozen=True, gc=False):
    """The event of one equipment group, by what a correction finds it, and its contradictions."""

    event: ContainerMoved
    reference: MoveReference
    odd: tuple[str, ...]


def moved(group: EquipmentGroup, report: MessageReport, known: KnownCircumstances) -> ReportedMove:
    """Return the move of one equipment group.

    Raises:
        Rejected: its time or its terminal is missing or can't be read.
    """
    header = report.header
    occurred = _occurred(group, report)
    number = container_number(group.eqd.get(1))
    shared = known.of(group)
    parts = MoveParts(
        report.move,
        shared.terminal,
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
        data=replace(shared.data, equipmentReference=number),
    )
    return ReportedMove(event, reference, shared.odd)


def oddities(group: EquipmentGroup, read: Move) -> Iterator[str]:
    """Yield a message for each code of an equipment group that has no meaning here."""
    eqd = group.eqd
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
    header, shared = report.header, report.reference
    move, container, rule = parts.move, parts.container, header.partner.identity
    by_document = rule == "document"
    if by_document or header.retract_old_ids:
        place = f"{header.number or report.place_name}|no. {group.ordinal}"
        old = document_id(parts, header.number, place, report.voyage.written)
    own = old if by_document else identity(parts, rule, corrects=shared.corrects)
    known, at = container, ""
    if parts.numbered:
        at = "|".join((move, parts.terminal, container, minute(parts.occurred)))
    else:
        known = f"no. {group.ordinal}"
    reference = replace(
        shared,
        named=report.document not in ("", container),
        container=f"{move}|{known}",
        minute=at,
        edges=own.edges,
        earlier_id=old.id if header.retract_old_ids and not by_document else "",
    )
    return own.id, reference


def _occurred(group: EquipmentGroup, report: MessageReport) -> datetime:
    """Return when it was moved; a cancellation without a time takes that of its message."""
    header = report.header
    quay = report.move in QUAY_MOVES
    for qualifier in ("203", "7") if quay else ("7", "203"):
        found = group.run.first("DTM", qualifier)
        if found is None:
            found = first(header.head.segments, "DTM", qualifier)
        if found is not None:
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
