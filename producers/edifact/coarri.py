"""COARRI: what was discharged and loaded over the quay."""

from collections.abc import Iterator

from contract.events import ContainerMoved, EquipmentEvent
from producers.edifact.envelope import EquipmentGroup
from producers.edifact.header import MessageHeader, first
from producers.edifact.moves import (
    EXPORT,
    IMPORT,
    MODES,
    documented,
    moved,
    oddities,
    wrong_status,
)
from producers.reading.outcome import ReadingTerms


def quay_move(group: EquipmentGroup, said: MessageHeader) -> ContainerMoved:
    """The discharge or load that one piece of equipment reports.

    Raises:
        Rejected: the document code is none of the partner's, or the move can't be read.
    """
    voyage = first(said.head.segments, "TDT", "20")
    return moved(group, said, _move(said), MODES.get(voyage.get(2)) if voyage else None)


def contradictions(
    group: EquipmentGroup, said: MessageHeader, terms: ReadingTerms
) -> Iterator[str]:
    """Where the document code says one thing and 8249 or LOC another."""
    move = _move(said)
    yield from oddities(group)
    wrong, qualifier, meaning = {
        EquipmentEvent.DISC: (EXPORT, "9", "loaded"),
        EquipmentEvent.LOAD: (IMPORT, "11", "discharged"),
    }[move]
    yield from wrong_status(group, f"document code {said.code} is {move}", wrong)
    here = terms.book.port.un_location_code
    place = first(group.segments, "LOC", qualifier)
    if place is not None and place.get(1) == here:
        yield f"document code {said.code} is {move}, but LOC+{qualifier} says {meaning} at {here}"


def _move(said: MessageHeader) -> EquipmentEvent:
    codes = said.partner.documents
    return documented(
        said, {EquipmentEvent.DISC: codes.discharge, EquipmentEvent.LOAD: codes.load}
    )
