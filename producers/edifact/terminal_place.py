"""Where a move took place: the terminal by the fields that the partner's profile names."""

from typing import NamedTuple

from msgspec import Struct

from contract.book import Partner
from contract.errors import Reason, Rejected
from contract.events import EquipmentEvent
from producers.edifact.header import MessageHeader, first
from producers.edifact.message_parts import EquipmentGroup
from producers.edifact.segment import Segment
from producers.reading.outcome import excerpt

OWN_PORT = {EquipmentEvent.LOAD: "9", EquipmentEvent.DISC: "11"}
"""Move -> qualifier of the LOC that names its own port; the other one names another port."""
HINTS = (("LOC", "165"), ("LOC", "89"), ("LOC", "9"), ("LOC", "11"), ("NAD", "MS"), ("NAD", "TR"))
"""Fields in which senders name the terminal; a refusal shows what they hold."""


class TerminalPlace(Struct, frozen=True, gc=False):
    """The terminal's code, in the book's word where the profile has one, and the port's code."""

    code: str
    port: str = ""


class TerminalField(NamedTuple):
    """A field that may name the terminal; `exact` says that it must name a place in the port."""

    tag: str
    qualifier: str
    exact: bool = False


def terminal_fields(partner: Partner, move: EquipmentEvent) -> tuple[TerminalField, ...]:
    """Return the fields in which a partner's messages name the terminal of a move, in order."""
    if partner.terminal_from:
        named = [field.partition("+")[::2] for field in partner.terminal_from]
        return tuple(
            TerminalField(tag, qualifier)
            for tag, qualifier in named
            if tag != "LOC"
            or qualifier not in ("9", "11")
            or OWN_PORT.get(move, qualifier) == qualifier
        )
    own = OWN_PORT.get(move)
    fields = (TerminalField("LOC", "165"),)
    return (*fields, TerminalField("LOC", own, exact=True)) if own else fields


def terminal_place(
    group: EquipmentGroup, header: MessageHeader, fields: tuple[TerminalField, ...]
) -> TerminalPlace:
    """Return where a container was moved, by the first field that names a terminal.

    Raises:
        Rejected: none does; the message says what the profile can name.
    """
    partner = header.partner
    for tag, qualifier, exact in fields:
        for segments in (group.segments, header.head.segments):
            found = first(segments, tag, qualifier)
            code = _code(found, exact) if found is not None else ""
            if found is not None and code:
                port = found.get(1) if tag == "LOC" and found.get(2) else ""
                return TerminalPlace(partner.terminals.get(code, code), port)
    if partner.terminal is not None:
        return TerminalPlace(partner.terminal)
    names = " or ".join(partner.terminal_from) or "LOC+165"
    raise Rejected(
        Reason.MISSING_FIELD,
        f"no {names} names the terminal; {_hint(group, header)}in quaymark.toml, in [[partner]] "
        f'{partner.name}, terminal_from = ["NAD+MS"] says which field does, and '
        'terminal = "CODE" that all its moves are at one terminal',
        where="",
    )


def _code(found: Segment, exact: bool) -> str:
    if found.tag == "NAD":
        return found.get(1)
    return found.get(2) or ("" if exact else found.get(1))


def _hint(group: EquipmentGroup, header: MessageHeader) -> str:
    """What the message has in the fields that may name the terminal."""
    held = []
    for tag, qualifier in HINTS:
        for segments in (group.segments, header.head.segments):
            if (found := first(segments, tag, qualifier)) is not None:
                held.append(f"{tag}+{qualifier} is {excerpt(_code(found, False))}")
                break
    return f"{', '.join(held)}; " if held else ""
