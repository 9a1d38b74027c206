"""What EDIFACT messages show of their senders: terminals, document codes, sizes, ports."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from contract.book import Documents, Partner
from contract.errors import Rejected
from contract.events import EquipmentEvent
from producers.edifact.envelope import parts
from producers.edifact.header import MessageHeader, message_header
from producers.edifact.message_parts import EquipmentGroup, MessageHead
from producers.edifact.reader import KINDS
from producers.edifact.terminal_place import terminal_fields, terminal_place
from producers.reading.outcome import ReadingTerms, Stream
from producers.reading.values import container_size

FIELDS = ("", "LOC+89", "NAD+MS", "NAD+TR", "NAD+CN")
"""Fields that may name the terminal; "" is what is read where `terminal_from` names none."""
MOVES_OF = {
    "COARRI": (EquipmentEvent.DISC, EquipmentEvent.LOAD),
    "CODECO": (EquipmentEvent.GTIN, EquipmentEvent.GTOT),
}


class SeenBox(NamedTuple):
    """One equipment group: its place, and what its sender wrote in it."""

    at: str
    sender: str
    kind: str
    code: str
    """The document code, of BGM."""
    move: EquipmentEvent | None
    """The move of the document code; None if no move is known to have it."""
    status: str
    size: str
    terminals: dict[str, str]
    """Field -> code of the terminal that it names."""
    port: str


def seen_boxes(stream: Stream, terms: ReadingTerms) -> Iterator[SeenBox]:
    """Yield what can be seen of each container of a file, with its sender's profile or without.

    Raises:
        Rejected: the stream ends in a damage.
    """
    for part in parts(stream):
        if isinstance(part, EquipmentGroup) and (found := _seen(part, terms)) is not None:
            yield found


def _seen(group: EquipmentGroup, terms: ReadingTerms) -> SeenBox | None:
    head = group.head
    if group.fault or head.missing or head.kind not in KINDS or group.eqd.get(0) != "CN":
        return None
    try:
        header = message_header(head, replace(terms, partner=_nobody(terms)))
    except Rejected:
        return None
    move = _move(head, header)
    terminals: dict[str, str] = {}
    port = ""
    for field in FIELDS:
        partner = replace(header.partner, terminal_from=(field,) if field else ())
        read_as = replace(header, partner=partner)
        try:
            fields = terminal_fields(partner, move or MOVES_OF[head.kind][0])
            place = terminal_place(group, read_as, fields)
        except Rejected:
            continue
        terminals[field] = place.code
        port = port or place.port
    eqd = group.eqd
    return SeenBox(
        group.at,
        head.interchange.sender,
        head.kind,
        header.code,
        move,
        eqd.get(4),
        container_size(eqd.get(2), None) or "",
        terminals,
        port,
    )


def _nobody(terms: ReadingTerms) -> Partner:
    """A profile that says nothing of its sender."""
    return Partner(name="nobody", time_zone=terms.book.port.time_zone)


def _move(head: MessageHead, header: MessageHeader) -> EquipmentEvent | None:
    known = Documents()
    codes = {
        EquipmentEvent.DISC: known.discharge,
        EquipmentEvent.LOAD: known.load,
        EquipmentEvent.GTIN: known.gate_in,
        EquipmentEvent.GTOT: known.gate_out,
    }
    return next((move for move in MOVES_OF[head.kind] if header.code in codes[move]), None)
