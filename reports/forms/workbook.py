"""A report as a workbook: a sheet for each table, real numbers and dates, and native charts."""

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from reports.forms.plain_text import cell_text, run_text
from reports.language.language import LANGUAGES
from reports.period import DAY
from reports.reason import AbsenceReason
from reports.tree import (
    Bar,
    Cell,
    Day,
    Lines,
    NumberForm,
    ReportFigure,
    ReportTree,
    Row,
    Table,
    TableColumn,
    Words,
)

ACCENT, GREY, PALE, INK = "#0a5c8f", "#5c6672", "#b8c4ce", "#14181f"
HEADING_ROW = 3
_NUMBERS = {
    NumberForm.TEU: "#,##0",
    NumberForm.TEU_SHORT: "#,##0",
    NumberForm.TEU_BAND: "#,##0",
    NumberForm.COUNT: "#,##0",
    NumberForm.SHARE: "0.0%",
    NumberForm.CHANGE: "+0.0%;-0.0%;0.0%",
    NumberForm.POINTS: "+0.0%;-0.0%;0.0%",
    NumberForm.TIMES: "0.00",
    NumberForm.YUAN: "#,##0",
    NumberForm.DAYS: "#,##0",
    NumberForm.MINUTES: "#,##0",
    NumberForm.AMOUNT: "#,##0.0##",
}


def workbook(report: ReportTree) -> bytes:
    """Return a report as XLSX; the same tree gives the same bytes."""
    return _Workbook(report).content()


