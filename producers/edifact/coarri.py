"""COARRI messages: containers discharged from and loaded onto ships at the quay."""

from collections.abc import Iterator

from contract.events import EquipmentEvent, Move, MoveStatus
from producers.edifact.header import MessageHeader, first
from producers.edifact.message_parts import EquipmentGroup
from producers.edifact.message_report import MessageReport, message_report
from producers.edifact.moves import ReportedMove, moved, oddities, wrong_status

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


def quay_move(group: EquipmentGroup, report: MessageReport) -> ReportedMove:
    """Return the discharge or load that one equipment group reports.

    Raises:
        Rejected: the move can't be read.
    """
    return moved(group, report, report.voyage.mode)


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
