"""A CSV file as Excel and other programs leave it: a header, then rows by name.

The header is the first row with known names among the first rows, so a title may stand above it.
A row that is broken is refused with its bytes, and the next line is read as a row again.
"""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO

from msgspec import Struct

from contract.errors import Reason, Rejected
from producers.csv.lines import (
    LONGEST_LINE_BYTES,
    MAX_LINE_BYTES,
    UNDECODABLE,
    Line,
    LineReader,
    shown,
)
from producers.csv.numbers import folded
from producers.reading.outcome import Refused, Stream, Warned, excerpt, refusal

HEADER_ROWS = 12  # rows among which the header is looked for
MAX_ROW_LINES = 100  # lines of one row; a quote that is open for longer was never closed
_SEPARATOR = re.compile(r'\s*"?sep=([,;|:\t])"?\s*', re.IGNORECASE)
_BLANKS = re.compile(r"\s+")

Header = list[str]


class CsvRow(Struct, frozen=True):
    """A row: its first line, column -> cell (as `folded` gives it), and its text in the file."""

    line: int
    cells: dict[str, str]
    text: str

    @property
    def at(self) -> str:
        """The place of the row."""
        return f"line {self.line}"


class CsvTable:
    """A CSV file being read.

    Attributes:
        header: the names of the columns in order.
        delimiter: the character between cells.
        above: a warning for each row above the header.
        at: the place of the header.
    """

    def __init__(
        self, stream: Stream, is_header: Callable[[Header], bool] = lambda header: True
    ) -> None:
        """`is_header` says whether a row has known names; if none has, the first row is taken."""
        self._reader = LineReader(stream)
        self._lines = _Pushback(iter(self._reader))
        self._preamble = ""
        self._fault: Rejected | None = None
        rows: list[_FirstRow] = []
        try:
            rows.extend(_first_rows(self._lines))
        except Rejected as rejected:  # of a damaged archive: what is before the damage is read
            self._fault = rejected
        if not rows:
            if self._fault is not None:
                raise self._fault
            raise Rejected(
                Reason.BAD_SYNTAX, "the file is empty; the first row must name the columns"
            )
        chosen = next((row for row in rows if row.cells and is_header(row.cells)), rows[0])
        for row in reversed(rows[rows.index(chosen) + 1 :]):
            self._lines.back(row.lines)
        self._take(chosen)
        self.above = [_above(row) for row in rows[: rows.index(chosen)]]
        self.at = f"line {chosen.lines[0].number}"

    def _take(self, row: "_FirstRow") -> None:
        if row.fault:
            raise Rejected(Reason.BAD_SYNTAX, f"its header is no CSV: {row.fault}", where=row.at)
        self.header, self.delimiter = row.cells, row.delimiter
        self._preamble = row.separator + "".join(line.text for line in row.lines)
        for name in self.header:
            if name and self.header.count(name) > 1:
                raise Rejected(
                    Reason.BAD_SYNTAX,
                    f"two columns are called {excerpt(name)}; name them apart",
                    where=row.at,
                )

    def rows(self) -> Iterator[CsvRow | Refused | Warned]:
        """Yield the rows below the header; a row that can't be read is refused with its bytes.

        A cell under no name, as behind a comma that no quotes enclose, is a warning.

        Raises:
            Rejected: the stream ends in a damage.
        """
        columns = len(self.header)
        nameless = [number for number, name in enumerate(self.header) if not name]
        for line in self._lines:
            if line.left_out:
                yield self._refused(line, Reason.TOO_LARGE, _too_long(line))
                continue
            taken = [line]
            try:
                cells = self._cells(taken)
            except csv.Error as error:
                self._lines.back(taken[1:])
                yield self._refused(line, Reason.BAD_SYNTAX, _broken(error))
                continue
            text = line.text if len(taken) == 1 else "".join(one.text for one in taken)
            if not text.isascii() and UNDECODABLE.search(text):
                message = "not UTF-8 or GB18030; save the file as UTF-8"
                yield self._refused(line, Reason.UNDECODABLE, message, text)
                continue
            cells = [folded(cell) for cell in cells]
            if not any(cells):
                continue
            if len(cells) > columns and any(cells[columns:]):
                message = (
                    f"{len(cells)} cells under {columns} headers; "
                    f"quote values that hold {self.delimiter!r}"
                )
                yield self._refused(line, Reason.BAD_SYNTAX, message, text)
                continue
            cells += [""] * (columns - len(cells))
            if stray := " ".join(cells[number] for number in nameless).strip():
                yield Warned(f"line {line.number}", f"not read: {excerpt(stray)}; under no header")
            yield CsvRow(line.number, dict(zip(self.header, cells, strict=False)), text)
        if self._fault is not None:
            raise self._fault

    def original(self, row: CsvRow) -> bytes:
        """Return a file of one row alone, under its header."""
        return self._reader.encoded(self._preamble + row.text)

    def _cells(self, taken: list[Line]) -> list[str]:
        """Return the cells of the row that begins with a line; `taken` gets its further lines.

        Raises:
            csv.Error: the row is broken, or a quote is open over what are rows by themselves.
        """
        first = taken[0].text
        if '"' not in first and "\r" not in first[:-2]:
            return first.rstrip("\r\n").split(self.delimiter)
        cells = _parsed(taken, self._lines, self.delimiter)
        if len(taken) > 1:
            many = max(len(self.header) - 1, 1)
            if any(
                part.count(self.delimiter) >= many
                for cell in cells
                if "\n" in cell
                for part in cell.split("\n")
            ):
                raise csv.Error(_OPEN)
        return cells

    def _refused(
        self, line: Line, reason: Reason, message: str, text: str | None = None
    ) -> Refused:
        original = self._reader.encoded(self._preamble + (line.text if text is None else text))
        return refusal(f"line {line.number}", Rejected(reason, message), original)


