"""The filling of a template: what stands where, what stays, and which cells take no value."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.chart import BarChart
from openpyxl.styles import Font, Protection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from contract.errors import StackError
from reports.statutory import form_filling
from reports.statutory.form_cell import FormCell, FormFigure
from reports.statutory.form_filling import YELLOW, FilledForm, filled
from reports.statutory.form_mapping import read_mapping
from reports.statutory.form_values import CellValue, UnknownCell
from tests.unit.kpis.builders import BOOK
from tests.unit.reports.port_of_years import PLAN, two_years
from tests.unit.reports.statutory.test_form_values import form

EXAMPLE = Path(__file__).parents[4] / "docs/forms"
MADE = date(2026, 11, 1)


def template(change: Callable[[Worksheet], object] = lambda sheet: None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "10表"
    sheet["A1"] = "合计"
    sheet["B2"].number_format = "#,##0"
    sheet["B2"].font = Font(bold=True)
    change(sheet)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def put(content: bytes, at: str = "B2", value: CellValue = 1234.5, sheet: str = "") -> FilledForm:
    return filled(content, "t.xlsx", {FormCell(sheet, at, FormFigure.TEU): value}, MADE)


def read(form_: FilledForm, sheet: str = "10表") -> Worksheet:
    return openpyxl.load_workbook(BytesIO(form_.content))[sheet]


def test_a_value_keeps_the_look_of_its_cell_and_all_else_stays() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.merge_cells("A3:B3")
        sheet.column_dimensions["A"].width = 33
        sheet.add_data_validation(DataValidation("whole", sqref="C9"))
        sheet["B9"] = "=B2*2"

    sheet = read(put(template(change)))

    assert sheet["B2"].value == 1234.5
    assert (sheet["B2"].number_format, sheet["B2"].font.bold) == ("#,##0", True)
    assert sheet["A1"].value == "合计"
    assert sheet["B9"].value == "=B2*2"
    assert [str(one) for one in sheet.merged_cells.ranges] == ["A3:B3"]
    assert sheet.column_dimensions["A"].width == 33
    assert len(sheet.data_validations.dataValidation) == 1


def test_the_same_values_give_the_same_bytes_without_a_clock() -> None:
    content = template()

    first, second = put(content), put(content)

    assert first == second
    with ZipFile(BytesIO(first.content)) as parts:
        assert {one.date_time for one in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_unknown_cell_is_empty_and_yellow_even_where_last_month_stood() -> None:
    """The form of last month as a template: its number must not stay."""
    old = template(lambda sheet: sheet.__setitem__("B2", 777))

    empty = put(old, value=UnknownCell("no weights"))

    assert read(empty)["B2"].value is None
    assert read(empty)["B2"].fill.fgColor.rgb == YELLOW
    known = put(empty.content, value=5.0)
    assert read(known)["B2"].value == 5
    assert read(known)["B2"].fill.fill_type is None


def test_a_date_has_a_format_of_its_own_unless_the_template_says_one() -> None:
    plain = read(put(template(), "C1", date(2026, 10, 1)))["C1"]
    said = template(lambda sheet: setattr(sheet["C1"], "number_format", 'yyyy"年"m"月"'))

    assert plain.is_date
    assert read(put(said, "C1", date(2026, 10, 1)))["C1"].number_format == 'yyyy"年"m"月"'


def test_a_name_that_looks_like_a_formula_is_a_text() -> None:
    cell = read(put(template(), "C1", "=1+1"))["C1"]

    assert (cell.value, cell.data_type) == ("=1+1", "s")


@pytest.mark.parametrize(
    ("change", "at", "said"),
    [
        (lambda sheet: sheet.merge_cells("B2:C3"), "C3", "inside the merged cells B2:C3; map B2"),
        (lambda sheet: sheet.__setitem__("B2", "=SUM(C1:C9)"), "B2", "formula =SUM(C1:C9); leav"),
        (
            lambda sheet: sheet.__setitem__("B2", "小计"),
            "B2",
            "holds the text '小计'; map the cell",
        ),
        (lambda sheet: sheet.protection.enable(), "B2", "locked in a protected sheet; map a cell"),
    ],
)
def test_a_cell_that_takes_no_value_is_named_with_what_to_do(
    change: Callable[[Worksheet], object], at: str, said: str
) -> None:
    with pytest.raises(StackError, match=r"^t\.xlsx: ") as raised:
        put(template(change), at)

    assert f"t.xlsx: {at}: " in str(raised.value)
    assert said in str(raised.value)


def test_an_unlocked_cell_of_a_protected_sheet_is_filled_and_the_sheet_stays_protected() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.protection.enable()
        sheet["B2"].protection = Protection(locked=False)

    sheet = read(put(template(change)))

    assert sheet["B2"].value == 1234.5
    assert sheet.protection.sheet


def test_a_wrong_sheet_is_told_with_the_ones_that_are_there() -> None:
    with pytest.raises(StackError, match="no sheet '10 表'; did you mean 10表"):
        put(template(), sheet="10 表")
    two = template(lambda sheet: sheet.parent.create_sheet("说明") if sheet.parent else None)
    with pytest.raises(StackError, match="names no sheet, the template has 10表, 说明"):
        put(two)


def test_all_cells_that_take_no_value_are_told_at_once() -> None:
    values: dict[FormCell, CellValue] = {
        FormCell(sheet, at, FormFigure.TEU): 1.0 for sheet, at in (("x", "A2"), ("10表", "A1"))
    }
    with pytest.raises(StackError) as raised:
        filled(template(), "t.xlsx", values, MADE)

    assert len(str(raised.value).splitlines()) == 2


def test_what_is_no_workbook_is_told_by_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_filling, "MOST_UNPACKED", 1 << 20)
    for content, said in (
        (b"\xd0\xcf\x11\xe0" + bytes(600), "locked with a password, or an old .xls"),
        (b"a,b\n1,2\n", "no .xlsx file"),
        (template()[:2000], "no .xlsx file"),
        (_zip({"readme.txt": b"x"}), "can't be read as a workbook"),
        (_zip({"xl/workbook.xml": bytes(2 << 20)}), "has more than 1 MiB unpacked"),
    ):
        with pytest.raises(StackError, match=said):
            put(content)


def _zip(parts: dict[str, bytes]) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", 8) as out:
        for name, part in parts.items():
            out.writestr(name, part)
    return content.getvalue()


def test_parts_that_are_lost_are_named() -> None:
    """openpyxl keeps charts, and drops macros."""
    charted = template(lambda sheet: sheet.add_chart(BarChart()))
    assert put(charted).lost == ()

    content = BytesIO(charted)
    with ZipFile(content, "a") as parts:
        parts.writestr("xl/vbaProject.bin", b"x")

    assert put(content.getvalue()).lost == ("macros",)


def test_the_example_of_the_documentation_is_filled() -> None:
    """October: 31 days of 495 TEU and 400 boxes, a quarter of the TEU discharged."""
    text = (EXAMPLE / "container-month.toml").read_text(encoding="utf-8")
    cells = read_mapping(text, "m", [one.code for one in BOOK.area[0].terminal])
    values = form("2026-10-31", *two_years(), PLAN)
    content = (EXAMPLE / "container-month.xlsx").read_bytes()

    sheet = read(
        filled(content, "t", {one: values.value(one) for one in cells}, MADE), "集装箱吞吐量"
    )

    assert [sheet[at].value for at in ("B2", "C6", "D6", "J6")] == [
        "通海港区",
        12_400,
        15_345,
        31 * 123.75,
    ]
    assert [sheet[at].value for at in ("E6", "D13", "K16")] == [None, None, None]
    # 1.5345, 1.395, 15.048, 13.68 and 13.53 万; +10.0 % each; 15.048 / 13.53 = 111.2 %
    assert [sheet[f"D{row}"].value for row in range(19, 27)] == pytest.approx(
        [1.53, 1.4, 10.0, 15.05, 13.68, 10.0, 13.53, 111.2]
    )
    assert sheet["D27"].value == "=D6/DAY(EOMONTH(E2,0))"
