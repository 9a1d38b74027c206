"""Excel workbooks as the files that people send; expected text by hand from the cells."""

import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from contract.errors import Rejected
from contract.events import IndicatorReported, ProjectRegistered
from producers.reading.outcome import ReadingTerms
from producers.reading.workbook import SheetStream
from tests.unit.producers.cases import BOOK
from tests.unit.producers.imported import imported

MOMENT = datetime.fromisoformat("2026-03-05T02:12")  # cells have no time zone
JANUARY = datetime.fromisoformat("2019-01-01")
HEADER = ("move", "time", "terminal", "container", "size", "fill", "voyage")


def workbook(rows: list[tuple[Any, ...]], formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cell, shown in (formats or {}).items():
        sheet[cell].number_format = shown
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def text(raw: bytes, sheet: str | None = None) -> str:
    stream, read = SheetStream(io.BytesIO(raw), sheet), b""
    while chunk := stream.read(10):
        read += chunk
    return read.decode()


def test_cells_are_what_they_are() -> None:
    raw = workbook(
        [
            ("a", 20, 20.0, 12.5, 0.1, True, None, "x,y"),
            (
                date(2026, 3, 5),
                MOMENT,
                time(2, 12),
                1e15,
                -3,
                "１２",
                "a\nb",
            ),
        ]
    )

    assert text(raw) == (
        'a,20,20,12.5,0.1,true,,"x,y"\n'
        "2026-03-05,2026-03-05 02:12:00,02:12:00,1000000000000000,-3,１２,a b\n"
    )


def test_a_cell_that_shows_a_month_or_a_share_is_that() -> None:
    first = JANUARY
    formats = {"A1": "yyyy-mm", "B1": "mmm-yy", "C1": "yyyy", "D1": 'yyyy"年"m"月"', "E1": "0.0%"}

    raw = workbook([(first, first, first, first, 0.035, first)], formats | {"F1": "d/m/yyyy"})

    assert text(raw) == "2019-01,2019-01,2019,2019-01,3.5%,2019-01-01\n"


def test_seconds_are_whole_although_excel_counts_in_fractions_of_a_day() -> None:
    # 2:12 is 132 / 1440 = 0.091666… of a day; 46086 is 5 March 2026
    raw = workbook([(46086.0916666666,)], {"A1": "yyyy-mm-dd hh:mm"})

    assert text(raw) == "2026-03-05 02:12:00\n"


def test_a_row_keeps_its_number_though_rows_above_are_empty() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["B4"] = "x"

    assert text(saved(book)).split("\n")[3] == ",x"


def test_a_formula_that_was_never_computed_is_shown_and_not_empty() -> None:
    assert text(workbook([("=1+1", 5)])) == "=1+1,5\n"


def test_a_wrong_range_hides_no_cells() -> None:
    raw = workbook([("a", "b"), ("c", "d")])
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info, data.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1"'))
    assert changed.getvalue() != raw

    assert text(changed.getvalue()) == "a,b\nc,d\n"


def test_the_first_visible_sheet_is_read_or_that_of_a_name() -> None:
    book = openpyxl.Workbook()
    hidden, second, third = book.active, book.create_sheet("二"), book.create_sheet("三")
    assert hidden is not None
    hidden.sheet_state = "hidden"
    for sheet, word in ((hidden, "h"), (second, "s"), (third, "t")):
        sheet["A1"] = word
    raw = saved(book)

    assert text(raw) == "s\n"
    assert text(raw, "三") == "t\n"
    assert SheetStream(io.BytesIO(raw), None).warning.startswith(
        "sheet '二' is read; not read: 'Sheet', '三'"
    )
    with pytest.raises(Rejected, match=r"no sheet '四'; there is 'Sheet', '二', '三'"):
        text(raw, "四")


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    raw = workbook([HEADER] + [("DISC",) * 7] * 500)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        cut = archive.read("xl/worksheets/sheet1.xml")[:-100]
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(broken, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, cut if "sheet1" in info.filename else old.read(info))

    with pytest.raises(Rejected, match="this Excel workbook can't be read"):
        text(broken.getvalue())


def test_moves_of_a_workbook_count(tmp_path: Path) -> None:
    path = tmp_path / "moves.xlsx"
    at = MOMENT
    path.write_bytes(
        workbook(
            [
                ("通海港区作业明细表",),
                HEADER,
                ("DISC", at, "NTQT1", "ZZQU0000014", "22G1", "LADEN", "031E"),
                ("LOAD", at, "NTQT1", "ZZQU0000020", 4310, "EMPTY", "031E"),
                ("LOAD", "soon", "NTQT1", "ZZQU0000035", "45G1", "EMPTY", "031E"),
            ]
        )
    )

    found = imported([path], ReadingTerms(BOOK, BOOK.partner[0]), book=BOOK)

    assert (found.summary["moves"], found.summary["teu"]) == (2, 3)  # 20 ft 1, 40 ft 2
    assert found.moves[0].time.isoformat() == "2026-03-05T02:12:00+08:00"
    (rejected,) = found.items("rejected")
    assert rejected["at"] == "line 5, time"
    assert b"ZZQU0000035" in (found.letters[0].value or b"")


def test_figures_and_projects_of_a_workbook_count(tmp_path: Path) -> None:
    figures, projects = tmp_path / "figures.xlsx", tmp_path / "projects.xlsx"
    figures.write_bytes(
        workbook(
            [
                ("month", "throughput (TEU)", "growth (%)"),
                (JANUARY, 826.667, 0.035),
            ],
            {"A2": "yyyy-mm", "C2": "0.0%"},
        )
    )
    projects.write_bytes(
        workbook(
            [
                ("项目名称", "投资额\n(亿元)", "签约日期", "产业集群", "功能区"),
                ("甲", 2.5, datetime.fromisoformat("2026-03-01"), "海工装备", "滨江"),
            ]
        )
    )

    found = imported([figures, projects], ReadingTerms(BOOK, scope="x"), book=BOOK)

    values = [
        (e.data.period, e.data.value) for e in found.events if isinstance(e, IndicatorReported)
    ]
    assert values == [("2019-01", Decimal("826.667")), ("2019-01", Decimal("3.5"))]
    (project,) = [e.data for e in found.events if isinstance(e, ProjectRegistered)]
    assert (int(project.value.amount), project.signed) == (250_000_000, date(2026, 3, 1))
    assert found.exit_code == 0


@pytest.mark.parametrize("shown", ["#,##0,", "0.0,,", '#,##0.0,"K"', "0!.0,", "[Red]#,##0,;0"])
def test_a_number_that_is_shown_in_thousands_is_no_plain_number(
    shown: str, tmp_path: Path
) -> None:
    # the cell holds 826667 and shows 827: under "thousand TEU" it may mean either
    raw = workbook([("period", "teu"), ("2019", 826667)], {"B2": shown})
    path = tmp_path / "x.xlsx"
    path.write_bytes(raw)

    done = imported([path], ReadingTerms(BOOK, scope="x", unit="thousand TEU"), book=BOOK)

    assert text(raw).splitlines()[1] == "2019,826667 (shown in thousands)"
    assert done.summary["rejected"] == {"bad_value": 1, "total": 1}


@pytest.mark.parametrize("shown", ["#,##0", "#,##0.00", '0","', "#,##0_);(#,##0)", "General"])
def test_a_mark_between_thousands_scales_nothing(shown: str) -> None:
    assert text(workbook([("a",), (826667,)], {"A2": shown})).splitlines()[1] == "826667"


def test_a_cell_that_shows_the_name_of_a_month_alone_is_that_month() -> None:
    raw = workbook([("a",), (JANUARY,)], {"A2": "mmmm"})

    assert text(raw).splitlines()[1] == "2019-01"
