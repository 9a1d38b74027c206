"""A CSV file as Excel leaves it: order marks, GB18030, semicolons; a header, then rows by name.

Numbers and days are read exactly; what can be read in two ways is refused, not guessed.
"""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

from msgspec import Struct

from contract.errors import Reason, Rejected
from producers.reading.outcome import Stream, excerpt

CHUNK_BYTES = 1 << 16
MAX_LINE_CHARS = 1 << 18  # a row of the widest statistics seen has 4,000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,2})?")
MAX_DIGITS = 24  # Decimal reckons with 28; no figure has as many
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


class CsvRow(Struct, frozen=True):
    """A row: its line, and column -> text (stripped, full-width forms folded)."""

    line: int
    cells: dict[str, str]

    @property
    def at(self) -> str:
        """Where it stands."""
        return f"line {self.line}"

    def original(self) -> bytes:
        """A file of this row alone, under its header."""
        text = StringIO()
        csv.writer(text).writerows((self.cells.keys(), self.cells.values()))
        return text.getvalue().encode()


class CsvTable:
    """A CSV file being read.

    Attributes:
        header: the columns' names in order, as written.
        delimiter: what stands between cells.
        line: the last line read.
    """

    def __init__(self, stream: Stream) -> None:
        self.line = 0
        self._lines = self._counted(_lines(stream))
        first = next((line for line in self._lines if line.strip()), "")
        if not first:
            raise Rejected(
                Reason.BAD_SYNTAX, "the file is empty; the first row must name the columns"
            )
        self.delimiter = max(",;\t", key=first.count)
        try:
            (cells,) = csv.reader([first], delimiter=self.delimiter, strict=True)
        except csv.Error as error:
            raise Rejected(
                Reason.BAD_SYNTAX, f"its header is no CSV: {error}", where=self._at()
            ) from None
        self.header = [folded(cell) for cell in cells]
        for name in self.header:
            if name and self.header.count(name) > 1:
                raise Rejected(
                    Reason.BAD_SYNTAX,
                    f"two columns are called {excerpt(name)}; name them apart",
                    where=self._at(),
                )

    def rows(self) -> Iterator[CsvRow | Rejected]:
        """The rows below the header; one that can't be read is a refusal."""
        reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        while True:
            try:
                cells = [folded(cell) for cell in next(reader)]
            except StopIteration:
                return
            except csv.Error as error:
                yield Rejected(Reason.BAD_SYNTAX, f"no CSV: {error}", where=self._at())
                continue
            except Rejected as rejected:
                yield Rejected(rejected.reason, rejected.message, where=self._at())
                return
            at = self._at()
            if not any(cells):
                continue
            if "\ufffd" in "".join(cells):
                yield Rejected(
                    Reason.UNDECODABLE, "not UTF-8 or GB18030; save the file as UTF-8", where=at
                )
            elif len(cells) > len(self.header) and any(cells[len(self.header) :]):
                yield Rejected(
                    Reason.BAD_SYNTAX,
                    f"{len(cells)} cells under {len(self.header)} headers; "
                    f"quote values that hold {self.delimiter!r}",
                    where=at,
                )
            else:
                cells += [""] * (len(self.header) - len(cells))
                yield CsvRow(self.line, dict(zip(self.header, cells, strict=False)))

    def _counted(self, lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            self.line += 1
            yield line

    def _at(self) -> str:
        return f"line {self.line}"


def header_of(head: bytes) -> list[str]:
    """The cells of the first row of a file that begins with these bytes.

    Raises:
        Rejected: it can't be a header.
    """
    return CsvTable(BytesIO(head)).header


def columns(header: list[str], known: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Our name of a column -> its header in this file; `known` says which headers mean it."""
    by_word = {_word(name): name for name in header}
    found = {}
    for ours, words in known.items():
        for word in (ours, *words):
            if name := by_word.get(_word(word)):
                found[ours] = name
                break
    return found


def number(text: str, where: str, delimiter: str = ",") -> Decimal:
    """An exact number: 1234.5, 1,234.5, or 1234,5 where cells are not parted by commas.

    Raises:
        Rejected: it is none, or can be read in two ways.
    """
    plain = text.replace(" ", "")  # NFKC made a plain blank of a hard one
    if len(plain) > MAX_DIGITS:
        raise Rejected(Reason.BAD_VALUE, f"{excerpt(text)} is too long a number", where=where)
    if _PLAIN.fullmatch(plain):
        return Decimal(plain)
    comma = delimiter != "," and _DECIMAL_COMMA.fullmatch(plain) is not None
    grouped = _GROUPED.fullmatch(plain) is not None
    if comma and grouped:
        raise Rejected(
            Reason.BAD_VALUE,
            f"{excerpt(text)} may be {plain.replace(',', '')} or {plain.replace(',', '.')}; "
            "write it without thousands separators and with a decimal point",
            where=where,
        )
    if grouped:
        return Decimal(plain.replace(",", ""))
    if comma:
        return Decimal(plain.replace(",", "."))
    raise Rejected(
        Reason.BAD_VALUE, f"{excerpt(text)} is no number; expected one like 1234.5", where=where
    )


def day(text: str, where: str) -> date:
    """A day: 2020-03-01, 2020/3/1, 2020年3月1日, 20200301, or 31/3/2020 (only one order fits).

    Raises:
        Rejected: it is none, or can be read in two ways.
    """
    plain = text.split("T")[0].split(" ")[0]
    try:
        if found := _YEAR_FIRST.fullmatch(plain):
            return date(*map(int, found.groups()))
        if plain.isascii() and plain.isdigit() and len(plain) == 8:
            return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
        if found := _YEAR_LAST.fullmatch(plain):
            first, second, year = map(int, found.groups())
            if first <= 12 and second <= 12 and first != second:
                raise Rejected(
                    Reason.BAD_VALUE,
                    f"{excerpt(text)} may be {year}-{first:02}-{second:02} or "
                    f"{year}-{second:02}-{first:02}; write the year first",
                    where=where,
                )
            return date(year, second, first) if first > 12 else date(year, first, second)
    except ValueError:
        pass
    raise Rejected(
        Reason.BAD_VALUE, f"{excerpt(text)} is no day; expected one like 2020-03-01", where=where
    )


def folded(text: str) -> str:
    """Text without outer blanks, full-width letters, digits and brackets made plain."""
    return unicodedata.normalize("NFKC", text).strip().lstrip("\ufeff")


def _word(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()


def _lines(stream: Stream) -> Iterator[str]:
    """The file's lines, decoded; a line that never ends is refused instead of filling memory."""
    head = stream.read(CHUNK_BYTES)
    encoding, skip = _encoding(head)
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    chunk, rest = head[skip:], ""
    while True:
        rest += decoder.decode(chunk, final=not chunk)
        *lines, rest = rest.split("\n")
        yield from (line + "\n" for line in lines)
        if not chunk:
            if rest:
                yield rest
            return
        if len(rest) > MAX_LINE_CHARS:
            raise Rejected(
                Reason.TOO_LARGE,
                f"more than {MAX_LINE_CHARS} characters in one line; the file is read no further",
            )
        chunk = stream.read(CHUNK_BYTES)


def _encoding(head: bytes) -> tuple[str, int]:
    """The encoding that the first bytes show, and how many of them are its mark."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, len(mark)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030", 0
    return "utf-8", 0
