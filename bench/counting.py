"""What every system is to sum: the TEU of quay moves by (terminal, day), duplicates apart.

The limit and both peers count by this rule, the Java one in its own words.  The worker does more:
it takes amendments and retractions into account, and it is checked against its own recount.
"""

from datetime import datetime

from contract.container import teu_hundredths
from contract.events import Classifier, ContainerMoved, EquipmentEvent, Mode, MoveStatus

SEPARATOR = "|"
EPOCH = datetime(1970, 1, 1).toordinal()  # noqa: DTZ001  # a day number has no zone
OFFSET_SECONDS = 8 * 3600  # Asia/Shanghai since 1991, without the cost of a zone for each event
DAY_SECONDS = 86_400

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


def day(event: ContainerMoved) -> int:
    """The port's day on which a move happened: days since 1970."""
    return int(event.time.timestamp() + OFFSET_SECONDS) // DAY_SECONDS


def key(event: ContainerMoved) -> str:
    """`terminal|day`: what sums are kept by."""
    return f"{event.data.facilityCode}{SEPARATOR}{day(event)}"
