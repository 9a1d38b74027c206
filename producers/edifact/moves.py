"""What COARRI and CODECO have in common: the box, the time, the place and the id of each move.

A cancelled move is sent as `isRetracted`, so that the same move counts again when a newer message
reports it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from contract.errors import Reason, Rejected
from contract.events import (
    Classifier,
    ContainerMoved,
    EquipmentEvent,
    Fill,
    Mode,
    Move,
    MoveStatus,
    TransportCall,
    Vessel,
)
from contract.move_class import QUAY_MOVES, uncounted_cause
from producers.edifact.header import MessageHeader, first, instant
from producers.edifact.identity import (
    MoveParts,
    document_id,
    identity,
    is_reference,
    minute,
    ship_code,
)
from producers.edifact.message_parts import EquipmentGroup
from producers.edifact.syntax import Segment
from producers.edifact.terminal_place import terminal_place
from producers.reading.outcome import MoveReference, excerpt
from producers.reading.values import container_number, container_size, unknown_terminal

FILLS = {"4": Fill.EMPTY, "5": Fill.LADEN, "7": Fill.LADEN, "8": Fill.LADEN}
"""UN/EDIFACT 8169 -> fill; 7 and 8 are full with a mixed or single consignment."""
STATUSES = {str(status.value): status for status in MoveStatus}
"""UN/EDIFACT 8249 -> status."""
EXPORT, IMPORT = str(MoveStatus.EXPORT.value), str(MoveStatus.IMPORT.value)
REPORTS = {
    EquipmentEvent.DISC: "discharge",
    EquipmentEvent.LOAD: "load",
    EquipmentEvent.GTIN: "gate-in",
    EquipmentEvent.GTOT: "gate-out",
}
"""Move -> what its report is called."""
MODES = {"1": Mode.VESSEL, "8": Mode.BARGE, "2": Mode.RAIL, "3": Mode.TRUCK}
"""UN/EDIFACT 8067 -> mode of transport."""


class ReportedMove(NamedTuple):
    """The event of one equipment group, and by what a correction finds it."""

    event: ContainerMoved
    reference: MoveReference


def documented(
    header: MessageHeader, codes: Mapping[EquipmentEvent, tuple[str, ...]]
) -> EquipmentEvent:
    """Return the move that a message reports; `codes` is move -> the partner's document codes.

    Raises:
        Rejected: the partner's profile has no move for the document code of the message.
    """
    for move, known in codes.items():
        if header.code in known:
            return move
    kinds = " nor a ".join(f"{REPORTS[move]} ({', '.join(codes[move])})" for move in codes)
    raise Rejected(
        Reason.UNKNOWN_CODE,
        f"document code {excerpt(header.code)} is neither a {kinds} report of "
        f"{header.partner.name}; add it to its documents in quaymark.toml",
        where="BGM",
    )


def moved(
    group: EquipmentGroup, header: MessageHeader, move: EquipmentEvent, mode: Mode | None
) -> ReportedMove:
    """Return the move of one equipment group.

    Raises:
        Rejected: its time or its terminal is missing or can't be read.
    """
    eqd = group.segments[0]
    occurred = _occurred(group, header, move)
    number = container_number(eqd.get(1))
    voyage = first(header.head.segments, "TDT", "20")
    status = STATUSES.get(eqd.get(4))
    code, port = terminal_place(group, header, move)
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
        transportCall=_call(voyage, mode),
        UNLocationCode=port or None,
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
        number or f"no. {group.ordinal} of {_document(header)}",
        _ship(voyage) if voyage else "",
        voyage.get(1) if voyage else "",
        occurred,
        number is not None,
    )
    reference = _reference(parts, group, header, voyage)
    event = ContainerMoved(
        specversion="1.0",
        id=reference.id,
        source=header.source,
        subject=header.number[:SUBJECT_CHARS] or None,
        time=occurred,
        recordedtime=header.recorded or occurred,
        data=data,
    )
    return ReportedMove(event, reference.reference)


def oddities(group: EquipmentGroup) -> Iterator[str]:
    """Yield a message for each code of an equipment group that has no meaning here."""
    eqd = group.segments[0]
    if (status := eqd.get(4)) and status not in STATUSES:
        yield f"8249 is {excerpt(status)}, none of 1 to 8; read as not said"
    if (fill := eqd.get(5)) and fill not in FILLS:
        yield f"8169 is {excerpt(fill)}, none of 4, 5, 7, 8; read as not said"


def wrong_status(group: EquipmentGroup, says: str, wrong: str) -> Iterator[str]:
    """Yield a message if 8249 is the status that contradicts what the document says."""
    if group.segments[0].get(4) == wrong:
        yield f"{says}, but 8249 is {wrong} ({'export' if wrong == EXPORT else 'import'})"


SUBJECT_CHARS = 70  # of a document number in `subject`; UN/EDIFACT's 1004 has at most 35


class _Identified(NamedTuple):
    id: str
    reference: MoveReference


def _reference(
    parts: MoveParts, group: EquipmentGroup, header: MessageHeader, voyage: Segment | None
) -> _Identified:
    move, container, number = parts.move, parts.container, header.number
    journey = f"{voyage.get(7)}/{voyage.get(1)}" if voyage and voyage.get(1) else ""
    place = f"{number or _document(header)}|no. {group.ordinal}"
    rule = header.partner.identity
    if rule == "document":
        own = document_id(parts, number, place, journey)
    else:
        own = identity(parts, rule, corrects=header.corrects)
    earlier = ""
    if header.retract_old_ids and rule != "document":
        earlier = document_id(parts, number, place, journey).id
    of_minute = f"{move}|{parts.terminal}|{container}|{minute(parts.occurred)}"
    reference = MoveReference(
        function=header.function,
        corrects=header.corrects,
        document=number,
        named=not header.partner.document_numbers_repeat and is_reference(number, container),
        container=f"{move}|{container if parts.numbered else f'no. {group.ordinal}'}",
        voyage=f"{parts.ship}|{parts.voyage}" if parts.voyage else "",
        minute=of_minute if parts.numbered else "",
        message=header.head.at,
        edges=own.edges,
        earlier_id=earlier,
    )
    return _Identified(own.id, reference)


def _document(header: MessageHeader) -> str:
    """Return what names the document of a box without a number."""
    head = header.head
    if is_reference(header.number, ""):
        return header.number
    return f"{head.interchange.reference}/{head.reference}"


def _occurred(group: EquipmentGroup, header: MessageHeader, move: EquipmentEvent) -> datetime:
    """Return when it was moved; a cancellation without a time takes that of its message."""
    quay = move in QUAY_MOVES
    for qualifier in ("203", "7") if quay else ("7", "203"):
        for segments in (group.segments, header.head.segments):
            if found := first(segments, "DTM", qualifier):
                return instant(found.get(0, 1), found.get(0, 2) or "203", header.zone, found.at)
    if header.cancels and header.recorded:
        return header.recorded
    raise Rejected(
        Reason.MISSING_FIELD,
        f"no DTM+{'203' if quay else '7'}, so when it was moved is unknown",
        where="",
    )


def _ship(voyage: Segment) -> str:
    """Return what identifies the ship: its IMO number or call sign, else its name."""
    return ship_code(voyage.get(7) or voyage.get(7, 3))


def _call(voyage: Segment | None, mode: Mode | None) -> TransportCall | None:
    if voyage is None:
        return TransportCall(modeOfTransport=mode) if mode else None
    ship = voyage.get(7)
    imo = ship if len(ship) == 7 and ship.isdigit() else None
    return TransportCall(
        modeOfTransport=mode,
        vessel=Vessel(imo, voyage.get(7, 3) or None, (ship or None) if imo is None else None),
        exportVoyageNumber=voyage.get(1) or None,
    )
