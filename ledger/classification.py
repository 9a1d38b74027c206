"""Which class a move is of, or why it is in no sum."""

from contract.container import Convention
from contract.events import Classifier, EquipmentEvent, Mode, Move, MoveStatus
from ledger.equipment import UNKNOWN_SIZE, size_of
from ledger.facts import CLASS_CODE, HANDLES, MOVES, NOWHERE, RETRACTED, UNCOUNTED

WHY_UNCOUNTED = (
    "counted",
    "not_actual",
    "not_a_port_move",
    "remain_on_board",
    "shortlanded",
    "not_at_a_port_terminal",
    "not_by_water",
)
"""Why a move is booked but in no sum; the first stands for none of it."""

PORT_TERMINAL = "POTE"  # DCSA facilityTypeCode
_QUAY = (EquipmentEvent.LOAD, EquipmentEvent.DISC)

# A verdict is one integer, so that a batch of them is one array.  Its lowest byte is the kind;
# these are the first bits of hundredths of a TEU (16), classifier (1), the cause (7), and the code
# of the place (8), which is the judge's to add.
HUNDREDTHS, ACTUAL, WHY, PLACE = 8, 24, 25, 40
UNSIZED = 1 << 48
"""In the verdict on a move whose TEU would count, were they known; no other is as great."""
BY_ID = 1 << 32 | NOWHERE << PLACE | RETRACTED
"""The verdict on a retraction by id."""


def verdict_on(move: Move, convention: Convention) -> int:
    """Kind, hundredths of a TEU, whether it is actual, why it is in no sum, and UNSIZED.

    Throughput is UNCTAD's flow between land and sea: LOAD and DISC of a vessel or barge at a
    port terminal.  Gate moves are booked in classes of their own; the rest is booked without a
    class, so that a later record of the same event can make it count.
    """
    cause = _cause(move)
    size, hundredths = size_of(move.ISOEquipmentCode, convention)
    if move.isRetracted:
        kind, hundredths = RETRACTED, 0
    elif cause != "counted":
        kind, hundredths = UNCOUNTED, 0
    else:
        names = move.equipmentEventTypeCode.value, _kind(move), move.emptyIndicatorCode, size
        kind = CLASS_CODE[names]
    actual = move.eventClassifierCode is Classifier.ACT
    unsized = UNSIZED if HANDLES[kind] and hundredths == UNKNOWN_SIZE else 0
    why = WHY_UNCOUNTED.index(cause)
    return kind | hundredths << HUNDREDTHS | actual << ACTUAL | why << WHY | unsized


def _cause(move: Move) -> str:
    mode = move.transportCall.modeOfTransport if move.transportCall else None
    if move.eventClassifierCode is not Classifier.ACT:
        return "not_actual"
    if move.equipmentEventTypeCode.value not in MOVES:
        return "not_a_port_move"
    if move.moveStatus is MoveStatus.REMAIN_ON_BOARD:
        return "remain_on_board"
    if move.moveStatus is MoveStatus.SHORTLANDED:
        return "shortlanded"
    if move.facilityTypeCode not in (None, PORT_TERMINAL):
        return "not_at_a_port_terminal"
    if move.equipmentEventTypeCode in _QUAY and mode in (Mode.RAIL, Mode.TRUCK):
        return "not_by_water"
    return "counted"


def _kind(move: Move) -> str:
    if move.moveStatus is MoveStatus.SHIFTER:
        return "restow"
    if move.isTransshipmentMove or move.moveStatus is MoveStatus.TRANSHIPMENT:
        return "transhipment"
    return "normal"
