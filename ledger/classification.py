"""A move's classification as one integer: its class or why it is in no sum, and its TEU.

contract/move_class.py decides what counts.  This module packs the decision, so that those of a
batch are one array.
"""

from contract.container import Convention
from contract.events import Classifier, Move
from contract.move_class import UncountedCause, move_kind, uncounted_cause
from ledger.equipment import UNKNOWN_SIZE, size_of
from ledger.facts import CLASS_CODE, HANDLES, NO_TERMINAL, RETRACTED, UNCOUNTED

CAUSES = (None, *UncountedCause)
"""Why a move is booked but in no sum, by the code in a classification; None stands for counted."""

# The lowest byte is the class code of ledger/facts.py.  These are the first bits of hundredths of
# a TEU (16 bits), of whether the move is actual (1), of the code of its cause (7), and of the code
# of its terminal (8), which the judge adds.
HUNDREDTHS, ACTUAL, CAUSE, TERMINAL = 8, 24, 25, 40
UNSIZED = 1 << 48
"""Set for a move whose TEU would count if its size were known; no other bit is higher."""
BY_ID = 1 << 32 | NO_TERMINAL << TERMINAL | RETRACTED
"""The classification of a retraction by id."""


def classification_of(move: Move, convention: Convention) -> int:
    """Return class, hundredths of a TEU, whether it is actual, cause and UNSIZED in one integer.

    Gate moves are booked in classes of their own.  A move that does not count is booked without a
    class, so that a later record of the same event can make it count.
    """
    cause = uncounted_cause(move)
    size, hundredths = size_of(move.ISOEquipmentCode, convention)
    if move.isRetracted:
        kind, hundredths = RETRACTED, 0
    elif cause is not None:
        kind, hundredths = UNCOUNTED, 0
    else:
        names = (
            move.equipmentEventTypeCode.value,
            move_kind(move).value,
            move.emptyIndicatorCode,
            size,
        )
        kind = CLASS_CODE[names]
    actual = move.eventClassifierCode is Classifier.ACT
    unsized = UNSIZED if HANDLES[kind] and hundredths == UNKNOWN_SIZE else 0
    cause_code = CAUSES.index(cause)
    return kind | hundredths << HUNDREDTHS | actual << ACTUAL | cause_code << CAUSE | unsized
