"""A move as a fact of 36 bytes, and the join that decides which of two facts of an id is kept.

The fact with the greatest `recorded` is kept, and of equals the one with the lowest source offset;
a retraction by id is later than every record.  So folding facts gives the same books in any order
and however often a fact arrives: a replay after a crash can neither add nor lose anything.
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
        ("rest", "<u4"),  # one more byte of the id's hash; 24 bits of the container's, 0 for none
        ("recorded", "<i8"),  # recordedtime, milliseconds since 1970; FINAL for a retraction by id
        ("offset", "<u8"),  # of the record in its raw partition
        ("day", "<u2"),  # days since 1970 in the port's zone, at most the year 2149
        ("minute", "<u2"),  # of that day
        ("terminal", "u1"),  # code in the terminal table of the ledger or blob; NO_TERMINAL
        ("kind", "u1"),  # a class code, UNCOUNTED or RETRACTED
        ("hundredths", "<u2"),  # of a TEU; UNKNOWN_SIZE
    ]
)
FACT = np.dtype([("head", "<u8"), *((name, ROW[name]) for name in ROW.names or ())])
"""A fact: the first 8 bytes of XXH3-128 of `source NUL id`, then its ROW."""

BOX_BITS = 24  # of `rest`: one pair of container numbers in 16 million has the same bits
BOX = (1 << BOX_BITS) - 1
"""The bits of `rest` that hold the hash of the container number; 0 if the record names none."""

MOVES = tuple(event.value for event in (*QUAY_MOVES, *GATE_MOVES))
KINDS = tuple(kind.value for kind in MoveKind)
FILLS = (Fill.EMPTY, Fill.LADEN, None)
CLASSES = tuple((m, k, f, s) for m in MOVES for k in KINDS for f in FILLS for s in BANDS)
"""(move, kind, fill, size band) by class code, 252 of them.

The changelog holds these codes, so a change in any of the four lists needs a new version of the
journal.
"""
CLASS_CODE = {names: code for code, names in enumerate(CLASSES)}

UNCOUNTED = len(CLASSES)  # booked, so that an amendment of the id finds it, but in no sum
RETRACTED = 255
NO_TERMINAL = 255  # the terminal of facts that are in no sum
FINAL = 1 << 62  # later than any recordedtime: a retraction by id cannot be undone

QUAY = np.array([*(names[0] in QUAY_MOVES for names in CLASSES), *[False] * 4])
"""Class code -> whether it is a move over the quay."""
HANDLES = np.array([*(has_throughput(names[0], names[1]) for names in CLASSES), *[False] * 4])
"""Class code -> whether its TEU counts as throughput; that of restows and gate moves does not."""

_CONTENT = np.dtype(
    {"names": ["content"], "formats": ["<u8"], "offsets": [20], "itemsize": ROW.itemsize}
)


class FactRow(NamedTuple):
    """A ROW as Python integers."""

    rest: int
    recorded: int
    offset: int
    day: int
    minute: int
    terminal: int
    kind: int
    hundredths: int

    @classmethod
    def of(cls, row: Any) -> "FactRow":
        """Return the row of a numpy scalar of ROW."""
        return cls(*row.item())

    @property
    def counted(self) -> bool:
        """Whether it is in a sum."""
        return self.kind < UNCOUNTED

    def is_of(self, other: "FactRow") -> bool:
        """Are both of one id and container?  A record without a container fits any.

        Two ids share the 64 bits of the head once in 40 million times at 10^6 ids.
        """
        boxes = self.rest & BOX, other.rest & BOX
        return self.rest >> BOX_BITS == other.rest >> BOX_BITS and (
            boxes[0] == boxes[1] or 0 in boxes
        )

    def has_same_content(self, other: "FactRow") -> bool:
        """Do both describe the move alike?  All retractions are alike, whenever they were made."""
        return self[3:] == other[3:] or self.kind == other.kind == RETRACTED


class FactOutcome(IntEnum):
    """The outcome of folding a fact."""

    NEW = 0
    """Its id was unknown."""
    NEWER = 1
    """It replaces the fact held."""
    SAME = 2
    """It is the record held, read again; it is written again, since the journal may lack it."""
    REPEAT = 3
    """It changes nothing: a duplicate, an older record, or a record of a retracted move."""
    CONFLICT = 4
    """Its id is held with another container, or with other content and as new: rejected."""
    TOO_OLD = 5
    """It would change the sums of a closed day: rejected."""


def outcome_of(new: FactRow, held: FactRow | None, first_open: int) -> FactOutcome:
    """Return the outcome of a fact beside the one held; days before `first_open` are closed."""
    closed = new.counted and new.day < first_open
    if held is None:
        return FactOutcome.TOO_OLD if closed else FactOutcome.NEW
    if not new.is_of(held):
        return FactOutcome.CONFLICT
    alike = new.has_same_content(held)
    if new[1:3] == held[1:3]:  # if the book changed since, the content may differ: keep the held
        return FactOutcome.SAME if alike else FactOutcome.REPEAT
    if (new.recorded, -new.offset) < (held.recorded, -held.offset):
        is_repeat = new.recorded < held.recorded or alike
        return FactOutcome.REPEAT if is_repeat else FactOutcome.CONFLICT
    if closed or (held.counted and held.day < first_open):
        return FactOutcome.TOO_OLD
    return FactOutcome.NEWER


def are_of_one_container(a: Facts, b: Facts) -> npt.NDArray[np.bool_]:
    """Return `FactRow.is_of` for two arrays of ROW."""
    one, other = a["rest"], b["rest"]
    unnamed = ((one & BOX) == 0) | ((other & BOX) == 0)
    same: npt.NDArray[np.bool_] = (one == other) | (
        unnamed & (one >> BOX_BITS == other >> BOX_BITS)
    )
    return same


def have_same_content(a: Facts, b: Facts) -> npt.NDArray[np.bool_]:
    """Return `FactRow.has_same_content` for two arrays of ROW."""
    same: npt.NDArray[np.bool_] = a.view(_CONTENT)["content"] == b.view(_CONTENT)["content"]
    same[(a["kind"] == RETRACTED) & (b["kind"] == RETRACTED)] = True
    return same


def counted(facts: Facts) -> Facts:
    """Return a copy of the facts that are in a sum."""
    return np.take(facts, np.flatnonzero(facts["kind"] < UNCOUNTED))  # 5 times as fast as a mask


def rows_of(facts: Facts) -> Facts:
    """Return a copy of the ROWs of FACTs."""
    return facts.view(_NESTED)["row"].copy()


_NESTED = np.dtype([("head", "<u8"), ("row", ROW)])
