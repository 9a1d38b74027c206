"""An answer as rows with named columns: a table in the terminal, JSON, CSV or a workbook."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import xlsxwriter
from msgspec import Struct
from rich.console import Console
from rich.table import Table

MOST_LINES = 20
"""Lines of detail that a person sees; a file has all."""
_encode = msgspec.json.Encoder(decimal_format="number").encode
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class AnswerTable(Struct, frozen=True):
    """Rows of an answer; a value is text, a number, a day, an instant or None."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def show(self, console: Console) -> None:
        """Print the first rows, and say how many more there are."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for at, name in enumerate(self.columns):
            is_number = any(isinstance(row[at], int | Decimal) for row in self.rows[:MOST_LINES])
            table.add_column(name.replace("_", " "), justify="right" if is_number else "left")
        for row in self.rows[:MOST_LINES]:
            table.add_row(*(shown(value) for value in row))
        console.print(table, markup=False)
        if len(self.rows) > MOST_LINES:
            console.print(
                f"… and {len(self.rows) - MOST_LINES:,} more: --csv FILE or --xlsx FILE has all",
                markup=False,
                highlight=False,
            )

    def as_csv(self) -> bytes:
        """Return the rows as CSV in UTF-8 with a mark for Excel; text never begins a formula."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(self.columns)
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        return b"\xef\xbb\xbf" + text.getvalue().encode()

    def as_json(self, head: dict[str, Any]) -> bytes:
        """Return an object with the members of `head`, and the rows as `records`."""
        records = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        encoded = _encode(head | {"records": records})
        return msgspec.json.format(encoded) + b"\n"

    def write_workbook(self, path: Path) -> None:
        """Write the rows as a sheet with real numbers; instants are text with their offset.

        Raises:
            OSError: the file can't be written.
        """
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
            sheet = book.add_worksheet()
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            sheet.write_row(0, 0, self.columns, book.add_format({"bold": True}))
            for at, row in enumerate(self.rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, date) and not isinstance(value, datetime):
                        sheet.write_datetime(at, column, value, day)
                    elif isinstance(value, int | Decimal):
                        sheet.write_number(at, column, float(value))
                    elif value is not None:
                        sheet.write_string(at, column, shown(value))
            sheet.freeze_panes(1, 0)
            sheet.autofit()


def shown(value: Any) -> str:
    """Return a value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    return str(value)


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value.isoformat() if isinstance(value, datetime) else value
