"""What every system is to sum: the TEU of quay moves by (terminal, day), duplicates apart.

The limit and both peers count by this rule, the Java one in its own words.  The worker does more:
it takes amendments and retractions into account, and it is checked against its own recount.
"""

from datetime import UTC, datetime

from contract.container import teu_hundredths
from contract.events import Classifier, ContainerMoved, EquipmentEvent, Mode, MoveStatus

# The port's zone has been UTC+8 without a change since 1991, so 1970 began there at this instant;
# a difference of instants costs half of what a conversion to the zone does.
MIDNIGHT = datetime(1969, 12, 31, 16, tzinfo=UTC)

Key = tuple[str, int]
"""What sums are kept by: terminal, and day of the port since 1970."""

_QUAY = frozenset({EquipmentEvent.LOAD, EquipmentEvent.DISC})
_ON_LAND = frozenset({Mode.RAIL, Mode.TRUCK})
_NO_TEU = frozenset({MoveStatus.REMAIN_ON_BOARD, MoveStatus.SHIFTER, MoveStatus.SHORTLANDED})


def hundredths(event: ContainerMoved) -> int:
    """Hundredths of a TEU that a move adds to the throughput; 0 if it is none."""
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
    """Where and on which day of the port a move happened."""
    return event.data.facilityCode, (event.time - MIDNIGHT).days


def text(key: Key) -> str:
    """`terminal|day`, as reports and state stores say it."""
    return f"{key[0]}|{key[1]}"
