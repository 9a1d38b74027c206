"""The conventions by which totals may differ, and which of them makes the difference least."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Literal

from msgspec import Struct

from contract.container import Convention
from contract.move_class import MoveKind
from register.reconciliation.cells import DAY_STARTS, DayCell
from register.selection import SummedUnit

Sizes = Literal["china", "eurostat", "whole"]
SIZES: tuple[Sizes, ...] = ("china", "eurostat", "whole")
"""Tables of TEU; by `whole` every box longer than 20 ft counts as 2, a 45 ft one, too."""


class Counting(Struct, frozen=True, order=True):
    """A way to count."""

    day_start: int
    sizes: Sizes
    restows: bool
    """Whether restows have TEU, and count as moves."""
    transhipment_once: bool
    """Whether the two lifts of a transhipment count as one."""

    def words(self, than: "Counting") -> list[str]:
        """Return in words where it is another than `than`."""
        said = []
        if self.day_start != than.day_start:
            said.append(f"their day begins at {self.day_start:02}:00")
        if self.sizes != than.sizes:
            said.append(_SIZES_SAID[self.sizes])
        if self.restows != than.restows:
            said.append("they count restows" if self.restows else "they count no restows")
        if self.transhipment_once != than.transhipment_once:
            said.append("they count a transhipment once")
        return said


_SIZES_SAID = {
    "china": "they count TEU by length (45 ft as 2.25)",
    "eurostat": "they count TEU as Eurostat does",
    "whole": "they count a 45 ft box as 2 TEU",
}


def own_counting(convention: Convention, measure: SummedUnit) -> Counting:
    """Return the way in which the books count; as moves they count restows, too."""
    return Counting(0, convention, measure is SummedUnit.MOVES, False)


def countings(convention: Convention, measure: SummedUnit) -> list[Counting]:
    """Return every way to count, that of the books first, then the ones most like it."""
    own = own_counting(convention, measure)
    sizes: Sequence[Sizes] = SIZES if measure is SummedUnit.TEU else (convention,)
    ways = [Counting(*way) for way in product(DAY_STARTS, sizes, (False, True), (False, True))]
    return sorted(ways, key=lambda way: (len(way.words(own)), way != own, way))


class KindSums:
    """The sums of cells by kind and total, in one table of TEU and with one begin of the day."""

    def __init__(
        self, numbered: Iterable[tuple[int | None, DayCell]], sizes: Sizes, measure: SummedUnit
    ):
        self._sums: dict[str, Counter[int | None]] = {kind: Counter() for kind in MoveKind}
        for number, cell in numbered:
            if measure is SummedUnit.MOVES:
                self._sums[cell.kind][number] += cell.moves
            else:
                each = _whole(cell) if sizes == "whole" else cell.by(sizes)
                self._sums[cell.kind][number] += each

    def distance(self, theirs: Sequence[int], way: Counting) -> float:
        """Return the sum of all differences without their signs, by a way to count.

        What is in no total differs by all that it has.
        """
        restows = 1.0 if way.restows else 0.0
        once = 0.5 if way.transhipment_once else 1.0

        def ours(number: int | None) -> float:
            return (
                self._sums[MoveKind.NORMAL][number]
                + self._sums[MoveKind.TRANSHIPMENT][number] * once
                + self._sums[MoveKind.RESTOW][number] * restows
            )

        return ours(None) + sum(abs(stated - ours(at)) for at, stated in enumerate(theirs))


def _whole(cell: DayCell) -> int:
    by_length = cell.by("china")
    return min(by_length, 200 * cell.moves) if by_length > 150 * cell.moves else by_length


def hint(distances: Mapping[Counting, float], own: Counting, measure: SummedUnit) -> list[str]:
    """Return which way to count makes the difference least, if it is none of ours.

    `distances` is way to count -> the sum of all differences without their signs, in the order in
    which of equals the first is told.
    """
    best = min(distances, key=lambda way: distances[way])
    if distances[best] >= distances[own]:
        return []
    unit = 100 if measure is SummedUnit.TEU else 1
    left = distances[best] / unit
    return [
        f"if {' and '.join(best.words(own))}, the totals differ by {left:,.2f} instead of "
        f"{distances[own] / unit:,.2f} (signs left out)"
    ]
