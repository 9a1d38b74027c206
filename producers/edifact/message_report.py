"""What one message says of all its moves, read once: which move, which voyage, which document."""

from collections.abc import Mapping

from msgspec import Struct

from contract.errors import Reason, Rejected
from contract.events import EquipmentEvent, Mode, TransportCall, Vessel
from producers.edifact.header import MessageHeader, first
from producers.edifact.identity import is_reference, ship_code
from producers.edifact.message_parts import MessageHead
from producers.edifact.terminal_place import TerminalField, terminal_fields
from producers.reading.outcome import MoveReference, excerpt

REPORTS = {
    EquipmentEvent.DISC: "discharge",
    EquipmentEvent.LOAD: "load",
    EquipmentEvent.GTIN: "gate-in",
    EquipmentEvent.GTOT: "gate-out",
}
"""Move -> what its report is called."""
MODES = {"1": Mode.VESSEL, "8": Mode.BARGE, "2": Mode.RAIL, "3": Mode.TRUCK}
"""UN/EDIFACT 8067 -> mode of transport."""
SUBJECT_CHARS = 70  # of a document number in `subject`; UN/EDIFACT's 1004 has at most 35


class Voyage(Struct, frozen=True):
    """The ship and the voyage of a message, by TDT+20.

    Attributes:
        number: the number of the voyage, "" if there is none.
        ship: what identifies the ship: its IMO number or call sign, else its name.
        written: ship and number as the message has them, "" without a number.
        mode: how the ship sails: as a sea-going vessel or a barge.
        vessel: the ship as the event has it; None without TDT+20.
    """

    number: str = ""
    ship: str = ""
    written: str = ""
    mode: Mode | None = None
    vessel: Vessel | None = None

    @property
    def key(self) -> str:
        """Ship and voyage as a `MoveReference` has them."""
        return f"{self.ship}|{self.number}" if self.number else ""

    def call(self, mode: Mode | None) -> TransportCall | None:
        """Return the transport call of a move that came or went by this mode."""
        if self.vessel is None:
            return TransportCall(modeOfTransport=mode) if mode else None
        return TransportCall(
            modeOfTransport=mode, vessel=self.vessel, exportVoyageNumber=self.number or None
        )


class MessageReport(Struct, frozen=True):
    """What a message says of all its moves.

    Attributes:
        header: the header of the message.
        move: the move that it reports.
        voyage: the voyage that it names.
        reference: the reference of its moves, without what is each one's own.
        subject: the document number as the event has it.
        document: the document number in capitals if it can name one document, else "".
        place_name: what names the document of a container without a number.
        fields: where the terminal is named, in order.
    """

    header: MessageHeader
    move: EquipmentEvent
    voyage: Voyage
    reference: MoveReference
    subject: str | None
    document: str
    place_name: str
    fields: tuple[TerminalField, ...]


def message_report(
    header: MessageHeader, codes: Mapping[EquipmentEvent, tuple[str, ...]]
) -> MessageReport:
    """Read what a message reports; `codes` is move -> the partner's document codes.

    Raises:
        Rejected: the partner's profile has no move for the document code of the message.
    """
    move = _documented(header, codes)
    voyage = _voyage(header.head)
    number = header.number
    names_one = not header.partner.document_numbers_repeat and is_reference(number)
    return MessageReport(
        header=header,
        move=move,
        voyage=voyage,
        reference=MoveReference(
            function=header.function,
            corrects=header.corrects,
            document=header.number,
            named=False,
            container="",
            voyage=voyage.key,
            minute="",
            message=header.head.at,
        ),
        subject=number[:SUBJECT_CHARS] or None,
        document=number.upper() if names_one else "",
        place_name=number
        if is_reference(number)
        else f"{header.head.interchange.reference}/{header.head.reference}",
        fields=terminal_fields(header.partner, move),
    )


def _documented(
    header: MessageHeader, codes: Mapping[EquipmentEvent, tuple[str, ...]]
) -> EquipmentEvent:
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


def _voyage(head: MessageHead) -> Voyage:
    tdt = first(head.segments, "TDT", "20")
    if tdt is None:
        return Voyage()
    number, code, name = tdt.get(1), tdt.get(7), tdt.get(7, 3)
    imo = code if len(code) == 7 and code.isdigit() else None
    return Voyage(
        number=number,
        ship=ship_code(code or name),
        written=f"{code}/{number}" if number else "",
        mode=MODES.get(tdt.get(2)),
        vessel=Vessel(imo, name or None, (code or None) if imo is None else None),
    )
