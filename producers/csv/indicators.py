"""Published figures from CSV: one row for each period, with one or several columns of values.

The event id of a figure is made of its content, so that a file that is read again gives the same
events.  A corrected file replaces the figures by its `version`, else by its modification time.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fnmatch import fnmatch
from itertools import chain, islice

from msgspec import Struct

from contract.book import IndicatorFile
from contract.errors import Misconfigured, Reason, Rejected
from contract.events import Indicator, IndicatorReported
from producers.csv.nearest_headings import unknown_headings
from producers.csv.numbers import day, number
from producers.csv.table import CsvRow, CsvTable, Header, columns
from producers.csv.units import base_unit, last_day, period_of, plain
from producers.reading.outcome import (
    Accepted,
    File,
    Message,
    Outcome,
    Outcomes,
    ReadingTerms,
    Skip,
    Skipped,
    excerpt,
    refusal,
    unread,
)

SOURCE = "/figures"
COLUMNS = {
    "period": ("month", "date", "year", "quarter", "月份", "期间", "日期", "年份", "季度", "时间"),
    "value": ("数值", "值"),
    "indicator": ("指标", "指标名称"),
    "scope": ("范围", "口径", "地区", "region"),
    "unit": ("单位",),
    "version": ("版本",),
    "published": ("发布日期", "released"),
}
"""Name of a column -> other headers with the same meaning."""

REMARKS = frozenset(
    (
        *("how", "note", "notes", "remark", "remarks", "comment", "comments", "source", "status"),
        *("备注", "说明", "注", "注释", "来源", "数据来源", "状态"),
    )
)
"""Headers of columns that hold no figures."""
SAMPLE_ROWS = 200  # rows by which a column of words is known
_FIGURE = re.compile(r"[^\w\s]*\s*[0-9]")  # a digit first, maybe after a sign or a currency
SIGNED = frozenset({"percent", "ratio"})  # units in which a figure may fall below zero
_BRACKETED = re.compile(r"(.*?)\s*[(\[](.+)[)\]]")


class _Column(Struct, frozen=True):
    """A column of values: its header, indicator and unit."""

    header: str
    indicator: str | None
    unit: str | None


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of a file of figures.

    Raises:
        Misconfigured: file, caller and book leave indicator, scope, unit or columns open.
    """
    table = CsvTable(file.stream, is_header)
    figures = _Figures(file, terms, table)
    yield Message(table.at)
    yield from table.above
    yield from figures.outcomes()


def is_header(header: Header) -> bool:
    """Whether a row names a column of periods and at least one other."""
    return len(header) > 1 and "period" in columns(header, COLUMNS)


