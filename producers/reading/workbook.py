"""One sheet of an Excel workbook (.xlsx, .xlsm) as CSV in UTF-8: line 5 is row 5 of the sheet.

Dates and numbers are written as what they are, not as they are shown.  But a cell that shows a
month alone is that month, and one that shows a share is that share in percent.  A number that a
cell shows in thousands can be read in two ways; it says so, and no reader takes it for a number.
"""

import csv
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from itertools import repeat
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from contract.errors import Reason, Rejected

CHUNK_BYTES = 1 << 16
_SCALE = re.compile(r"[0#?.],+(?![0#?,])")
"""A comma behind the digits of a number format: each divides the shown number by a thousand."""
_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')
_FORMULA = re.compile(rb"<f[ />]")
_HALF_SECOND = timedelta(milliseconds=500)


class SheetStream:
    """The first visible sheet, or the one of a name.

    Attributes:
        warning: which sheets are not read, "" if there are none.
    """

    def __init__(self, file: IO[bytes], sheet: str | None) -> None:
        """Open a workbook.

        Raises:
            Rejected: it is no workbook, or has no sheet of that name.
        """
        try:
            with _quiet():
                self._values = _sheet(load_workbook(file, read_only=True, data_only=True), sheet)
                has_formulas = _has_formulas(self._values)
                self._formulas = (
                    _sheet(load_workbook(file, read_only=True), sheet) if has_formulas else None
                )
        except Rejected:
            raise
        except Exception as error:  # openpyxl raises whatever the damage makes it meet
            raise _damaged(error) from None
        others = [name for name in self._values.parent.sheetnames if name != self._values.title]
        self.warning = (
            f"sheet {self._values.title!r} is read; not read: {', '.join(map(repr, others[:12]))}"
            f"{' …' if len(others) > 12 else ''}; --sheet names another"
            if others
            else ""
        )
        self._lines = self._read()
        self._buffer = b""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        while len(self._buffer) < size:
            with _quiet():
                lines = next(self._lines, b"")
            if not lines:
                break
            self._buffer += lines
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _read(self) -> Iterator[bytes]:
        """Yield the rows in pieces."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        try:
            rows = self._formulas.iter_rows() if self._formulas else repeat(())
            for values, formulas in zip(self._values.iter_rows(), rows, strict=False):
                writer.writerow(_cells(values, formulas))
                if text.tell() >= CHUNK_BYTES:
                    yield text.getvalue().encode("utf-8", "replace")
                    text.seek(0)
                    text.truncate()
        except Exception as error:  # as above: of a sheet that is damaged further down
            raise _damaged(error) from None
        yield text.getvalue().encode("utf-8", "replace")


def _sheet(book: Any, name: str | None) -> Any:  # a ReadOnlyWorksheet, which the stubs mistake
    sheets = [sheet for sheet in book.worksheets if isinstance(sheet, ReadOnlyWorksheet)]
    if name is not None:
        chosen = next((sheet for sheet in sheets if sheet.title == name), None)
        if chosen is None:
            known = ", ".join(repr(sheet.title) for sheet in sheets)
            raise Rejected(Reason.BAD_SYNTAX, f"there is no sheet {name!r}; there is {known}")
    else:
        visible = [sheet for sheet in sheets if sheet.sheet_state == "visible"] or sheets
        if not visible:
            raise Rejected(Reason.BAD_SYNTAX, "the workbook has no sheet with cells")
        chosen = visible[0]
    chosen.reset_dimensions()  # some programs write a wrong range, and cells beyond it would go
    return chosen


def _has_formulas(sheet: Any) -> bool:
    """Whether a sheet has formulas, whose values may be missing."""
    before = b""
    with sheet.parent._archive.open(sheet._worksheet_path) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            if _FORMULA.search(before + chunk):
                return True
            before = chunk[-4:]
    return False


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what openpyxl does not support, such as validation of cells, out of the log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _cells(values: tuple[Any, ...], formulas: tuple[Any, ...]) -> list[str]:
    found = []
    for number, cell in enumerate(values):
        value = cell.value
        if value is None and number < len(formulas):
            value = formulas[number].value  # a formula that no program has computed yet
        found.append("" if value is None else _text(value, cell))
    return found


def _text(value: Any, cell: Any) -> str:
    """Return what a cell says."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            if _shows(cell.number_format, "%"):
                return f"{_plain(Decimal(repr(value)) * 100)}%"
            plain = _plain(Decimal(repr(value)))
            return f"{plain} (shown in thousands)" if _is_scaled(cell.number_format) else plain
        case datetime():
            return _moment(value, cell.number_format)
        case date() | time():
            return value.isoformat()
        case _:
            return " ".join(str(value).split())


def _plain(number: Decimal) -> str:
    if not number.is_finite():
        return str(number)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(at: datetime, shown: str) -> str:
    """Return a day, a moment to the second, or the month or year that a cell shows alone."""
    at = (at + _HALF_SECOND).replace(microsecond=0)  # Excel counts in fractions of a day
    if at.time() != time() or _shows(shown, "h"):
        return at.isoformat(" ")
    if not _shows(shown, "d"):
        if _shows(shown, "m"):
            return f"{at:%Y-%m}"
        if _shows(shown, "y"):
            return f"{at:%Y}"
    return at.date().isoformat()


def _shows(number_format: str | None, letter: str) -> bool:
    """Whether a format shows something; its literal texts are left out."""
    return letter in _LITERALS.sub("", (number_format or "").casefold())


def _is_scaled(number_format: str | None) -> bool:
    """Whether a format shows a number in thousands or millions, so that it has two readings."""
    return bool(_SCALE.search(_LITERALS.sub("", number_format or "")))


def _damaged(error: Exception) -> Rejected:
    return Rejected(
        Reason.BAD_SYNTAX,
        f"this Excel workbook can't be read ({type(error).__name__}: {error}); save it anew, or "
        "export the sheet as CSV",
    )
