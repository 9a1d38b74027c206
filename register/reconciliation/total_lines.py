"""The totals of a statement, checked: none overlaps another, and each cell finds the one it is in.

A column that a statement has, such as the fill, is a part of the key of every total.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from contract.errors import Misconfigured
from contract.evidence.statement import StatedTotal
from register.reconciliation.cells import DayCell
from register.selection import Selection, SummedUnit

MOST_TOTALS = 200_000  # a year of days by 500 classes; more are moves, or no statement
CLASSES = ("move", "kind", "fill", "size_feet")
SHIP = ("vessel", "voyage")

Key = tuple[str | None, ...]


class TotalLines:
    """The totals of one terminal and period.

    Attributes:
        totals: those that are compared.
        has_days: whether they are of days or months.
        has_ships: whether they are of ships or voyages.
        warnings: what is not compared.
    """

    def __init__(self, totals: Iterable[StatedTotal], selection: Selection, measure: SummedUnit):
        """Take the totals that belong to a selection.

        Raises:
            Misconfigured: two overlap, one says nothing of the measure, or none is of the
                terminal and the period.
        """
        stated = list(totals)
        if len(stated) > MOST_TOTALS:
            raise Misconfigured(
                f"the statement has {len(stated):,} totals, at most {MOST_TOTALS:,} are compared"
            )
        self.warnings: list[str] = []
        inside = self._inside(self._at(stated, selection), selection)
        self.totals = [one for one in inside if _is_of(one, selection)]
        self._refuse_without(measure, selection)
        self._named = [name for name in (*SHIP, *CLASSES) if self._is_named(name)]
        self.has_days = self._is_named("first")
        self.has_ships = not {*SHIP}.isdisjoint(self._named)
        self._lines: dict[Key, list[tuple[date, date, int]]] = {}
        for number, total in enumerate(self.totals):
            begins, ends = total.first or date.min, total.last or date.max
            self._lines.setdefault(self._key(total), []).append((begins, ends, number))
        self._refuse_overlaps()

    def line_of(self, cell: DayCell) -> int | None:
        """Return the number of the total that a cell belongs to; None if there is none."""
        for ship in self._ships_of(cell):
            values = {name: getattr(cell, name) for name in CLASSES} | ship
            lines = self._lines.get(tuple(_word(values[name]) for name in self._named), [])
            at = bisect_right(lines, (cell.on, date.max, 0)) - 1
            if at >= 0 and lines[at][1] >= cell.on:
                return lines[at][2]
        return None

    def alone(self, cell: DayCell) -> str:
        """Return in words what a cell is of which the statement has no total."""
        words = [cell.on.isoformat()] if self.has_days else []
        words += [getattr(cell, name) or "-" for name in self._named]
        return " ".join(words)

    def _ships_of(self, cell: DayCell) -> list[dict[str, str | None]]:
        names = dict.fromkeys((cell.vessel, cell.vessel_imo))
        return [{"vessel": name, "voyage": cell.voyage} for name in names]

    def _at(self, stated: list[StatedTotal], selection: Selection) -> list[StatedTotal]:
        here = [one for one in stated if one.terminal in (None, selection.terminal)]
        if stated and not here:
            held = ", ".join(sorted({one.terminal or "" for one in stated}))
            raise Misconfigured(f"the statement is of {held}, not of {selection.terminal}")
        if len(here) < len(stated):
            self.warnings.append(f"{len(stated) - len(here):,} totals of other terminals")
        return here

    def _inside(self, here: list[StatedTotal], selection: Selection) -> list[StatedTotal]:
        first, last = selection.first, selection.last
        if first is None or last is None:
            return here
        inside = [one for one in here if one.first is None or _within(one, first, last)]
        if here and not inside:
            days = sorted(day for one in here for day in (one.first, one.last) if day)
            raise Misconfigured(
                f"the statement is of {days[0]} to {days[-1]}, and no total of it lies in the "
                f"period {first} to {last}"
            )
        if len(inside) < len(here):
            count = len(here) - len(inside)
            self.warnings.append(f"{count:,} totals that are not within the period")
        return inside

    def _refuse_without(self, measure: SummedUnit, selection: Selection) -> None:
        if not self.totals:
            ship = " ".join(filter(None, (selection.vessel, selection.voyage)))
            raise Misconfigured(
                "the statement holds no total of "
                + (f"{ship}, as it names ships" if ship else "these classes")
            )
        for one in self.totals:
            if amount_of(one, measure) is None:
                raise Misconfigured(
                    f"{one.at}: no {'TEU' if measure is SummedUnit.TEU else 'moves'}; every total "
                    "needs the amount that is compared (--moves compares moves)"
                )

    def _is_named(self, name: str) -> bool:
        """Whether the totals name a column.

        Raises:
            Misconfigured: some do and some don't, so that they overlap.
        """
        named = [one for one in self.totals if getattr(one, name) is not None]
        if named and len(named) < len(self.totals):
            other = next(one for one in self.totals if getattr(one, name) is None)
            raise Misconfigured(
                f"{other.at}: a total without {_SAID.get(name, name)}, but {named[0].at} is of "
                "one; leave out sums of other rows"
            )
        return bool(named)

    def _key(self, total: StatedTotal) -> Key:
        return tuple(_word(getattr(total, name)) for name in self._named)

    def _refuse_overlaps(self) -> None:
        for lines in self._lines.values():
            lines.sort()
            for before, after in pairwise(lines):
                if after[0] <= before[1]:
                    one, other = self.totals[before[2]], self.totals[after[2]]
                    raise Misconfigured(
                        f"{other.at}: it is of the same moves as {one.at}; leave out one of both"
                    )


_SAID = {"first": "a day or month", "size_feet": "a size"}


def amount_of(total: StatedTotal, measure: SummedUnit) -> int | None:
    """Return a total in hundredths of a TEU, or in moves."""
    return total.hundredths if measure is SummedUnit.TEU else total.moves


def _is_of(total: StatedTotal, selection: Selection) -> bool:
    return all(
        None in (getattr(total, name), getattr(selection, name))
        or _word(getattr(total, name)) == _word(getattr(selection, name))
        for name in (*SHIP, *CLASSES)
    )


def _within(total: StatedTotal, first: date, last: date) -> bool:
    return (total.first or first) >= first and (total.last or last) <= last


def _word(text: str | None) -> str | None:
    return text and text.strip().upper()
