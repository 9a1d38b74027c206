"""COARRI: what was discharged and loaded over the quay."""

from collections.abc import Iterator

from contract.errors import Reason, Rejected
from contract.events import ContainerMoved, EquipmentEvent
from producers.edi_letter import Letter, first
from producers.edi_message import Group
from producers.edi_moves import MODES, moved, oddities
from producers.outcome import Terms, excerpt


def quay_move(group: Group, said: Letter) -> ContainerMoved:
    """The discharge or load that one piece of equipment reports.

    Raises:
        Rejected: the document code is none of the partner's, or the move can't be read.
    """
    voyage = first(said.head.segments, "TDT", "20")
    return moved(group, said, _move(said), MODES.get(voyage.get(2)) if voyage else None)


def contradictions(group: Group, said: Letter, terms: Terms) -> Iterator[str]:
    """Where the document code says one thing and 8249 or LOC another."""
    move = _move(said)
    yield from oddities(group)
    status = group.segments[0].get(4)
    wrong = {EquipmentEvent.DISC: "2", EquipmentEvent.LOAD: "3"}[move]
    if status == wrong:
        yield (
            f"document code {said.code} is {move}, but 8249 is {status} "
            f"({'export' if status == '2' else 'import'})"
        )
    here = terms.book.port.un_location_code
    qualifier, meaning = {
        EquipmentEvent.DISC: ("9", "loaded"),
        EquipmentEvent.LOAD: ("11", "discharged"),
    }[move]
    place = first(group.segments, "LOC", qualifier)
    if place is not None and place.get(1) == here:
        yield f"document code {said.code} is {move}, but LOC+{qualifier} says {meaning} at {here}"


def _move(said: Letter) -> EquipmentEvent:
    documents = said.partner.documents
    if said.code in documents.discharge:
        return EquipmentEvent.DISC
    if said.code in documents.load:
        return EquipmentEvent.LOAD
    raise Rejected(
        Reason.UNKNOWN_CODE,
        f"document code {excerpt(said.code)} is neither a discharge "
        f"({', '.join(documents.discharge)}) nor a load ({', '.join(documents.load)}) report of "
        f"{said.partner.name}; add it to its documents in quaymark.toml",
        where="BGM",
    )
