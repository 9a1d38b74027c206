"""CODECO messages: containers that came in or went out through the gate of a terminal."""

from collections.abc import Iterator

from contract.events import EquipmentEvent, Fill, Mode, Move, MoveStatus
from producers.edifact.circumstances import MessageKind
from producers.edifact.header import MessageHeader, first
from producers.edifact.message_parts import EquipmentGroup
from producers.edifact.message_report import MODES, MessageReport, message_report
from producers.edifact.moves import oddities, wrong_status

INLAND = ("1", "30")  # TDT qualifiers of carriage before and after the sea leg


def gate_report(header: MessageHeader) -> MessageReport:
    """Return what a message says of all its gate-ins or gate-outs.

    Raises:
        Rejected: the partner's profile lacks the document code.
    """
    codes = header.partner.documents
    return message_report(
        header, {EquipmentEvent.GTIN: codes.gate_in, EquipmentEvent.GTOT: codes.gate_out}
    )


def mode(group: EquipmentGroup, report: MessageReport) -> Mode | None:
    """Return how a container came to the gate or left it."""
    inland = next((tdt for q in INLAND if (tdt := first(group.segments, "TDT", q))), None)
    return MODES.get(inland.get(2)) if inland else None


def contradictions(group: EquipmentGroup, read: Move, report: MessageReport) -> Iterator[str]:
    """Yield a message if 8249 contradicts the document code of a laden box.

    An empty box passes the gate in either direction, whatever its status.
    """
    yield from oddities(group, read)
    if read.emptyIndicatorCode is Fill.LADEN:
        into = report.move is EquipmentEvent.GTIN
        says = f"document code {report.header.code} is {report.move} of a laden box"
        yield from wrong_status(read, says, MoveStatus.IMPORT if into else MoveStatus.EXPORT)


CODECO = MessageKind(
    gate_report, mode, contradictions, tuple(("TDT", qualifier) for qualifier in INLAND)
)
"""How CODECO messages are read."""
