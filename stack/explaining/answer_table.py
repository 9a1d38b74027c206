"""An answer as rows with named columns: a table in the terminal, JSON, CSV or a workbook."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Protocol

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from contract.errors import StackError

MOST_LINES = 20
"""Lines of detail that a person sees; a file has all."""
MOST_IN_WORKBOOK = 50_000
"""Rows of a workbook, which is made in memory: some 250 MB."""
LONGEST_SEEN = 200
"""Characters of a value that a person sees; a longer one ends with an ellipsis."""
MOST_IN_CELL = 32_767
"""Characters of a cell of a workbook, by Excel's own limit; alike."""
WIDEST = 10_000
"""Columns of text that a line may have: a narrow terminal wraps it, and no number is cut."""
_encode = msgspec.json.Encoder(decimal_format="number").encode
_FORMULA = (*"=+-@\t\r\n", *"＝＋－＠")  # Excel reads full-width ones alike
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What moves the cursor, colours a terminal or turns the direction of text."""


class AnswerRows(Protocol):
    """Rows that are known by number, and gone through as often as is asked, such as a list."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...

    def __getitem__(self, first: slice, /) -> Sequence[tuple[Any, ...]]: ...


class AnswerTable(Struct, frozen=True):
    """Rows of an answer; a value is text, a number, a day, an instant or None."""

    columns: tuple[str, ...]
    rows: AnswerRows
    main: tuple[str, ...] = ()
    """The columns that a person sees; () for all.  Files have all."""

    def show(self, console: Console) -> None:
        """Print the first rows, and say how many more there are; empty columns are left out."""
        if not len(self.rows):
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        first = self.rows[:MOST_LINES]
        seen = [
            at
            for at, name in enumerate(self.columns)
            if name in (self.main or self.columns) and any(row[at] is not None for row in first)
        ]
        for at in seen:
            is_number = any(isinstance(row[at], int | Decimal) for row in first)
            name = self.columns[at].replace("_", " ")
            table.add_column(name, justify="right" if is_number else "left", no_wrap=True)
        for row in first:
            table.add_row(*(_in_table(row[at]) for at in seen))
        wide = Console(
            file=console.file, width=WIDEST, force_terminal=console.is_terminal, emoji=False
        )
        wide.print(table, markup=False)
        if len(self.rows) > MOST_LINES:
            console.print(
                f"… and {len(self.rows) - MOST_LINES:,} more: --csv FILE or --xlsx FILE has all"
                if len(self.rows) <= MOST_IN_WORKBOOK
                else f"… and {len(self.rows) - MOST_LINES:,} more: --csv FILE has all",
                markup=False,
                highlight=False,
            )

    def as_csv(self) -> bytes:
        """Return the rows as CSV in UTF-8 with a mark for Excel; text never begins a formula."""
        made = io.BytesIO()
        self.write_csv(made)
        return made.getvalue()

    def write_csv(self, file: BinaryIO) -> None:
        """Write the same into a file, row by row."""
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        writer = csv.writer(text)
        writer.writerow(self.columns)
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        text.flush()
        text.detach()

    def json_parts(self, head: dict[str, Any]) -> Iterator[bytes]:
        """Yield an object with the members of `head`, and the rows as `records`, in parts."""
        whole = msgspec.json.format(_encode(head | {"records": []}))
        yield whole.removesuffix(b"]\n}")
        between = b"\n    "
        for row in self.rows:
            record = msgspec.json.format(_encode(dict(zip(self.columns, row, strict=True))))
            yield between + record.replace(b"\n", b"\n    ")
            between = b",\n    "
        yield (b"\n  ]\n}\n" if between[:1] == b"," else b"]\n}\n")

    def as_workbook(self) -> bytes:
        """Return the rows as a sheet with real numbers; instants are text with their offset.

        Raises:
            StackError: there are more rows than a workbook takes.
        """
        if len(self.rows) > MOST_IN_WORKBOOK:
            raise StackError(
                f"--xlsx: {len(self.rows):,} rows, and a workbook takes {MOST_IN_WORKBOOK:,}: "
                "write them with --csv, or choose fewer by --period or --terminal"
            )
        import xlsxwriter  # 60 ms, which only a workbook is worth

        made = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(made, options) as book:
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
                        sheet.write_string(at, column, _shortened(shown(value), MOST_IN_CELL))
            sheet.freeze_panes(1, 0)
            sheet.autofit()
        return made.getvalue()


def shown(value: Any) -> str:
    """Return a value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    return str(value)


def printable(text: str) -> str:
    """Return a text of others in which what would steer a terminal is written as an escape."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _in_table(value: Any) -> str:
    """Return a value as a table shows it: an instant is in the zone that is named above."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return _shortened(printable(shown(value)), LONGEST_SEEN)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value.isoformat() if isinstance(value, datetime) else value
