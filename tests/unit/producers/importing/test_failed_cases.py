"""Tables and JSON that were once counted wrong; expected values by hand from the files."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contract.events import IndicatorReported, Project, ProjectRegistered
from producers.reading.outcome import ReadingTerms
from tests.unit.producers.cases import BOOK, case
from tests.unit.producers.imported import Imported, imported

ZONE: dict[str, Any] = {"cluster": "offshore", "functional_area": "riverside"}
FIGURES: dict[str, Any] = {"scope": "x", "unit": "TEU"}


def figures(found: Imported) -> dict[str, Decimal]:
    """period -> value"""
    return {
        event.data.period: event.data.value
        for event in found.events
        if isinstance(event, IndicatorReported)
    }


def projects(found: Imported) -> list[Project]:
    return [event.data for event in found.events if isinstance(event, ProjectRegistered)]


def test_a_footnote_mark_is_no_digit_of_the_figure() -> None:
    found = case("footnote.csv", **FIGURES)

    assert figures(found) == {}
    (rejected,) = found.items("rejected")
    assert (rejected["at"], rejected["reason"]) == ("line 2, teu", "bad_value")
    assert found.letters[0].value == "month,teu\n2019-01,826667¹\n".encode()


def test_a_point_that_may_separate_thousands_is_refused() -> None:
    found = case("point-thousands.csv", **FIGURES)

    assert figures(found) == {"2019-02": Decimal("12.5")}
    assert found.summary["rejected"] == {"bad_value": 1, "total": 1}
    assert "may be 826667 or 826.667" in found.items("rejected")[0]["message"]


def test_one_name_for_several_columns_is_refused() -> None:
    found = case("columns.csv", indicator="container_throughput", **FIGURES)

    assert found.exit_code == 2
    assert figures(found) == {}
    assert "figures in imports, empty, total" in found.items("rejected")[0]["message"]


def test_several_columns_are_indicators_by_their_headers() -> None:
    found = case("columns.csv", **FIGURES)

    values = {
        e.data.indicator: e.data.value for e in found.events if isinstance(e, IndicatorReported)
    }
    assert values == {"imports": 100, "empty": 50, "total": 150}


@pytest.mark.parametrize("indicator", ["container_throughput", None])
def test_a_column_of_remarks_is_named_and_not_read(indicator: str | None) -> None:
    found = case("remarks.csv", indicator=indicator, **FIGURES)

    assert figures(found) == {"2018-01": Decimal("808728.5")}
    assert found.exit_code == 0
    assert "not read: 'how'" in found.items("warning")[0]["message"]


@pytest.mark.parametrize("cell", ["published", "see page 3", "n/a", "n.a.", "暂估", "-"])
def test_a_column_of_words_has_no_figures_whatever_it_is_called(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"month,teu,quality\n2018-01,5,{cell}\n2018-02,6,\n")

    found = imported([path], ReadingTerms(BOOK, indicator="teu", **FIGURES), book=BOOK)

    assert figures(found) == {"2018-01": 5, "2018-02": 6}
    assert found.exit_code == 0


def test_a_column_with_one_damaged_figure_is_no_column_of_words(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("month,teu,empty\n2018-01,5,3¹\n", encoding="utf-8")

    found = imported([path], ReadingTerms(BOOK, **FIGURES), book=BOOK)

    assert found.summary["counted"] == 1
    assert found.summary["rejected"] == {"bad_value": 1, "total": 1}


def test_an_open_quote_costs_its_line_alone() -> None:
    found = case("unclosed-quote.csv")

    assert (found.summary["moves"], found.summary["teu"]) == (8, 8)
    (rejected,) = found.items("rejected")
    assert rejected["at"] == "line 2"
    assert b"ZZQU0000816" in (found.letters[0].value or b"")
    assert found.exit_code == 1


def test_gb18030_behind_64_kb_of_ascii_is_read(tmp_path: Path) -> None:
    row = "DISC,2026-03-05T02:12:00+08:00,NTQT1,ZZQU{:07d},22G1,LADEN,031E,{}\n"
    rows = "".join(row.format(number, "RIVER PEARL") for number in range(1199))
    text = (
        "move,time,terminal,container,size,fill,voyage,vessel\n" + rows + row.format(50000, "长江")
    )
    assert len(text) > 80_000
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode("gb18030"))

    found = imported([path], ReadingTerms(BOOK, BOOK.partner[0]), book=BOOK)

    assert (found.summary["moves"], found.summary["teu"]) == (1200, 1200)
    assert found.exit_code == 0
    call = found.moves[-1].data.transportCall
    assert call is not None
    assert call.vessel is not None
    assert call.vessel.vesselName == "长江"


@pytest.mark.parametrize(
    ("name", "moves", "warnings"),
    [("sep-line.csv", 1, 0), ("title-row.csv", 1, 1), ("cr-only.csv", 2, 0)],
)
def test_what_excel_writes_is_read(name: str, moves: int, warnings: int) -> None:
    found = case(name)

    assert (found.summary["moves"], found.summary["teu"]) == (moves, moves)
    assert found.summary["warnings"] == warnings
    assert found.exit_code == 0


def test_a_header_cell_of_two_lines_names_its_column() -> None:
    (project,) = projects(case("header-break.csv"))

    assert (project.title, int(project.value.amount)) == ("甲", 250_000_000)  # 2.5 × 100,000,000
    assert project.signed == date(2026, 3, 1)


def test_utf_16_is_read_in_json_too() -> None:
    found = case("utf16.json")

    assert (found.summary["moves"], found.summary["teu"]) == (1, 1)
    assert found.exit_code == 0


def test_an_instant_is_a_day_of_the_ports_zone() -> None:
    (project,) = projects(case("midnight.json", **ZONE))

    assert project.signed == date(2026, 1, 1)  # 16:00Z is midnight of the next day in Shanghai


def test_an_amendment_without_a_date_of_its_own_amends() -> None:
    found = case("amended.json", **ZONE)

    assert [project.value.amount for project in projects(found)] == [90_000_000, 120_000_000]
    assert {project.signed for project in projects(found)} == {date(2026, 2, 1)}
    assert found.summary["amended"] == 1
    assert found.exit_code == 0


def test_an_amount_without_a_currency_is_refused() -> None:
    found = case("no-currency.json", **ZONE)

    assert projects(found) == []
    (rejected,) = found.items("rejected")
    assert rejected["reason"] == "missing_field"
    assert "without a currency" in rejected["message"]
    assert b'"amount": 90000000' in (found.letters[0].value or b"")


def test_codes_are_read_in_either_letter_case() -> None:
    found = case("pote.json")

    assert (found.summary["moves"], found.summary["teu"]) == (1, 1)
    assert found.summary["uncounted"] == {"total": 0}


def test_a_dcsa_time_without_an_offset_is_in_the_partners_zone() -> None:
    found = case("naive.json", partner="qitong")

    (move,) = found.moves
    assert move.time == datetime(2026, 3, 5, 2, 12, tzinfo=timezone(timedelta(hours=8)))
    assert move.time == datetime(2026, 3, 4, 18, 12, tzinfo=UTC)
    assert found.summary["teu"] == 1


def test_a_dcsa_time_without_an_offset_or_a_partner_is_refused_with_the_way_out() -> None:
    (rejected,) = case("naive.json").items("rejected")

    assert rejected["reason"] == "naive_time"
    assert "--partner" in rejected["message"]


def test_a_null_in_a_list_of_events_costs_itself_alone() -> None:
    found = case("null-in-list.json")

    assert (found.summary["moves"], found.summary["teu"]) == (3, 3)
    (rejected,) = found.items("rejected")
    assert (rejected["at"], rejected["message"]) == ("$[1]", "found 'null', expected an object")
    assert [letter.value for letter in found.letters] == [b"null"]
    assert found.exit_code == 1
