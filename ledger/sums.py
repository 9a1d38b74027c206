"""The sums of facts: moves and hundredths of a TEU by terminal, day and class, and by hour."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from contract.snapshots import ClassSum
from ledger.equipment import UNKNOWN_SIZE
from ledger.facts import CLASSES, HANDLES, QUAY, Facts, counted

Cell = tuple[int, int]
"""Code of a terminal, and day since 1970."""

UNSURE = -2  # the newest move was removed: find it among the facts


class DaySum:
    """The sums of one terminal and day."""

    __slots__ = ("by_class", "hours", "newest")

    def __init__(self) -> None:
        self.by_class: dict[int, list[int]] = {}
        """class code -> [moves, hundredths of a TEU handled]."""
        self.hours = [0] * 24
        """Hundredths of a TEU handled in each hour of the day."""
        self.newest = -1
        """The minute of the newest move over the quay; -1 for none, or UNSURE."""

    def classes(self) -> tuple[ClassSum, ...]:
        """Return the classes with a move, in the order of their codes."""
        return tuple(
            ClassSum(*CLASSES[code], moves, hundredths)
            for code, (moves, hundredths) in sorted(self.by_class.items())
            if moves
        )


class Sums:
    """The sums of a partition, updated by adding and subtracting facts."""

    def __init__(self) -> None:
        self._days: dict[Cell, DaySum] = {}

    def __iter__(self) -> Iterator[Cell]:
        return iter(list(self._days))

    def of(self, cell: Cell) -> DaySum:
        """Return the sums of a terminal and day, which are empty if nothing was ever booked."""
        return self._days.get(cell) or DaySum()

    def note_cells(self, rows: Facts) -> None:
        """Note the cells of these rows as booked, even if nothing of them is left."""
        rows = counted(rows)
        for cell in np.unique(rows["terminal"].astype(np.int64) << 16 | rows["day"]).tolist():
            self._day((cell >> 16, cell & 0xFFFF))

    def add(self, rows: Facts) -> set[Cell]:
        """Add these rows; return the cells that changed."""
        return self._post(rows, 1)

    def subtract(self, rows: Facts) -> set[Cell]:
        """Subtract these rows; return the cells that changed."""
        return self._post(rows, -1)

    def _post(self, rows: Facts, sign: int) -> set[Cell]:
        rows = counted(rows)
        if not len(rows):
            return set()
        kind = rows["kind"].astype(np.int64)
        cell = rows["terminal"].astype(np.int64) << 16 | rows["day"]
        known = rows["hundredths"] != UNKNOWN_SIZE
        hundredths = np.where(HANDLES[kind] & known, rows["hundredths"], 0)
        touched: set[Cell] = set()
        keys, which = np.unique(cell << 8 | kind, return_inverse=True)
        for key, moves, sum_ in _totals(keys, which, hundredths):
            at = (key >> 24, key >> 8 & 0xFFFF)
            touched.add(at)
            entry = self._day(at).by_class.setdefault(key & 0xFF, [0, 0])
            entry[0] += sign * moves
            entry[1] += sign * sum_
        quay = QUAY[kind]
        cell, minute, hundredths = cell[quay], rows["minute"][quay], hundredths[quay]
        keys, which = np.unique(cell << 5 | minute // 60, return_inverse=True)
        newest = np.zeros(len(keys), np.int64)
        np.maximum.at(newest, which, minute)
        for (key, _, sum_), last in zip(
            _totals(keys, which, hundredths), newest.tolist(), strict=True
        ):
            day = self._day((key >> 21, key >> 5 & 0xFFFF))
            day.hours[key & 31] += sign * sum_
            if sign > 0:
                day.newest = UNSURE if day.newest == UNSURE else max(day.newest, last)
            elif last >= day.newest:
                day.newest = UNSURE
        return touched

    def _day(self, cell: Cell) -> DaySum:
        day = self._days.get(cell)
        if day is None:
            day = self._days[cell] = DaySum()
        return day


def _totals(
    keys: npt.NDArray[np.int64], which: npt.NDArray[np.intp], hundredths: npt.NDArray[np.int64]
) -> Iterator[tuple[int, int, int]]:
    """Return (key, count, sum of hundredths); whole numbers below 2**53 are exact in doubles."""
    moves = np.bincount(which, minlength=len(keys))
    sums = np.bincount(which, hundredths, minlength=len(keys)).astype(np.int64)
    return zip(keys.tolist(), moves.tolist(), sums.tolist(), strict=True)
