"""What COARRI and CODECO have in common: the box, the time and the place of each move.

A correction finds its original by document number, or by container number, voyage and move where
there is none; that is how event ids are made.  A cancelled move is sent as `isRetracted`, so that
the same move reported anew later counts again.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

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
from producers.edifact.envelope import EquipmentGroup
from producers.edifact.header import MessageHeader, first, instant
from producers.edifact.syntax import Segment
from producers.reading.outcome import excerpt
from producers.reading.values import container_number, container_size

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


def documented(
    header: MessageHeader, codes: Mapping[EquipmentEvent, tuple[str, ...]]
) -> EquipmentEvent:
    """The move that a message reports; `codes` is move -> the partner's document codes for it.

    Raises:
        Rejected: its code is none of them.
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
) -> ContainerMoved:
    """The event of one piece of equipment.

    Raises:
        Rejected: its time or its place is missing or can't be read.
    """
    eqd = group.segments[0]
    occurred = _occurred(group, header, move)
    recorded = header.recorded or occurred
    number = container_number(eqd.get(1))
    voyage = first(header.head.segments, "TDT", "20")
    status = eqd.get(4)
    facility, port = _place(group, header, move)
    return ContainerMoved(
        specversion="1.0",
        id=_identity(group, header, _Lift(move, number, voyage, occurred)),
        source=f"/edifact/{header.partner.name}",
        time=occurred,
        recordedtime=recorded,
        data=Move(
            eventClassifierCode=Classifier.ACT,
            equipmentEventTypeCode=move,
            facilityCode=facility,
            equipmentReference=number,
            ISOEquipmentCode=container_size(eqd.get(2), header.partner),
            emptyIndicatorCode=FILLS.get(eqd.get(5)),
            isTransshipmentMove=STATUSES.get(status) is MoveStatus.TRANSHIPMENT,
            isRetracted=header.cancels,
            moveStatus=STATUSES.get(status),
            transportCall=_call(voyage, move, mode),
            UNLocationCode=port or None,
        ),
    )


def oddities(group: EquipmentGroup) -> Iterator[str]:
    """Codes of one piece of equipment that have no meaning here, in words."""
    eqd = group.segments[0]
    if (status := eqd.get(4)) and status not in STATUSES:
        yield f"8249 is {excerpt(status)}, none of 1 to 8; read as not said"
    if (fill := eqd.get(5)) and fill not in FILLS:
        yield f"8169 is {excerpt(fill)}, none of 4, 5, 7, 8; read as not said"


def wrong_status(group: EquipmentGroup, says: str, wrong: str) -> Iterator[str]:
    """A word on 8249, if it is the one that contradicts what the document says."""
    if group.segments[0].get(4) == wrong:
        yield f"{says}, but 8249 is {wrong} ({'export' if wrong == EXPORT else 'import'})"


def _occurred(group: EquipmentGroup, header: MessageHeader, move: EquipmentEvent) -> datetime:
    """When it was moved; a cancellation without a time of its own takes that of its message."""
    quay = move in (EquipmentEvent.LOAD, EquipmentEvent.DISC)
    for qualifier in ("203", "7") if quay else ("7", "203"):
        for segments in (group.segments, header.head.segments):
            if found := first(segments, "DTM", qualifier):
                zone = ZoneInfo(header.partner.time_zone)
                return instant(found.get(0, 1), found.get(0, 2) or "203", zone, found.at)
    if header.cancels and header.recorded:
        return header.recorded
    raise Rejected(
        Reason.MISSING_FIELD,
        f"no DTM+{'203' if quay else '7'}, so when it was moved is unknown",
        where="",
    )


def _place(group: EquipmentGroup, header: MessageHeader, move: EquipmentEvent) -> tuple[str, str]:
    """The terminal's code (the book's where the profile has one for it), and the port's."""
    own = {EquipmentEvent.LOAD: "9", EquipmentEvent.DISC: "11"}.get(move)
    for qualifier in ("165", own):
        for segments in (group.segments, header.head.segments):
            found = first(segments, "LOC", qualifier) if qualifier else None
            if found is None:
                continue
            code = found.get(2) or (found.get(1) if qualifier == "165" else "")
            if code:
                port = found.get(1) if found.get(2) else ""
                return header.partner.terminals.get(code, code), port
    raise Rejected(Reason.MISSING_FIELD, "no LOC+165 names the terminal", where="")


def _call(voyage: Segment | None, move: EquipmentEvent, mode: Mode | None) -> TransportCall | None:
    if voyage is None:
        return TransportCall(modeOfTransport=mode) if mode else None
    ship = voyage.get(7)
    imo = ship if len(ship) == 7 and ship.isdigit() else None
    return TransportCall(
        modeOfTransport=mode,
        vessel=Vessel(imo, voyage.get(7, 3) or None, (ship or None) if imo is None else None),
        exportVoyageNumber=voyage.get(1) or None,
    )


class _Lift(NamedTuple):
    """What tells one move from another."""

    move: EquipmentEvent
    number: str | None
    voyage: Segment | None
    occurred: datetime


def _identity(group: EquipmentGroup, header: MessageHeader, lift: _Lift) -> str:
    """The name of a move for ever: the same in its report, its correction and its cancellation."""
    move, number, voyage, occurred = lift
    journey = f"{voyage.get(7)}/{voyage.get(1)}" if voyage and voyage.get(1) else ""
    if number is None:  # nothing but its place in its message tells it from another
        document = header.number or f"{header.head.interchange.reference}/{header.head.reference}"
        parts = (document, f"no. {group.ordinal}", move)
    elif header.number:
        parts = (header.number, number, move)
    elif journey:
        parts = (journey, number, move)
    else:
        parts = (occurred.isoformat(), number, move)
    name = "|".join(parts)
    if len(name) > 200:
        return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
    return name
