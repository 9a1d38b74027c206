"""A move as a fact, 36 bytes of it, and the join that says which fact of an id stands.

The fact with the greatest `recorded` stands; ties go to the lowest source offset; a retraction by
id is later than every record.  So a fold of facts gives the same books in any order and however
often a fact comes: a replay after a crash can add nothing and lose nothing.
"""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from contract.events import Fill
from contract.move_class import GATE_MOVES, QUAY_MOVES, MoveKind, has_throughput
from ledger.equipment import BANDS

Facts = npt.NDArray[np.void]
"""An array of FACT, or of ROW."""

ROW = np.dtype(
    [
        ("rest", "<u4"),  # a byte more of the id's hash, and 24 bits of the box's (0: not named)
        ("recorded", "<i8"),  # recordedtime, milliseconds since 1970; FINAL for a retraction by id
        ("offset", "<u8"),  # of the record in its raw partition
        ("day", "<u2"),  # days since 1970 in the port's zone, at most the year 2149
        ("minute", "<u2"),  # of that day
        ("place", "u1"),  # in the table of places of the ledger (or blob); NOWHERE
        ("kind", "u1"),  # a move class, UNCOUNTED or RETRACTED
        ("hundredths", "<u2"),  # of a TEU; UNKNOWN_SIZE
    ]
)
FACT = np.dtype([("head", "<u8"), *((name, ROW[name]) for name in ROW.names or ())])
"""A fact with the first 8 bytes of XXH3-128 of `source NUL id` before its row."""

BOX_BITS = 24  # of `rest`: one pair of container numbers in 16 million looks like one number
BOX = (1 << BOX_BITS) - 1
"""The bits of `rest` that stand for the container number; 0 if the record names none."""

MOVES = tuple(event.value for event in (*QUAY_MOVES, *GATE_MOVES))
KINDS = tuple(kind.value for kind in MoveKind)
FILLS = (Fill.EMPTY, Fill.LADEN, None)
CLASSES = tuple((m, k, f, s) for m in MOVES for k in KINDS for f in FILLS for s in BANDS)
"""(move, kind, fill, size band) by class code, 252 of them.

The changelog holds these codes: another order of any of the four lists needs a new version of the
journal.
"""
CLASS_CODE = {names: code for code, names in enumerate(CLASSES)}

UNCOUNTED = len(CLASSES)  # booked so that an amendment of the same id finds it, but in no sum
RETRACTED = 255
NOWHERE = 255  # the place of what is in no sum
FINAL = 1 << 62  # later than any recordedtime: a retraction by id can't be undone

QUAY = np.array([*(names[0] in QUAY_MOVES for names in CLASSES), *[False] * 4])
"""By class code: is it a move over the quay."""
HANDLES = np.array([*(has_throughput(names[0], names[1]) for names in CLASSES), *[False] * 4])
"""By class code: does its TEU count as throughput (a restow's and a gate move's does not)."""

_CONTENT = np.dtype(
    {"names": ["content"], "formats": ["<u8"], "offsets": [20], "itemsize": ROW.itemsize}
)


class FactRow(NamedTuple):
    """A ROW in Python's numbers."""

    rest: int
    recorded: int
    offset: int
    day: int
    minute: int
    place: int
    kind: int
    hundredths: int

    @classmethod
    def of(cls, row: Any) -> "FactRow":
        """The row in a scalar of ROW."""
        return cls(*row.item())

    @property
    def counted(self) -> bool:
        """Whether it is in any sum."""
        return self.kind < UNCOUNTED

    def is_of(self, other: "FactRow") -> bool:
        """Whether both are of one id and container; who names no container fits any.

        Two ids share the 64 bits of the head once in 40 million times at 10^6 ids.
        """
        boxes = self.rest & BOX, other.rest & BOX
        return self.rest >> BOX_BITS == other.rest >> BOX_BITS and (
            boxes[0] == boxes[1] or 0 in boxes
        )

    def says_as(self, other: "FactRow") -> bool:
        """Whether both say the same of the move; when a retraction was made is no part of it."""
        return self[3:] == other[3:] or self.kind == other.kind == RETRACTED


class FactOutcome(IntEnum):
    """What became of a fact that came."""

    NEW = 0
    """Its id was unknown."""
    NEWER = 1
    """It takes the place of what stood."""
    SAME = 2
    """The very record that stands, read again: written again, for the journal may lack it."""
    REPEAT = 3
    """It changes nothing: a duplicate, an older record, or of a move already retracted."""
    CONFLICT = 4
    """Same id and another container, or other content and no newer recordedtime: refused."""
    TOO_OLD = 5
    """It would change the sums of a closed day: refused."""


def weigh(came: FactRow, stands: FactRow | None, first_open: int) -> FactOutcome:
    """The fate of a fact beside the one that stands; days below `first_open` are closed."""
    closed = came.counted and came.day < first_open
    if stands is None:
        return FactOutcome.TOO_OLD if closed else FactOutcome.NEW
    if not came.is_of(stands):
        return FactOutcome.CONFLICT
    alike = came.says_as(stands)
    if came[1:3] == stands[1:3]:  # content may differ if the book changed since: what stands stays
        return FactOutcome.SAME if alike else FactOutcome.REPEAT
    if (came.recorded, -came.offset) < (stands.recorded, -stands.offset):
        return (
            FactOutcome.REPEAT
            if came.recorded < stands.recorded or alike
            else FactOutcome.CONFLICT
        )
    if closed or (stands.counted and stands.day < first_open):
        return FactOutcome.TOO_OLD
    return FactOutcome.NEWER


def of_one_box(a: Facts, b: Facts) -> npt.NDArray[np.bool_]:
    """`FactRow.is_of` over two arrays of ROW."""
    one, other = a["rest"], b["rest"]
    unnamed = ((one & BOX) == 0) | ((other & BOX) == 0)
    same: npt.NDArray[np.bool_] = (one == other) | (
        unnamed & (one >> BOX_BITS == other >> BOX_BITS)
    )
    return same


def alike(a: Facts, b: Facts) -> npt.NDArray[np.bool_]:
    """`FactRow.says_as` over two arrays of ROW."""
    same: npt.NDArray[np.bool_] = a.view(_CONTENT)["content"] == b.view(_CONTENT)["content"]
    same[(a["kind"] == RETRACTED) & (b["kind"] == RETRACTED)] = True
    return same


def counted(facts: Facts) -> Facts:
    """Those that are in any sum, as a copy."""
    return np.take(facts, np.flatnonzero(facts["kind"] < UNCOUNTED))  # 5 times as fast as a mask


def rows_of(facts: Facts) -> Facts:
    """The ROWs of FACTs, as a copy."""
    return facts.view(_NESTED)["row"].copy()


_NESTED = np.dtype([("head", "<u8"), ("row", ROW)])
