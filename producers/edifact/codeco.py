"""CODECO messages: containers that came in or went out through the gate of a terminal."""

from collections.abc import Iterator

from contract.events import EquipmentEvent, Fill
from producers.edifact.header import MessageHeader, first
from producers.edifact.message_parts import EquipmentGroup
from producers.edifact.moves import (
    EXPORT,
    FILLS,
    IMPORT,
    MODES,
    ReportedMove,
    documented,
    moved,
    oddities,
    wrong_status,
)
from producers.reading.outcome import ReadingTerms

INLAND = ("1", "30")  # TDT qualifiers of carriage before and after the sea leg


def gate_move(group: EquipmentGroup, header: MessageHeader) -> ReportedMove:
    """Return the gate-in or gate-out that one equipment group reports.

    Raises:
        Rejected: the partner's profile lacks the document code, or the move can't be read.
    """
    inland = next((tdt for q in INLAND if (tdt := first(group.segments, "TDT", q))), None)
    return moved(group, header, _move(header), MODES.get(inland.get(2)) if inland else None)


def contradictions(
    group: EquipmentGroup, header: MessageHeader, terms: ReadingTerms
) -> Iterator[str]:
    """Yield a message if 8249 contradicts the document code of a laden box.

    An empty box passes the gate in either direction, whatever its status.
    """
    move = _move(header)
    yield from oddities(group)
    if FILLS.get(group.segments[0].get(5)) is Fill.LADEN:
        wrong = IMPORT if move is EquipmentEvent.GTIN else EXPORT
        says = f"document code {header.code} is {move} of a laden box"
        yield from wrong_status(group, says, wrong)


def _move(header: MessageHeader) -> EquipmentEvent:
    codes = header.partner.documents
    return documented(
        header, {EquipmentEvent.GTIN: codes.gate_in, EquipmentEvent.GTOT: codes.gate_out}
    )
