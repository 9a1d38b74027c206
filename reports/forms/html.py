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
    Lang,
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
    header = element(
        "header",
        None,
        element("h1", None, report.title),
        element("p", {"class": "date"}, report.date),
        element("p", {"class": "stamp"}, report.stamp),
    )
    body = [
        header,
        warning(report.warning),
        sentence(report.lead, report.lang),
        heads(report.heads, report.lang),
        *(element("section", {"class": "page"}, bands(one, report.lang)) for one in report.pages),
        element("footer", None, report.foot),
    ]
    title = f"{report.title} {report.period.name}"
    looks = {"class": "doubtful" if report.warning else ""}
    return document(report.lang, [head_of(title, STYLE)], element("body", looks, joined(body)))


def document(lang: Lang, head: list[Markup], body: Markup) -> str:
    """Return a whole page in a language."""
    root = {"lang": "zh-CN" if lang == "zh" else "en"}
    return f"<!DOCTYPE html>\n{element('html', root, element('head', None, joined(head)), body)}\n"


def head_of(title: str, style: str) -> Markup:
    """Return the title and the style of a page."""
    return joined(
        [
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", None, title),
            element("style", None, Markup(style)),
        ]
    )


def warning(said: str) -> Markup:
    """Return a red band that says why figures are doubtful; nothing if they are not."""
    return element("p", {"class": "warning", "role": "alert"}, said) if said else Markup("")


def sentence(lead: Run, lang: Lang) -> Markup:
    """Return the sentence at the head of a page."""
    return element("p", {"class": "lead"}, _run(lead, lang))


def heads(found: tuple[Head, ...], lang: Lang) -> Markup:
    """Return headline figures side by side."""
    return element("div", {"class": "heads"}, joined([_head(head, lang) for head in found]))


def bands(found: tuple[Band, ...], lang: Lang) -> Markup:
    """Return bands of blocks, one below another."""
    return joined([_band(band, lang) for band in found])


def _head(head: Head, lang: Lang) -> Markup:
    rows = [
        element(
            "tr",
            None,
            element("th", {"scope": "row"}, _run(about, lang)),
            element("td", None, _run(figure, lang)),
        )
        for about, figure in head.rows
    ]
    tag = _cell(head.tag, lang) if head.tag else Markup("")
    return element(
        "div",
        {"class": "head main" if head.is_main else "head"},
        element("h2", None, head.label, tag),
        element(
            "p",
            {"class": "big"},
            _cell(head.value, lang),
            element("small", None, f" {head.unit}") if head.unit else Markup(""),
        ),
        element("table", None, joined(rows)),
    )


def _band(band: Band, lang: Lang) -> Markup:
    widths = " ".join(f"minmax(0,{width}fr)" for width, _ in band.columns)
    columns = [
        element("div", None, joined([_block(block, lang) for block in blocks]))
        for _, blocks in band.columns
    ]
    return element(
        "div", {"class": "band", "style": f"grid-template-columns:{widths}"}, joined(columns)
    )


def _block(block: Block, lang: Lang) -> Markup:
    language = LANGUAGES[lang]
    note = "" if isinstance(block, Lines) else block.note
    title = element("h2", None, block.title, element("small", None, note) if note else Markup(""))
    match block:
        case Table():
            return element("section", None, title, _table(block, lang))
        case Lines():
            lines = [element("p", None, _run(run, lang)) for run in block.lines]
            return element("section", {"class": "lines"}, title, joined(lines))
        case Curve():
            return element("figure", None, title, svg.curve(block, language))
        case Columns():
            return element("figure", None, title, svg.columns(block, language))


def _table(table: Table, lang: Lang) -> Markup:
    head = [
        element("th", {"scope": "col", "class": _ALIGN[column.align]}, column.title)
        for column in table.columns
    ]
    rows = []
    for row in table.rows:
        looks = " ".join(name for name, on in (("sum", row.is_sum), ("rule", row.rule)) if on)
        cells = [
            _table_cell(cell, column, lang, is_first=not n)
            for n, (cell, column) in enumerate(zip(row.cells, table.columns, strict=True))
        ]
        rows.append(element("tr", {"class": looks}, joined(cells)))
    return element(
        "table",
        {"class": "data"},
        element("thead", None, element("tr", None, joined(head))),
        element("tbody", None, joined(rows)),
    )


def _table_cell(cell: Cell, column: TableColumn, lang: Lang, is_first: bool) -> Markup:
    attributes: dict[str, object] = {"class": _ALIGN[column.align]}
    if is_first:
        return element("th", {"scope": "row"} | attributes, _cell(cell, lang))
    return element("td", attributes, _cell(cell, lang))


def _run(run: Run, lang: Lang) -> Markup:
    return joined([_cell(cell, lang) for cell in run])


def _cell(cell: Cell, lang: Lang) -> Markup:
    said = cell_text(cell, lang)
    match cell:
        case Bar():
            share = min(1.0, max(0.0, cell.share))
            inner = element("i", {"style": f"width:{share * 100:.1f}%"})
            return element("span", {"class": "bar"}, inner)
        case Tag():
            return element("b", {"class": f"tag {cell.tone}"}, cell.word)
        case ReportFigure() if isinstance(cell.value, AbsenceReason):
            why = LANGUAGES[lang].reason(cell.value)
            return element("abbr", {"title": why}, said)
        case Words(link=link) if link:
            return element("a", {"href": link}, said)
        case ReportFigure() | Words():
            marked = element("b", None, said) if cell.strong else text(said)
            return element("span", {"class": "muted"}, marked) if cell.muted else marked
        case _:
            return element("span", None, said)