class _Workbook:
    def __init__(self, report: ReportTree) -> None:
        self._report, self._language = report, LANGUAGES[report.lang]
        self._file = BytesIO()
        self._book = xlsxwriter.Workbook(self._file, {"in_memory": True})
        made = report.period.last + DAY
        self._book.set_properties(
            {
                "title": f"{report.title} {report.period.name}",
                "author": "quaymark",
                "created": datetime(made.year, made.month, made.day),  # noqa: DTZ001  # Excel has no zones
            }
        )
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def content(self) -> bytes:
        """Write all sheets, and return the file."""
        self._overview()
        tables = [one for one in self._report.blocks() if isinstance(one, Table)]
        for table in (*self._report.sheets, *tables):
            self._table(table)
        self._notes([one for one in self._report.blocks() if isinstance(one, Lines)])
        self._book.close()
        return self._file.getvalue()

    def _overview(self) -> None:
        words = self._language.words
        rows = []
        for head in self._report.heads:
            label = f"{head.label} ({head.unit})" if head.unit else head.label
            rows.append(Row((Words(label), head.value), is_sum=True))
            for about, figures in head.rows:
                rows += [
                    Row((Words(run_text(about, self._report.lang)), figure))
                    for figure in figures
                    if isinstance(figure, ReportFigure)
                ]
        columns = (TableColumn(words.figure, "l"), TableColumn(words.value))
        table = Table(self._report.title, columns, tuple(rows), words.sheet_overview)
        sheet = self._table(table)
        lead = run_text(self._report.lead, self._report.lang)
        below = HEADING_ROW + len(rows) + 2
        sheet.write_string(below, 0, lead, self._look())
        if self._report.warning:
            sheet.write_string(
                below + 1, 0, self._report.warning, self._look(font_color="#c0182b")
            )

    def _notes(self, blocks: Iterable[Lines]) -> None:
        sheet = self._sheet(self._language.words.sheet_notes)
        sheet.set_column(0, 0, 110)
        row = 0
        for block in blocks:
            sheet.write_string(row, 0, block.title, self._look(bold=True, font_size=12))
            for run in block.lines:
                row += 1
                sheet.write_string(
                    row, 0, run_text(run, self._report.lang), self._look(text_wrap=True)
                )
            row += 2
        sheet.write_string(row, 0, self._report.foot, self._look(font_color=GREY, text_wrap=True))

    def _table(self, table: Table) -> Any:
        sheet = self._sheet(table.sheet or table.title)
        stamp = f"{self._report.date}　{self._report.stamp}"
        note = f"{table.note}　{stamp}" if table.note else stamp
        sheet.write_string(0, 0, table.title, self._look(bold=True, font_size=16))
        sheet.write_string(1, 0, note, self._look(font_color=GREY, font_size=9))
        sheet.freeze_panes(HEADING_ROW + 1, 1)
        sheet.repeat_rows(HEADING_ROW)
        for number, column in enumerate(table.columns):
            sheet.set_column(number, number, 13 if number else 30)
            align = "left" if column.align == "l" else "right"
            look = self._look(font_color=GREY, top=2, bottom=1, align=align)
            sheet.write_string(HEADING_ROW, number, column.title, look)
        for number, row in enumerate(table.rows, HEADING_ROW + 1):
            for place, cell in enumerate(row.cells):
                self._cell(sheet, (number, place), cell, row.is_sum)
        self._chart(sheet, table)
        return sheet

    def _cell(self, sheet: Any, place: tuple[int, int], cell: Cell, is_bold: bool) -> None:
        look: dict[str, Any] = {"bottom": 4} | ({"bold": True} if is_bold else {})
        match cell:
            case ReportFigure(value=AbsenceReason() as reason):
                sheet.write_blank(*place, None, self._look(**look))
                comment = {"author": "quaymark", "x_scale": 1.2, "y_scale": 0.5}
                sheet.write_comment(*place, self._language.reason(reason), comment)
            case ReportFigure():
                scaled = cell.shown if cell.form is NumberForm.AMOUNT else cell.number
                if cell.form is NumberForm.MINUTES:
                    scaled = (cell.number or 0.0) / 60
                if cell.muted:
                    look["font_color"] = GREY
                sheet.write_number(
                    *place, scaled or 0.0, self._look(num_format=_NUMBERS[cell.form], **look)
                )
            case Day():
                written = "yyyy-mm" if cell.by_month else "yyyy-mm-dd"
                moment = datetime(cell.on.year, cell.on.month, cell.on.day)  # noqa: DTZ001  # a day
                look |= {"num_format": written, "align": "left"}
                sheet.write_datetime(*place, moment, self._look(**look))
            case Bar():
                sheet.write_number(*place, cell.share, self._look(num_format="0.0%", **look))
            case Words(whole=whole) if whole:
                sheet.write_string(*place, whole, self._look(**look))
            case _:
                said = cell_text(cell, self._report.lang).strip("[]")
                sheet.write_string(*place, said, self._look(**look))

    def _chart(self, sheet: Any, table: Table) -> None:
        """Draw days and months as columns, beside last year or with the plan as a line."""
        dated = [n for n, row in enumerate(table.rows) if isinstance(row.cells[0], Day)]
        if len(dated) < 2:
            return
        first, last = HEADING_ROW + 1 + dated[0], HEADING_ROW + 1 + dated[-1]
        name = table.sheet
        chart = self._book.add_chart({"type": "column"})
        chart.add_series(
            {
                "name": [name, HEADING_ROW, 1],
                "categories": [name, first, 0, last, 0],
                "values": [name, first, 1, last, 1],
                "fill": {"color": ACCENT},
                "gap": 60,
            }
        )
        if table.columns[2].title == self._language.words.plan_teu:
            line = self._book.add_chart({"type": "line"})
            line.add_series(
                {
                    "name": [name, HEADING_ROW, 2],
                    "categories": [name, first, 0, last, 0],
                    "values": [name, first, 2, last, 2],
                    "line": {"color": INK, "width": 1.5},
                }
            )
            chart.combine(line)
        chart.set_legend({"position": "top"})
        chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True}})
        chart.set_x_axis(
            {
                "date_axis": False,
                "num_format": "m-d"
                if table.sheet == self._language.words.sheet_days
                else "yyyy-mm",
            }
        )
        chart.set_size({"width": 760, "height": 250})
        sheet.insert_chart(HEADING_ROW, len(table.columns) + 1, chart)

    def _sheet(self, name: str) -> Any:
        sheet = self._book.add_worksheet(_sheet_name(name, self._book))
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        return sheet

    def _look(self, **more: Any) -> Any:
        key = tuple(sorted(more.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"font_size": 10, **more})
        return self._formats[key]


def _sheet_name(name: str, book: Any) -> str:
    """A name for a sheet, with a number where it is taken."""
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    return next(
        one
        for one in (name[:31], *(f"{name[:28]} {n}" for n in range(2, 99)))
        if one.lower() not in taken
    )
