"""The rule by which every system sums the TEU of quay moves by (terminal, day).

The bare limit and both peers count by this rule; the Java peer has it in its own source.  The
limit counts duplicates, too; the peers skip them.  The worker also applies amendments and
retractions, so it is checked against a recount of its own.
"""

from datetime import UTC, datetime

from contract.container import teu_hundredths
from contract.events import Classifier, ContainerMoved, EquipmentEvent, Mode, MoveStatus

# The port's zone has been UTC+8 without a change since 1991, so 1970 began there at this instant;
# subtracting two instants costs half as much as converting one to the zone.
MIDNIGHT = datetime(1969, 12, 31, 16, tzinfo=UTC)

Key = tuple[str, int]
"""The key of a sum: terminal code, and the day in the port's zone, counted from 1970-01-01."""

_QUAY = frozenset({EquipmentEvent.LOAD, EquipmentEvent.DISC})
_ON_LAND = frozenset({Mode.RAIL, Mode.TRUCK})
_NO_TEU = frozenset({MoveStatus.REMAIN_ON_BOARD, MoveStatus.SHIFTER, MoveStatus.SHORTLANDED})


def hundredths(event: ContainerMoved) -> int:
    """Return the hundredths of a TEU that a move adds to the throughput, or 0."""
    move = event.data
    if (
        move.equipmentEventTypeCode not in _QUAY
        or move.eventClassifierCode is not Classifier.ACT
        or move.moveStatus in _NO_TEU
        or move.facilityTypeCode not in (None, "POTE")
        or ((call := move.transportCall) and call.modeOfTransport in _ON_LAND)
    ):
        return 0
    return teu_hundredths(move.ISOEquipmentCode, "china") or 0


def key(event: ContainerMoved) -> Key:
    """Return the terminal and the day in the port's zone of a move."""
    return event.data.facilityCode, (event.time - MIDNIGHT).days


def text(key: Key) -> str:
    """Return a key as `terminal|day`, the form in reports and state stores."""
    return f"{key[0]}|{key[1]}"
