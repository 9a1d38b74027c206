"""The books in cells of day, ship and class, which the totals of a statement are sums of."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from contract.book import Book
from contract.container import HUNDREDTHS, Convention
from contract.container_size import length_code
from contract.move_class import QUAY_MOVES
from register.files import connected
from register.reading import RegisterReading
from register.selection import Selection

DAY_STARTS = (0, 6, 8)
"""Hours at which a port's day may begin."""
_CELLS = """
    SELECT CAST((event_time AT TIME ZONE $zone) - to_hours(CAST($starts AS BIGINT)) AS DATE)
            AS on_day,
        {ship}, move, kind, coalesce(fill, 'unknown') AS fill,
        size_feet, iso_code, sum(teu), sum(moves)
    FROM {versions} AS versions
    WHERE state = 'counted' AND known_to IS NULL AND ({where})
    GROUP BY ALL
"""


class DayCell(NamedTuple):
    """Moves of one day, ship and class, and their TEU in hundredths as the books have them."""

    on: date
    vessel_imo: str | None
    vessel: str | None
    voyage: str | None
    move: str
    kind: str
    fill: str
    size_feet: str
    iso_code: str | None
    hundredths: int
    moves: int

    def by(self, convention: Convention) -> int:
        """Return its TEU by a convention, restows like other moves, in hundredths.

        It is 0 of an unknown size, and of moves through the gate.
        """
        each = HUNDREDTHS[convention].get(length_code(self.iso_code or "") or "", 0)
        return each * self.moves if self.move in QUAY_MOVES else 0


_SHIP = ("vessel_imo", "vessel_name", "voyage")


class RegisterPart(NamedTuple):
    """A register that is asked for cells: its folder, the port's book, and which moves."""

    folder: Path
    book: Book
    selection: Selection


def cells_of(register: RegisterPart, day_start: int = 0, *, by_ship: bool) -> list[DayCell]:
    """Return the cells of standing moves, if days begin at `day_start` o'clock.

    Unless `by_ship`, a cell is of all ships and names none.

    Raises:
        StackError: the register is damaged.
    """
    folder, book, selection = register
    first, last = selection.first, selection.last
    around = replace(
        selection,
        first=first and max(first, date.min + timedelta(1)) - timedelta(1),
        last=last and min(last, date.max - timedelta(1)) + timedelta(1),
    )
    where, values = around.where()
    ship = ", ".join(name if by_ship else f"NULL AS {name}" for name in _SHIP)
    values |= {"starts": day_start, "zone": book.port.time_zone}
    reading = RegisterReading(folder)

    def ask() -> list[tuple[Any, ...]]:
        asked = _CELLS.format(versions=reading.versions, where=where, ship=ship)
        return connected().execute(asked, values).fetchall()

    found = (
        DayCell._make((*row[:9], int(row[9] * 100), int(row[10])))
        for row in reading.of_one_catalog(ask)
    )
    return [
        cell
        for cell in found
        if (first is None or cell.on >= first) and (last is None or cell.on <= last)
    ]
