"""CODECO: what came in and went out through the gate."""

from collections.abc import Iterator

from contract.events import ContainerMoved, EquipmentEvent, Fill
from producers.edifact.envelope import EquipmentGroup
from producers.edifact.header import MessageHeader, first
from producers.edifact.moves import (
    EXPORT,
    FILLS,
    IMPORT,
    MODES,
    documented,
    moved,
    oddities,
    wrong_status,
)
from producers.reading.outcome import ReadingTerms

INLAND = ("1", "30")  # TDT: carriage before and after the sea


def gate_move(group: EquipmentGroup, said: MessageHeader) -> ContainerMoved:
    """The gate-in or gate-out that one piece of equipment reports.

    Raises:
        Rejected: the document code is none of the partner's, or the move can't be read.
    """
    inland = next((tdt for q in INLAND if (tdt := first(group.segments, "TDT", q))), None)
    return moved(group, said, _move(said), MODES.get(inland.get(2)) if inland else None)


def contradictions(
    group: EquipmentGroup, said: MessageHeader, terms: ReadingTerms
) -> Iterator[str]:
    """Where the document code says one thing and 8249 another; an empty box goes either way."""
    move = _move(said)
    yield from oddities(group)
    if FILLS.get(group.segments[0].get(5)) is Fill.LADEN:
        wrong = IMPORT if move is EquipmentEvent.GTIN else EXPORT
        says = f"document code {said.code} is {move} of a laden box"
        yield from wrong_status(group, says, wrong)


def _move(said: MessageHeader) -> EquipmentEvent:
    codes = said.partner.documents
    return documented(
        said, {EquipmentEvent.GTIN: codes.gate_in, EquipmentEvent.GTOT: codes.gate_out}
    )
