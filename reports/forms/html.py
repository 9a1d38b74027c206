"""A report as a self-contained HTML page: inline SVG, no script, prints on A4."""

from reports.forms import svg
from reports.forms.markup import Markup, element, joined, text
from reports.forms.plain_text import cell_text
from reports.forms.style import STYLE
from reports.language.language import LANGUAGES
from reports.reason import AbsenceReason
from reports.tree import (
    Band,
    Bar,
    Block,
    Cell,
    Columns,
    Curve,
    Head,
    Lines,
    ReportFigure,
    ReportTree,
    Run,
    Table,
    TableColumn,
    Tag,
    Words,
)

_ALIGN = {"l": "", "r": "r", "c": "c"}


def html(report: ReportTree) -> str:
    """Return a report as a page that needs no other file; names of people are escaped."""
    pages = [joined([_band(band, report) for band in page]) for page in report.pages]
    body = [
        element(
            "header",
            None,
            element("h1", None, report.title),
            element("p", {"class": "date"}, report.date),
            element("p", {"class": "stamp"}, report.stamp),
        )
    ]
    if report.warning:
        body.append(element("p", {"class": "warning", "role": "alert"}, report.warning))
    body.append(element("p", {"class": "lead"}, _run(report.lead, report)))
    heads = joined([_head(head, report) for head in report.heads])
    body.append(element("div", {"class": "heads"}, heads))
    body += [element("section", {"class": "page"}, page) for page in pages]
    body.append(element("footer", None, report.foot))
    head = element(
        "head",
        None,
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", None, f"{report.title} {report.period.name}"),
        element("style", None, Markup(STYLE)),
    )
    lang = "zh-CN" if report.lang == "zh" else "en"
    document = element(
        "html",
        {"lang": lang},
        head,
        element("body", {"class": "doubtful" if report.warning else ""}, joined(body)),
    )
    return f"<!DOCTYPE html>\n{document}\n"


def _head(head: Head, report: ReportTree) -> Markup:
    rows = [
        element(
            "tr",
            None,
            element("th", {"scope": "row"}, _run(about, report)),
            element("td", None, _run(figure, report)),
        )
        for about, figure in head.rows
    ]
    tag = _cell(head.tag, report) if head.tag else Markup("")
    return element(
        "div",
        {"class": "head main" if head.is_main else "head"},
        element("h2", None, head.label, tag),
        element(
            "p",
            {"class": "big"},
            _cell(head.value, report),
            element("small", None, f" {head.unit}") if head.unit else Markup(""),
        ),
        element("table", None, joined(rows)),
    )


def _band(band: Band, report: ReportTree) -> Markup:
    widths = " ".join(f"minmax(0,{width}fr)" for width, _ in band.columns)
    columns = [
        element("div", None, joined([_block(block, report) for block in blocks]))
        for _, blocks in band.columns
    ]
    return element(
        "div", {"class": "band", "style": f"grid-template-columns:{widths}"}, joined(columns)
    )


def _block(block: Block, report: ReportTree) -> Markup:
    language = LANGUAGES[report.lang]
    note = "" if isinstance(block, Lines) else block.note
    title = element("h2", None, block.title, element("small", None, note) if note else Markup(""))
    match block:
        case Table():
            return element("section", None, title, _table(block, report))
        case Lines():
            lines = [element("p", None, _run(run, report)) for run in block.lines]
            return element("section", {"class": "lines"}, title, joined(lines))
        case Curve():
            return element("figure", None, title, svg.curve(block, language))
        case Columns():
            return element("figure", None, title, svg.columns(block, language))


def _table(table: Table, report: ReportTree) -> Markup:
    head = [
        element("th", {"scope": "col", "class": _ALIGN[column.align]}, column.title)
        for column in table.columns
    ]
    rows = []
    for row in table.rows:
        looks = " ".join(name for name, on in (("sum", row.is_sum), ("rule", row.rule)) if on)
        cells = [
            _table_cell(cell, column, report, is_first=not n)
            for n, (cell, column) in enumerate(zip(row.cells, table.columns, strict=True))
        ]
        rows.append(element("tr", {"class": looks}, joined(cells)))
    return element(
        "table",
        {"class": "data"},
        element("thead", None, element("tr", None, joined(head))),
        element("tbody", None, joined(rows)),
    )


def _table_cell(cell: Cell, column: TableColumn, report: ReportTree, is_first: bool) -> Markup:
    attributes: dict[str, object] = {"class": _ALIGN[column.align]}
    if is_first:
        return element("th", {"scope": "row"} | attributes, _cell(cell, report))
    return element("td", attributes, _cell(cell, report))


def _run(run: Run, report: ReportTree) -> Markup:
    return joined([_cell(cell, report) for cell in run])


def _cell(cell: Cell, report: ReportTree) -> Markup:
    said = cell_text(cell, report)
    match cell:
        case Bar():
            share = min(1.0, max(0.0, cell.share))
            inner = element("i", {"style": f"width:{share * 100:.1f}%"})
            return element("span", {"class": "bar"}, inner)
        case Tag():
            return element("b", {"class": f"tag {cell.tone}"}, cell.word)
        case ReportFigure() if isinstance(cell.value, AbsenceReason):
            why = LANGUAGES[report.lang].reason(cell.value)
            return element("abbr", {"title": why}, said)
        case ReportFigure() | Words():
            marked = element("b", None, said) if cell.strong else text(said)
            return element("span", {"class": "muted"}, marked) if cell.muted else marked
        case _:
            return element("span", None, said)