class _Figures:
    """A table of figures, with what the caller and the book say about it."""

    def __init__(self, file: File, terms: ReadingTerms, table: CsvTable) -> None:
        self.table = table
        self.terms = terms
        self.at = columns(table.header, COLUMNS)
        self.written_at = datetime.fromtimestamp(int(file.written_at), UTC)
        name = file.name.replace("\\", "/").rpartition("/")[2]
        self.hint = next(
            (hint for hint in terms.book.figures if fnmatch(name, hint.file)),
            IndicatorFile(file="*"),
        )
        self.scope = terms.scope or self.hint.scope
        self.rows = table.rows()
        self.first_rows = list(islice(self.rows, SAMPLE_ROWS))
        self.values = self._columns()
        self._places: dict[tuple[str, str, str, int, datetime], tuple[Decimal, str, int]] = {}
        self._refuse_incomplete(file.name)

    def outcomes(self) -> Iterator[Outcome]:
        read = (*self.at.values(), *(column.header for column in self.values))
        yield from unread(self.table.at, self.table.header, read)
        for row in chain(self.first_rows, self.rows):
            if not isinstance(row, CsvRow):
                yield row
                continue
            for column in self.values:
                if not row.cells[column.header]:
                    yield Skipped(f"{row.at}, {column.header}", Skip.NO_VALUE)
                    continue
                try:
                    figure = self._figure(row, column)
                    self._refuse_second(figure, row, column)
                    yield Accepted(f"{row.at}, {column.header}", figure)
                except Rejected as rejected:
                    yield refusal(row.at, rejected, self.table.original(row))

    def _columns(self) -> tuple[_Column, ...]:
        """Return the columns of values: the one with that name, else all others with figures."""
        if "value" in self.at:
            return (self._column(self.at["value"]),)
        taken = set(self.at.values())
        others = [header for header in self.table.header if header and header not in taken]
        headers = [header for header in others if not self._has_remarks(header)] or others
        return tuple(self._column(header) for header in headers)

    def _has_remarks(self, header: str) -> bool:
        """Whether a column holds remarks: its first cells are words, or its header says so."""
        cells = [row.cells[header] for row in self.first_rows if isinstance(row, CsvRow)]
        words = [cell for cell in cells if cell]
        return header.casefold() in REMARKS or (
            bool(words) and not any(_FIGURE.match(cell) for cell in words)
        )

    def _column(self, header: str) -> _Column:
        bracketed = _BRACKETED.fullmatch(header)
        name, unit = bracketed.groups() if bracketed else (header, None)
        named = None if "value" in self.at else name
        return _Column(
            header,
            self.terms.indicator or self.hint.indicator or named,
            self.terms.unit or unit or self.hint.unit,
        )

    def _refuse_incomplete(self, name: str) -> None:
        missing = []
        if "period" not in self.at:
            raise Misconfigured(
                f"{name}: no column of periods among {', '.join(self.table.header)}; "
                f"expected one named period, {', '.join(COLUMNS['period'])}"
            )
        name_given = self.terms.indicator or self.hint.indicator
        if name_given and len(self.values) > 1 and "indicator" not in self.at:
            raise Misconfigured(
                f"{name}: which column is {name_given}?  There are figures in "
                f"{', '.join(column.header for column in self.values)}; call the right one "
                "`value`, or leave --indicator out, and each column is an indicator by its header"
            )
        if not self.values:
            raise Misconfigured(f"{name}: no column of values beside {self.at['period']}")
        if self.scope is None and "scope" not in self.at:
            missing.append("--scope NAME (whose figures these are)")
        if "unit" not in self.at and any(column.unit is None for column in self.values):
            missing.append("--unit UNIT (such as 'thousand TEU')")
        if "indicator" not in self.at and any(c.indicator is None for c in self.values):
            missing.append("--indicator NAME")
        if missing:
            hint = unknown_headings(self.table.header, self.terms.partner)
            raise Misconfigured(
                f"{name}: add {' and '.join(missing)}, a column of that name, "
                f"or in quaymark.toml: [[figures]] file = {name.rpartition('/')[2]!r}, …"
                + (f"; {hint}" if hint else "")
            )
        for column in self.values:
            if column.unit is not None:
                try:
                    base_unit(column.unit, name)
                except Rejected as rejected:
                    raise Misconfigured(str(rejected)) from None

    def _figure(self, row: CsvRow, column: _Column) -> IndicatorReported:
        period = period_of(row.cells[self.at["period"]], self.at["period"])
        unit, multiple = base_unit(
            self._cell(row, "unit") or column.unit or "", self.at.get("unit", "unit")
        )
        cell = row.cells[column.header]
        share = cell.endswith("%") and unit in SIGNED  # as a workbook shows a share
        digits = cell.removesuffix("%") if share else cell
        written = number(digits, column.header, self.table.delimiter)
        written = written / 100 if share and unit == "ratio" else written
        value = plain(written * multiple)
        if value < 0 and unit not in SIGNED:
            raise Rejected(
                Reason.BAD_VALUE, f"{written} {unit} is below zero", where=column.header
            )
        version = self._version(row)
        try:
            figure = Indicator(
                zone=self.terms.book.described_zone().code,
                indicator=self._cell(row, "indicator") or column.indicator or "",
                scope=self._cell(row, "scope") or self.scope or "",
                period=period,
                value=value,
                unit=unit,
                version=version,
            )
        except ValueError as error:
            raise Rejected(Reason.BAD_VALUE, str(error), where=column.header) from None
        last = last_day(period)
        return IndicatorReported(
            specversion="1.0",
            id="|".join(
                (figure.indicator, figure.scope, period, f"{value:f}", unit, f"v{version}")
            ),
            source=SOURCE,
            time=datetime(last.year, last.month, last.day, tzinfo=self.terms.book.tz),
            recordedtime=self._recorded(row),
            data=figure,
        )

    def _refuse_second(self, event: IndicatorReported, row: CsvRow, column: _Column) -> None:
        """Refuse another figure of a period that the file has said already.

        Raises:
            Rejected: the worker would keep the first, by its place in the topic alone.
        """
        figure = event.data
        key = (figure.indicator, figure.scope, figure.period, figure.version, event.recordedtime)
        value, unit, line = self._places.setdefault(key, (figure.value, figure.unit, row.line))
        if (value, unit) != (figure.value, figure.unit):
            raise Rejected(
                Reason.CONFLICT,
                f"{figure.indicator} of {figure.period} is {value:f} {unit} in line {line} and "
                f"{figure.value:f} {figure.unit} here; leave one, or give the right one a greater "
                "`version`",
                where=column.header,
            )

    def _version(self, row: CsvRow) -> int:
        written = self._cell(row, "version")
        if not written:
            return self.terms.version or 0
        if not (written.isascii() and written.isdigit() and len(written) < 10):
            raise Rejected(
                Reason.BAD_VALUE,
                f"{excerpt(written)} is no version; expected 0, 1, 2 …",
                where=self.at["version"],
            )
        return int(written)

    def _recorded(self, row: CsvRow) -> datetime:
        """Return the day of publication that the row names, else when the file was written."""
        if published := self._cell(row, "published"):
            on = day(published, self.at["published"])
            return datetime(on.year, on.month, on.day, tzinfo=self.terms.book.tz)
        return self.written_at

    def _cell(self, row: CsvRow, name: str) -> str:
        return row.cells[self.at[name]] if name in self.at else ""
