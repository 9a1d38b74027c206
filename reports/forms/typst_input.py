"""A report as the input of Typst: a template that never changes, the tree as JSON, and charts."""

from typing import Any
from unicodedata import east_asian_width

import msgspec
from msgspec.structs import replace

from reports.forms import svg
from reports.forms.plain_text import cell_text
from reports.language.language import LANGUAGES
from reports.language.numbers import written
from reports.period import DAY
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
    Tag,
    Words,
)

PAGE = "page.json"
CHAT_POINTS, CHAT_LINE_POINTS = 10.0, 340  # of 354 between the margins
LINE_POINTS = 505  # of 527 between the margins; the rest is space between the three


def typst_files(report: ReportTree, *, chat: bool = False) -> dict[str, bytes]:
    """Return the files beside the template: name -> content.

    A picture for a chat has the sentence, the heads and the first chart, in letters that are
    read on a telephone.
    All text stands in JSON, so that Typst never reads a name of other people as markup.  The
    report's date is the day after its period, whenever it is made: two runs give the same bytes.
    """
    files: dict[str, bytes] = {}
    made = report.period.last + DAY
    note = ""
    if chat:
        report = replace(report, pages=_of_chat(report))
        note = LANGUAGES[report.lang].reasons_line(report)
    points = 7.9 if report.warning else 8.4  # the red band and its table take room
    tree = {
        "chat": chat,
        "note": note,
        "points": CHAT_POINTS if chat else points,
        "title_points": _chat_title_points(report) if chat else _title_points(report),
        "title": report.title,
        **{name: getattr(report, name) for name in ("lang", "date", "stamp", "warning", "foot")},
        "made": {"year": made.year, "month": made.month, "day": made.day},
        "lead": _run(report.lead, report),
        "heads": [_head(head, report) for head in report.heads],
        "pages": [[_band(band, report, files) for band in page] for page in report.pages],
    }
    files[PAGE] = msgspec.json.encode(tree)
    return files


def _title_points(report: ReportTree) -> float:
    """The size at which title, date and stamp stand on one line of A4, at most 22 pt."""
    left = LINE_POINTS - 9.7 * _ems(report.date) - 7.8 * _ems(report.stamp)
    return min(22.0, left / max(1.0, _ems(report.title)))


def _chat_title_points(report: ReportTree) -> float:
    """The size at which title and date stand on one line of a chat picture, at most 20 pt."""
    left = CHAT_LINE_POINTS - 1.15 * CHAT_POINTS * _ems(report.date)
    return min(20.0, left / max(1.0, _ems(report.title)))


def _of_chat(report: ReportTree) -> tuple[tuple[Band, ...], ...]:
    """The first chart, alone on a page; none if the report has none."""
    for block in report.blocks():
        if isinstance(block, Curve | Columns):
            return ((Band(((1.0, (block,)),)),),)
    return ()


def _ems(text: str) -> float:
    """About how wide a text is, in units of its size."""
    return sum(1.0 if east_asian_width(one) in "WF" else 0.56 for one in text)


def _head(head: Head, report: ReportTree) -> dict[str, Any]:
    return {
        "label": head.label,
        "value": written(head.value, report.lang),
        "unit": head.unit,
        "main": head.is_main,
        "tag": _cell(head.tag, report) if head.tag else None,
        "rows": [[_muted(about, report), _run(figure, report)] for about, figure in head.rows],
    }


def _muted(run: Run, report: ReportTree) -> list[dict[str, Any]]:
    return [cell | {"muted": True} for cell in _run(run, report)]


def _band(band: Band, report: ReportTree, files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [
        {"width": width, "blocks": [_block(block, report, files) for block in blocks]}
        for width, blocks in band.columns
    ]


def _block(block: Block, report: ReportTree, files: dict[str, bytes]) -> dict[str, Any]:
    language = LANGUAGES[report.lang]
    match block:
        case Table():
            return {
                "kind": "table",
                "title": block.title,
                "note": block.note,
                "columns": [
                    {"title": one.title, "align": one.align, "width": one.width}
                    for one in block.columns
                ],
                "rows": [
                    {
                        "cells": _run(row.cells, report),
                        "sum": row.is_sum,
                        "rule": row.rule or row.is_sum,
                    }
                    for row in block.rows
                ],
            }
        case Lines():
            lines = [_run(run, report) for run in block.lines]
            return {"kind": "lines", "title": block.title, "note": "", "lines": lines}
        case Curve() | Columns():
            drawn = (
                svg.curve(block, language)
                if isinstance(block, Curve)
                else svg.columns(block, language)
            )
            name = f"chart-{len(files)}.svg"
            files[name] = drawn.encode()
            return {
                "kind": "chart",
                "title": block.title,
                "note": block.note,
                "alt": block.alt,
                "file": name,
            }


def _run(run: Run, report: ReportTree) -> list[dict[str, Any]]:
    return [_cell(cell, report) for cell in run]


def _cell(cell: Cell, report: ReportTree) -> dict[str, Any]:
    match cell:
        case Bar():
            return {"kind": "bar", "share": min(1.0, max(0.0, cell.share))}
        case Tag():
            return {"kind": "tag", "tone": cell.tone, "text": cell.word}
        case Words(link=link) if link:
            return {"kind": "link", "address": link, "text": cell.text}
        case ReportFigure() | Words():
            look = {"strong": cell.strong, "muted": cell.muted}
            return {"kind": "text", "text": cell_text(cell, report.lang), **look}
        case _:
            return {
                "kind": "text",
                "text": cell_text(cell, report.lang),
                "strong": False,
                "muted": False,
            }
