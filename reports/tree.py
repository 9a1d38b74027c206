"""The tree of a report: what its pages say, in one language, for every form that it takes.

Cells hold values with their unit, not text: each writer rounds them once, or not at all.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from msgspec import Struct

from kpis.model.kpi import Kpi
from reports.period import Period, Span
from reports.reason import AbsenceReason

Lang = Literal["zh", "en"]


class NumberForm(StrEnum):
    """How a number is written."""

    TEU = "teu"
    TEU_SHORT = "teu-short"
    """In sentences: 万 with one decimal in Chinese."""
    TEU_BAND = "teu-band"
    """At the edges of a band: in 万 in Chinese, in thousands in English."""
    COUNT = "count"
    SHARE = "ratio"
    CHANGE = "change"
    """A ratio with its sign."""
    POINTS = "points"
    """A difference of two shares, with its sign."""
    TIMES = "times"
    YUAN = "yuan"
    DAYS = "days"
    AMOUNT = "amount"
    """The figure of a target, in the target's own unit."""

    @property
    def unit(self) -> str:
        """The unit of the value as CSV and JSON name it; of targets it stands beside them."""
        return _UNITS[self]


_UNITS = {
    NumberForm.TEU: "TEU",
    NumberForm.TEU_SHORT: "TEU",
    NumberForm.TEU_BAND: "TEU",
    NumberForm.COUNT: "count",
    NumberForm.SHARE: "ratio",
    NumberForm.CHANGE: "ratio",
    NumberForm.POINTS: "ratio",
    NumberForm.TIMES: "ratio",
    NumberForm.YUAN: "yuan",
    NumberForm.DAYS: "days",
    NumberForm.AMOUNT: "value",
}


class Against(StrEnum):
    """What a quantity is compared with."""

    NOTHING = ""
    PLAN = "plan"
    YEAR_BEFORE = "year-before"
    MONTH_BEFORE = "month-before"
    WEEK_BEFORE = "week-before"
    FESTIVAL_BEFORE = "festival-before"
    MEAN = "mean-28-days"
    WHOLE = "share-of-all"
    EARLIER = "earlier-issue"


class ReportFigure(Struct, frozen=True):
    """A figure of a report: a KPI of the catalogue over some days, as a number or a reason."""

    kpi: Kpi[Any]
    labels: tuple[tuple[str, str], ...]
    span: Span
    value: float | AbsenceReason
    form: NumberForm
    against: Against = Against.NOTHING
    shown: float | None = None
    """The value on paper, if it is rounded so that parts add up."""
    strong: bool = False
    muted: bool = False
    mark: str = ""
    """Written before the number, such as 春 or ≥."""
    digits: int = 0
    """Decimals of an amount."""
    unit: str = ""
    """The unit of an amount, as its target names it."""

    @property
    def number(self) -> float | None:
        """The value, or None where there is a reason."""
        return None if isinstance(self.value, AbsenceReason) else self.value


class Words(Struct, frozen=True):
    """Text; that of other people (names, notes) is a cell of its own."""

    text: str
    strong: bool = False
    muted: bool = False
    whole: str = ""
    """The text before it was cut for paper; workbooks hold it whole."""
    link: str = ""
    """The address that HTML and PDF lead to."""


class Tag(Struct, frozen=True):
    """A status as a word in a box, which black-and-white print keeps."""

    word: str
    tone: Literal["bad", "ok", "good"]


class Bar(Struct, frozen=True):
    """A share as a bar, from 0 to 1."""

    share: float


class Day(Struct, frozen=True):
    """A day; a workbook holds it as a date."""

    on: date
    by_month: bool = False


Cell = ReportFigure | Words | Tag | Bar | Day
Run = tuple[Cell, ...]
"""Cells that are read one after another, as a sentence."""


class Head(Struct, frozen=True):
    """A headline figure with the rows below it."""

    label: str
    value: ReportFigure
    rows: tuple[tuple[Run, Run], ...]
    """What each row is about, and its figure."""
    unit: str = ""
    tag: Tag | None = None
    is_main: bool = False


class TableColumn(Struct, frozen=True):
    """A column: its heading, `l`, `r` or `c`, and its width in parts (0 is as wide as needed)."""

    title: str
    align: Literal["l", "r", "c"] = "r"
    width: float = 1.0


class Row(Struct, frozen=True):
    """A row of a table; a sum is bold and has a rule above."""

    cells: Run
    is_sum: bool = False
    rule: bool = False


class Table(Struct, frozen=True):
    """A table; `sheet` is the name of its worksheet."""

    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[Row, ...]
    sheet: str = ""
    note: str = ""


class Lines(Struct, frozen=True):
    """Sentences below a title."""

    title: str
    lines: tuple[Run, ...]
    sheet: str = ""


class Curve(Struct, frozen=True):
    """TEU ahead of or behind plan by day of the year, and where the forecast leads."""

    title: str
    note: str
    alt: str
    now: tuple[float, ...]
    """TEU ahead of the plan at the end of each day since 1 January."""
    before: tuple[float, ...]
    """The same of last year; () where the books do not hold it whole."""
    end: float | None
    """The forecast's distance from the goal."""
    bands: tuple[tuple[float, float], ...]
    """The forecast's intervals, the widest first."""
    year: int
    before_end: float | None = None


class Columns(Struct, frozen=True):
    """TEU by day as bars, with the plan of each day and what is needed from now on."""

    title: str
    note: str
    alt: str
    days: tuple[tuple[date, float], ...]
    plan: tuple[float | None, ...]
    """The plan of each day; None where there is none."""
    needed: float | None
    dark: tuple[date, ...]
    """The days whose bars are dark and bear their figure."""


Block = Table | Lines | Curve | Columns


class Band(Struct, frozen=True):
    """Blocks side by side: a width in parts, and the blocks below one another, of each column."""

    columns: tuple[tuple[float, tuple[Block, ...]], ...]


class ReportTree(Struct, frozen=True):
    """A report in one language."""

    period: Period
    lang: Lang
    owner: str
    """The code of the port area, or of the zone."""
    title: str
    date: str
    stamp: str
    """How far the figures reach."""
    warning: str
    """Why the figures are doubtful; empty if they are not."""
    lead: Run
    heads: tuple[Head, ...]
    pages: tuple[tuple[Band, ...], ...]
    foot: str
    edition: int | None = None
    """None for a report that is not issued."""
    provisional: bool = False
    sheets: tuple[Table, ...] = ()
    """Tables of the workbook alone, such as all days of the year."""

    def blocks(self) -> Iterator[Block]:
        """Iterate over all blocks of the pages, in reading order."""
        for page in self.pages:
            for band in page:
                for _, blocks in band.columns:
                    yield from blocks

    def runs(self) -> Iterator[Run]:
        """Iterate over all cells that the pages show, in reading order."""
        yield self.lead
        for head in self.heads:
            yield (head.value,)
            for about, figure in head.rows:
                yield about
                yield figure
        for block in self.blocks():
            if isinstance(block, Table):
                yield from (row.cells for row in block.rows)
            elif isinstance(block, Lines):
                yield from block.lines

    def quantities(self) -> Iterator[ReportFigure]:
        """Iterate over the figures that the pages show, in reading order."""
        for run in self.runs():
            yield from (cell for cell in run if isinstance(cell, ReportFigure))
