"""COARRI messages: containers discharged from and loaded onto ships at the quay."""

from collections.abc import Iterator

from contract.events import EquipmentEvent, Mode, Move, MoveStatus
from producers.edifact.circumstances import MessageKind
from producers.edifact.header import MessageHeader, first
from producers.edifact.message_parts import EquipmentGroup
from producers.edifact.message_report import MessageReport, message_report
from producers.edifact.moves import oddities, wrong_status

OPPOSITE = {
    EquipmentEvent.DISC: (MoveStatus.EXPORT, "9", "loaded"),
    EquipmentEvent.LOAD: (MoveStatus.IMPORT, "11", "discharged"),
}
"""Move -> the status, and the LOC at the own port, that contradict it, and what they say."""


def quay_report(header: MessageHeader) -> MessageReport:
    """Return what a message says of all its discharges or loads.

    Raises:
        Rejected: the partner's profile lacks the document code.
    """
    codes = header.partner.documents
    return message_report(
        header, {EquipmentEvent.DISC: codes.discharge, EquipmentEvent.LOAD: codes.load}
    )


def mode(group: EquipmentGroup, report: MessageReport) -> Mode | None:
    """Return how the ship sails."""
    return report.voyage.mode


def contradictions(group: EquipmentGroup, read: Move, report: MessageReport) -> Iterator[str]:
    """Yield a message for each of 8249 and LOC that contradicts the document code."""
    yield from oddities(group, read)
    wrong, qualifier, meaning = OPPOSITE[report.move]
    says = f"document code {report.header.code} is {report.move}"
    yield from wrong_status(read, says, wrong)
    here = report.header.book.port.un_location_code
    place = first(group.segments, "LOC", qualifier)
    if place is not None and place.get(1) == here:
        yield f"{says}, but LOC+{qualifier} says {meaning} at {here}"


COARRI = MessageKind(
    quay_report,
    mode,
    contradictions,
    tuple(("LOC", qualifier) for _, qualifier, _ in OPPOSITE.values()),
)
"""How COARRI messages are read."""
