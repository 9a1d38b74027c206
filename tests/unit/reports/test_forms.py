"""The forms of a report: the same figures in each, and free text is data in all of them."""

import csv
import json
import re
from functools import cache
from html.parser import HTMLParser
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import openpyxl
import pytest
from msgspec.structs import replace

from reports.forms.figures_json import figures_json, schema
from reports.forms.glyphs import drawable, missing
from reports.forms.html import html
from reports.forms.plain_text import plain_text
from reports.forms.tidy_csv import COLUMNS, harmless, tidy_csv
from reports.forms.typst_input import PAGE, typst_files
from reports.forms.workbook import workbook
from reports.language.language import LANGUAGES
from reports.language.numbers import written
from reports.pages.report_builder import ReportBuilder
from reports.period import ReportKind
from reports.tree import Lang, ReportFigure, ReportTree
from tests.unit.kpis.builders import project
from tests.unit.reports.port_of_years import PLAN, measured, two_years

HOSTILE = ("<script>alert(1)</script>", '=HYPERLINK("http://x")', '#import "x"', "x" * 300)


@cache
def page(lang: Lang = "en", name: str = "p1", kind: ReportKind = ReportKind.DAILY) -> ReportTree:
    late = project(name, milestones=[(name, "2026-10-01", None)])
    return ReportBuilder(measured(*two_years(), PLAN, late, kind=kind), lang).report()


class _Names(HTMLParser):
    """The elements of a page, and the text in its cells."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", HOSTILE)
def test_html_holds_names_as_text(name: str) -> None:
    plain, other = _Names(), _Names()
    plain.feed(html(page()))
    other.feed(html(page(name=name)))

    assert other.elements == plain.elements
    assert name[:20] in other.text


def test_html_needs_no_other_file_and_has_no_script() -> None:
    made = html(page())
    names = _Names()
    names.feed(made)

    assert "script" not in names.elements
    assert not {"link", "img", "iframe"} & {*names.elements}
    assert "http" not in made.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_html_text_and_typst_show_every_figure(lang: Lang) -> None:
    report = page(lang)
    names = _Names()
    names.feed(html(report))
    tree = typst_files(report)[PAGE].decode()
    text = plain_text(report)

    for one in report.quantities():
        said = written(one, lang)
        assert said in names.text
        assert said in tree
        assert said.replace("\u00a0", " ") in text


@pytest.mark.parametrize("name", HOSTILE)
def test_typst_gets_names_in_json_alone(name: str) -> None:
    files = typst_files(page(name=name))

    assert sorted(files) == sorted(typst_files(page()))
    assert name[:20] in json.dumps(json.loads(files[PAGE]), ensure_ascii=False).replace('\\"', '"')


def test_a_long_name_is_cut_on_paper_and_a_cell_that_begins_a_formula_is_text_in_csv() -> None:
    assert "x" * 60 not in plain_text(page(name="x" * 300))
    assert harmless("=1+1") == "'=1+1"
    assert harmless("@SUM(A1)") == "'@SUM(A1)"
    assert harmless("TEU") == "TEU"


def test_csv_has_a_row_for_each_figure_with_its_value_or_its_reason() -> None:
    made = tidy_csv(page()).decode("utf-8-sig")

    rows = list(csv.DictReader(StringIO(made)))

    assert tuple(rows[0]) == COLUMNS
    assert all(bool(row["value"]) != bool(row["reason"]) for row in rows)
    of_day = [row for row in rows if row["series"] == "port_throughput_day_teu"]
    whole = next(row for row in of_day if not row["against"] and row["labels"].endswith("tonghai"))
    assert float(whole["value"]) == 495


@pytest.mark.parametrize("kind", list(ReportKind))
def test_json_is_as_its_schema_says(kind: ReportKind) -> None:
    made = json.loads(figures_json(page(kind=kind)))

    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(made, schema())
    assert made["version"] == 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made | {"figures": [{"series": 1}]}, schema())


def _sheets(report: ReportTree) -> Any:
    return openpyxl.load_workbook(BytesIO(workbook(report)))


def test_the_workbook_has_real_numbers_and_dates() -> None:
    """The day's sum is 495, its first row of days 1 January."""
    book = _sheets(page())

    assert book.sheetnames[:3] == ["Overview", "Days", "Months"]
    assert book["Overview"]["B5"].value == 495
    days = book["Days"]
    assert days["A5"].value.isoformat() == "2026-01-01T00:00:00"
    assert days["A5"].number_format == "yyyy-mm-dd"
    assert days["B5"].value == 495
    assert days.freeze_panes == "B5"
    assert not any(sheet.merged_cells.ranges for sheet in book)
    assert days._charts


def test_a_reason_is_an_empty_cell_with_a_comment() -> None:
    """Last year's books begin on 1 January 2025, so no forecast has a band."""
    sheet = _sheets(page())["Overview"]
    found = {row[0].value: row[1] for row in sheet.iter_rows(min_row=5, max_row=30)}

    assert found["80 % sure"].value is None
    assert found["80 % sure"].comment.text == "the run-rate has no interval"


@pytest.mark.parametrize("name", HOSTILE)
def test_the_workbook_holds_names_as_text_and_no_formula(name: str) -> None:
    target_of = replace(PLAN, data=replace(PLAN.data, name=type(PLAN.data.name)(name, name)))
    report = ReportBuilder(measured(*two_years(), target_of), "en").report()

    cells = [cell for sheet in _sheets(report) for row in sheet.iter_rows() for cell in row]

    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(str(cell.value).startswith(name[:20]) for cell in cells)


def test_the_same_books_give_the_same_bytes() -> None:
    for make in (workbook, tidy_csv, figures_json, html):
        assert make(page()) == make(page())


def test_a_character_that_the_fonts_lack_is_told() -> None:
    assert missing(page(name="王喆")) == ()
    assert missing(page(name="龘龘")) == ("龘",)
    assert len(drawable()) > 6_763


def test_all_words_of_both_languages_can_be_drawn() -> None:
    for lang in ("zh", "en"):
        words = msgspec.to_builtins(ReportBuilder(measured(*two_years()), lang)._language.words)
        assert {*json.dumps(words, ensure_ascii=False)} <= drawable()


def test_a_quantity_is_rounded_once_and_half_away_from_zero() -> None:
    some = next(one for one in page().quantities() if isinstance(one, ReportFigure))

    assert written(replace(some, value=2874.5), "en") == "2,875"
    assert written(replace(some, value=-0.4), "en") == "0"
    assert written(replace(some, value=-14.0), "en") == "−14"


def test_every_alert_has_a_name_in_both_languages() -> None:
    rules = (Path(__file__).parents[3] / "deploy/prometheus").rglob("*.yml")
    names = {one for file in rules for one in re.findall(r"alert: (\w+)", file.read_text())}

    assert "WorkerAbsent" in names
    for lang in LANGUAGES:
        assert names <= LANGUAGES[lang].words.alert_names.keys()
