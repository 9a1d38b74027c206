"""A cell of a statutory form: its place in the template, its figure, and what the figure is of."""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class FormFigure(StrEnum):
    """What a cell may hold."""

    TEU = "teu"
    BOXES = "boxes"
    """Containers over the quay, those of unknown size included, restows not."""
    TONNES = "tonnes"
    """The books hold no weights: such a cell stays empty."""
    PLAN = "plan"
    OF_PLAN = "of-plan"
    ON_YEAR = "on-year"
    ON_MONTH = "on-month"
    OWNER = "owner"
    MONTH = "month"
    """The first day of the month, which the template's number format shows as it likes."""
    LAST_DAY = "last-day"


class CellSpan(StrEnum):
    """The days that a figure is about."""

    MONTH = "month"
    YEAR = "year-to-date"
    MONTH_BEFORE = "month-last-year"
    YEAR_BEFORE = "year-to-date-last-year"


class ClassFilter(Struct, frozen=True):
    """The moves that count; an empty field stands for all."""

    move: str = ""
    fill: str = ""
    kind: str = ""
    sizes: tuple[str, ...] = ()
    terminal: str = ""


class FormCell(Struct, frozen=True):
    """A cell of the template, and its figure."""

    sheet: str
    """Empty for the only sheet of the template."""
    at: str
    figure: FormFigure
    span: CellSpan = CellSpan.MONTH
    moves: ClassFilter = ClassFilter()
    trade: str = ""
    """The books do not hold the trade of a move: such a cell stays empty."""
    per: Decimal = Decimal(1)
    """By what the figure is divided, such as 10,000 for 万."""
    digits: int | None = None
    """Decimals, rounded half up; None leaves the figure as it is."""

    @property
    def place(self) -> str:
        """The cell as a spreadsheet names it: `Sheet!C6`."""
        return f"{self.sheet}!{self.at}" if self.sheet else self.at


def cell_ranges(cells: Iterable[FormCell]) -> str:
    """Return cells as a person reads them: `Sheet!E6:E16, H6:H16`, columns in their order."""
    rows: dict[tuple[str, str], list[int]] = {}
    for cell in cells:
        column, row = _PARTS.findall(cell.at)[0]
        rows.setdefault((cell.sheet, column), []).append(int(row))
    found, before = list[str](), ""
    for (sheet, column), held in sorted(rows.items(), key=lambda one: _order(*one[0])):
        for first, last in _runs(sorted(held)):
            name = f"{sheet}!" if sheet != before else ""
            found.append(f"{name}{column}{first}" + (f":{column}{last}" if last > first else ""))
            before = sheet
    return ", ".join(found)


_PARTS = re.compile(r"([A-Z]+)([0-9]+)")


def _order(sheet: str, column: str) -> tuple[str, int, str]:
    """A before Z before AA."""
    return sheet, len(column), column


def _runs(rows: list[int]) -> Iterable[tuple[int, int]]:
    """The first and last of rows that follow one another."""
    first = before = rows[0]
    for row in rows[1:]:
        if row != before + 1:
            yield first, before
            first = row
        before = row
    yield first, before
