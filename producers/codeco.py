"""CODECO: what came in and went out through the gate."""

from collections.abc import Iterator

from contract.errors import Reason, Rejected
from contract.events import ContainerMoved, EquipmentEvent, Fill
from producers.edi_letter import Letter, first
from producers.edi_message import Group
from producers.edi_moves import FILLS, MODES, moved, oddities
from producers.outcome import Terms, excerpt

INLAND = ("1", "30")  # TDT: carriage before and after the sea


def gate_move(group: Group, said: Letter) -> ContainerMoved:
    """The gate-in or gate-out that one piece of equipment reports.

    Raises:
        Rejected: the document code is none of the partner's, or the move can't be read.
    """
    inland = next((tdt for q in INLAND if (tdt := first(group.segments, "TDT", q))), None)
    return moved(group, said, _move(said), MODES.get(inland.get(2)) if inland else None)


def contradictions(group: Group, said: Letter, terms: Terms) -> Iterator[str]:
    """Where the document code says one thing and 8249 another; an empty box goes either way."""
    move = _move(said)
    yield from oddities(group)
    eqd = group.segments[0]
    status = eqd.get(4)
    wrong = {EquipmentEvent.GTIN: "3", EquipmentEvent.GTOT: "2"}[move]
    if status == wrong and FILLS.get(eqd.get(5)) is Fill.LADEN:
        yield (
            f"document code {said.code} is {move} of a laden box, but 8249 is {status} "
            f"({'export' if status == '2' else 'import'})"
        )


def _move(said: Letter) -> EquipmentEvent:
    documents = said.partner.documents
    if said.code in documents.gate_in:
        return EquipmentEvent.GTIN
    if said.code in documents.gate_out:
        return EquipmentEvent.GTOT
    raise Rejected(
        Reason.UNKNOWN_CODE,
        f"document code {excerpt(said.code)} is neither a gate-in "
        f"({', '.join(documents.gate_in)}) nor a gate-out ({', '.join(documents.gate_out)}) "
        f"report of {said.partner.name}; add it to its documents in quaymark.toml",
        where="BGM",
    )