def header_rows(head: bytes) -> list[Header]:
    """Return the rows that may be the header of a file that begins with these bytes.

    Raises:
        Rejected: there is none.
    """
    rows = list(_first_rows(_Pushback(iter(LineReader(BytesIO(head))))))
    found = [row.cells for row in rows if not row.fault]
    if not found:
        raise Rejected(
            Reason.BAD_SYNTAX,
            f"its header is no CSV: {rows[0].fault}"
            if rows
            else "the file is empty; the first row must name the columns",
        )
    return found


def columns(header: Header, known: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return name of a column -> its header in this file; `known` has the headers of a name."""
    by_word = {_word(name): name for name in header}
    found = {}
    for ours, words in known.items():
        for word in (ours, *words):
            if name := by_word.get(_word(word)):
                found[ours] = name
                break
    return found


def _word(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()


def _too_long(line: Line) -> str:
    message = f"a line of more than {MAX_LINE_BYTES} bytes; "
    if line.left_out > LONGEST_LINE_BYTES:
        return f"{message}the file is read no further, since this line does not end"
    return f"{message}the {line.left_out} bytes above that are in no dead letter"


_OPEN = "unexpected end of data"  # as the csv module names a quote that is never closed


def _broken(error: csv.Error) -> str:
    if str(error).startswith("new-line character"):
        return "a line end of another kind than the file's (CR) is in a cell without quotes"
    if str(error) == _OPEN:
        return "a quote opens and is not closed; only this line is left out"
    return f"no CSV: {error}"


class _Pushback:
    """Lines of which some can be given back, to be read again."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._returned: deque[Line] = deque()

    def __iter__(self) -> "_Pushback":
        return self

    def __next__(self) -> Line:
        return self._returned.popleft() if self._returned else next(self._lines)

    def back(self, lines: list[Line]) -> None:
        """Give lines back, in their order."""
        self._returned.extendleft(reversed(lines))


class _FirstRow(Struct, frozen=True):
    """A row that may be the header; `separator` is the line above the header that names it."""

    lines: list[Line]
    cells: Header
    delimiter: str
    separator: str = ""
    fault: str = ""

    @property
    def at(self) -> str:
        return f"line {self.lines[0].number}"


def _first_rows(lines: _Pushback) -> Iterator[_FirstRow]:
    """Yield the first rows that are not blank; a line `sep=;` sets the delimiter."""
    separator, given = "", ""
    found = 0
    for line in lines:
        if not line.text.strip():
            continue
        if not found and (named := _SEPARATOR.fullmatch(line.text)):
            separator, given = line.text, named[1]
            continue
        delimiter = given or max(",;\t", key=line.text.count)
        taken = [line]
        found += 1
        try:
            cells = _parsed(taken, lines, delimiter)
        except csv.Error as error:
            lines.back(taken[1:])
            yield _FirstRow(taken[:1], [], delimiter, separator, str(error))
        else:
            header = [_BLANKS.sub(" ", folded(shown(cell))) for cell in cells]
            yield _FirstRow(taken, header, delimiter, separator)
        if found == HEADER_ROWS:
            return


def _parsed(taken: list[Line], lines: _Pushback, delimiter: str) -> list[str]:
    """Return the cells of a row; lines that it needs besides the first are added to `taken`."""

    def texts() -> Iterator[str]:
        yield taken[0].text
        while len(taken) < MAX_ROW_LINES:
            line = next(lines, None)
            if line is None:
                return
            taken.append(line)
            yield line.text

    return next(csv.reader(texts(), delimiter=delimiter, strict=True))


def _above(row: _FirstRow) -> Warned:
    text = " ".join(filter(None, row.cells)) or shown(row.lines[0].text).strip()
    return Warned(row.at, f"not read: {excerpt(text)}; it stands above the header")
