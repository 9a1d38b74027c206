"""COARRI messages: containers discharged from and loaded onto ships at the quay."""

from collections.abc import Iterator

from contract.events import EquipmentEvent
from producers.edifact.header import MessageHeader, first
from producers.edifact.message_parts import EquipmentGroup
from producers.edifact.moves import (
    EXPORT,
    IMPORT,
    MODES,
    ReportedMove,
    documented,
    moved,
    oddities,
    wrong_status,
)
from producers.reading.outcome import ReadingTerms


def quay_move(group: EquipmentGroup, header: MessageHeader) -> ReportedMove:
    """Return the discharge or load that one equipment group reports.

    Raises:
        Rejected: the partner's profile lacks the document code, or the move can't be read.
    """
    voyage = first(header.head.segments, "TDT", "20")
    return moved(group, header, _move(header), MODES.get(voyage.get(2)) if voyage else None)


def contradictions(
    group: EquipmentGroup, header: MessageHeader, terms: ReadingTerms
) -> Iterator[str]:
    """Yield a message for each of 8249 and LOC that contradicts the document code."""
    move = _move(header)
    yield from oddities(group)
    wrong, qualifier, meaning = {
        EquipmentEvent.DISC: (EXPORT, "9", "loaded"),
        EquipmentEvent.LOAD: (IMPORT, "11", "discharged"),
    }[move]
    yield from wrong_status(group, f"document code {header.code} is {move}", wrong)
    here = terms.book.port.un_location_code
    place = first(group.segments, "LOC", qualifier)
    if place is not None and place.get(1) == here:
        says = f"document code {header.code} is {move}"
        yield f"{says}, but LOC+{qualifier} says {meaning} at {here}"


def _move(header: MessageHeader) -> EquipmentEvent:
    codes = header.partner.documents
    return documented(
        header, {EquipmentEvent.DISC: codes.discharge, EquipmentEvent.LOAD: codes.load}
    )
