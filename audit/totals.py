"""The totals by which books are compared, and where two sets of them differ."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from enum import StrEnum
from typing import NamedTuple

from contract.events import Fill
from contract.snapshots import TerminalDay

QUAY = {"LOAD": "load", "DISC": "discharge"}
"""Moves over the quay -> as a label says it."""
GATE = {"GTIN": "in", "GTOT": "out"}
"""Moves through the gate -> as a label says it."""


class TotalKind(StrEnum):
    """What is totalled, by terminal and year of the port's zone."""

    TEU = "TEU"
    MOVES = "quay moves"
    CLASS_TEU = "TEU of a class"
    UNSIZED = "quay moves without a size"
    GATE = "gate moves"

    @property
    def in_hundredths(self) -> bool:
        """Whether its whole numbers are hundredths of a TEU; else they are moves."""
        return self in (TotalKind.TEU, TotalKind.CLASS_TEU)


class TotalName(NamedTuple):
    """The name of one total; `of` are the further labels of a class or of a gate."""

    figure: TotalKind
    area: str
    terminal: str
    year: int
    of: tuple[str, ...] = ()


class MoveClass(NamedTuple):
    """Moves of one kind at one terminal, in the words of `contract.snapshots.ClassSum`."""

    area: str
    terminal: str
    move: str
    kind: str
    fill: Fill | None
    size: str


class Difference(NamedTuple):
    """A total on which recount and books do not agree."""

    line: TotalName
    recounted: int
    shown: int


Part = tuple[MoveClass, int, int, int]
"""A class, a year, its moves, and their hundredths of a TEU."""
Totals = Mapping[TotalName, int]
"""Total -> hundredths of a TEU, or moves; one that is not there is zero."""


def totals(parts: Iterable[Part]) -> Counter[TotalName]:
    """All totals of some parts."""
    sums = Counter[TotalName]()
    for klass, year, moves, hundredths in parts:
        for line, amount in _lines(klass, year, moves, hundredths):
            sums[line] += amount
    return sums


def parts_of(day: TerminalDay) -> Iterator[Part]:
    """What a snapshot of the worker's says."""
    for line in day.classes:
        klass = MoveClass(day.area, day.terminal, line.move, line.kind, line.fill, line.size)
        yield klass, day.on.year, line.moves, line.hundredths


def differences(recounted: Totals, shown: Totals) -> list[Difference]:
    """The totals that are not the same, in order."""
    return [
        Difference(line, recounted.get(line, 0), shown.get(line, 0))
        for line in sorted({*recounted, *shown})
        if recounted.get(line, 0) != shown.get(line, 0)
    ]


def moved(shown: Totals, area_of: Mapping[str, str]) -> dict[str, str]:
    """Terminal -> an area under which it is shown though the book has it in another.

    Its past stays where it was booked, until the books are rebuilt.
    """
    return {
        line.terminal: line.area
        for line, amount in sorted(shown.items())
        if amount and area_of.get(line.terminal, line.area) != line.area
    }


def over_all_areas(sums: Totals, terminals: Set[str]) -> Counter[TotalName]:
    """The totals with the areas of some terminals taken together, as area `*`."""
    joined = Counter[TotalName]()
    for line, amount in sums.items():
        joined[line._replace(area="*") if line.terminal in terminals else line] += amount
    return joined


def _lines(klass: MoveClass, year: int, moves: int, teu: int) -> Iterator[tuple[TotalName, int]]:
    at = klass.area, klass.terminal, year
    if klass.move in GATE:
        yield TotalName(TotalKind.GATE, *at, (GATE[klass.move],)), moves
        return
    yield TotalName(TotalKind.MOVES, *at), moves
    if klass.kind == "restow":
        return
    if klass.size == "unknown":
        yield TotalName(TotalKind.UNSIZED, *at), moves
        return
    fill = klass.fill.lower() if klass.fill else "unknown"
    yield TotalName(TotalKind.TEU, *at), teu
    yield (
        TotalName(TotalKind.CLASS_TEU, *at, (QUAY[klass.move], fill, klass.size, klass.kind)),
        teu,
    )
