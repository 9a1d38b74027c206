"""A report as plain text, with columns by the width that Chinese characters take."""

from unicodedata import east_asian_width

from reports.language.language import LANGUAGES, ReportLanguage
from reports.language.numbers import NO_BREAK, written
from reports.tree import (
    Bar,
    Cell,
    Day,
    Lang,
    Lines,
    ReportFigure,
    ReportTree,
    Run,
    Table,
    Tag,
    Words,
)

WIDTH = 100
BARS = 10


def plain_text(report: ReportTree) -> str:
    """Return a report as lines of text; charts are left out, since their figures are in tables."""
    lines = [f"{report.title}  {report.date}", report.stamp.replace("　", "  ")]
    lines += ["=" * WIDTH]
    lines += [f"!! {report.warning}"] if report.warning else []
    lines += [run_text(report.lead, report.lang).strip(), ""]
    for head in report.heads:
        tag = f"  [{head.tag.word}]" if head.tag else ""
        unit = f" {head.unit}" if head.unit else ""
        lines.append(f"{head.label}: {written(head.value, report.lang)}{unit}{tag}")
        rows = [
            (run_text(about, report.lang).strip(), run_text(figure, report.lang))
            for about, figure in head.rows
        ]
        lines += [f"  {_padded(about, 30)} {_padded(figure, 18, 'r')}" for about, figure in rows]
    for block in report.blocks():
        match block:
            case Table():
                lines += ["", _title(block.title, block.note), *_table(block, report)]
            case Lines():
                lines += ["", block.title]
                lines += [f"  {run_text(run, report.lang)}" for run in block.lines]
            case _:
                pass  # a chart
    return "\n".join([*lines, "", report.foot]).replace(NO_BREAK, " ") + "\n"


def run_text(run: Run, lang: Lang) -> str:
    """Return cells that are read one after another as text."""
    return "".join(cell_text(cell, lang) for cell in run)


def cell_text(cell: Cell, lang: Lang) -> str:
    """Return a cell as text."""
    match cell:
        case ReportFigure():
            return written(cell, lang)
        case Words():
            return cell.text
        case Tag():
            return f"[{cell.word}]"
        case Bar():
            return "#" * round(cell.share * BARS)
        case Day():
            return day_text(cell, LANGUAGES[lang])


def day_text(day: Day, language: ReportLanguage) -> str:
    """Return a day, or its month, as a table shows it."""
    return language.month_name(day.on) if day.by_month else language.short_day(day.on)


def _title(title: str, note: str) -> str:
    return f"{title}  ({note})" if note else title


def _table(table: Table, report: ReportTree) -> list[str]:
    rows = [[column.title for column in table.columns]]
    rows += [[cell_text(cell, report.lang) for cell in row.cells] for row in table.rows]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(
            _padded(text, width, column.align)
            for text, width, column in zip(row, widths, table.columns, strict=True)
        ).rstrip()
        for row in rows
    ]


def _padded(text: str, width: int, align: str = "l") -> str:
    space = " " * (width - _width(text))
    return space + text if align == "r" else text + space


def _width(text: str) -> int:
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)
