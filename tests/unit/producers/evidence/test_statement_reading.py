"""A statement is read as an import reads its files, and nothing in it is lost without a word."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from xlsxwriter import Workbook

from contract.book import Partner
from contract.errors import Misconfigured
from contract.evidence.statement import (
    StatedMove,
    StatedRetraction,
    StatedTotal,
    StatementEnd,
    StatementLine,
    StatementNote,
    UnreadLine,
)
from contract.wire import encode
from producers.evidence.statement_reading import StatementReading
from producers.reading.input_files import files_of
from producers.reading.outcome import Form, ReadingTerms
from tests.unit.ledger.records import BOOK, moved, retracted

NOW = datetime(2026, 9, 1, tzinfo=UTC)
HEADER = "move,time,terminal,container,size,fill,teu\n"
LOCAL = Partner(name="thc", time_zone="Asia/Shanghai", terminals={"C1": "THE"})


def lines(
    path: Path, text: str | bytes, partner: Partner | None = None, form: Form | None = None
) -> list[StatementLine]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    reading = StatementReading(ReadingTerms(book=BOOK, partner=partner), form, NOW)
    found: Iterator[StatementLine] = reading.lines(files_of((str(path),)))
    return list(found)


def test_moves_keep_their_place_their_own_teu_and_equal_rows(tmp_path: Path) -> None:
    row = "LOAD,2026-08-03T08:00:00+08:00,THE,csqu 305438-3,45HC,F,2.00\n"
    path = tmp_path / "august.csv"
    first, second, end = lines(path, HEADER + row + row)
    assert isinstance(first, StatedMove)
    assert isinstance(second, StatedMove)
    assert (first.at, second.at) == (f"{path}, line 2", f"{path}, line 3")
    assert (first.container, first.iso_code, first.hundredths) == ("CSQU3054383", "45HC", 200)
    assert (first.event_id, first.fill, first.kind) == ("", "LADEN", None)
    assert end == StatementEnd({})


def test_a_time_without_zone_is_unread_unless_the_partner_is_named(tmp_path: Path) -> None:
    text = HEADER + "LOAD,2026-08-03 08:00,C1,CSQU3054383,22G1,F,\n"
    unread = lines(tmp_path / "a.csv", text)[0]
    assert isinstance(unread, UnreadLine)
    assert unread.reason == "naive_time"
    assert "--partner" in unread.message
    move = lines(tmp_path / "a.csv", text, LOCAL)[0]
    assert isinstance(move, StatedMove)
    assert (move.terminal, move.time) == ("THE", datetime(2026, 8, 3, 0, 0, tzinfo=UTC))


def test_what_is_no_throughput_by_its_own_word_is_counted_apart(tmp_path: Path) -> None:
    text = (
        "move,time,terminal,container,classifier,status\n"
        "LOAD,2026-08-03T08:00:00+08:00,THE,CSQU3054383,PLN,\n"
        "DISC,2026-08-03T08:00:00+08:00,THE,CSQU3054383,,7\n"
        "DISC,2026-08-03T08:00:00+08:00,THE,CSQU3054383,,5\n"
    )
    move, end = lines(tmp_path / "a.csv", text)
    assert isinstance(move, StatedMove)
    assert move.kind == "restow"
    assert end == StatementEnd({"not_actual": 1, "shortlanded": 1})


def test_events_keep_their_ids_and_retractions(tmp_path: Path) -> None:
    text = b"\n".join(encode(event) for event in (moved("a"), retracted("a")))
    move, retraction, _ = lines(tmp_path / "a.json", text)
    assert isinstance(move, StatedMove)
    assert isinstance(retraction, StatedRetraction)
    assert move.event_id == retraction.event_id == "/tonghai/THE a"


def test_totals_have_days_months_or_ships_in_any_words(tmp_path: Path) -> None:
    text = (
        "日期,空重,作业类型,尺寸,标箱,箱量\n"
        '2026年8月,空,装,40,"1,234.50",600\n'
        "2026-08-03,重,卸,22G1,12,12\n"
        "合计,,,,1246.5,612\n"
    )
    month, day, unread, _ = lines(tmp_path / "a.csv", text)
    assert isinstance(month, StatedTotal)
    assert isinstance(day, StatedTotal)
    assert (month.first, month.last) == (date(2026, 8, 1), date(2026, 8, 31))
    assert (month.move, month.fill, month.size_feet) == ("LOAD", "EMPTY", "40")
    assert (month.hundredths, month.moves) == (123450, 600)
    assert (day.first, day.last, day.size_feet) == (date(2026, 8, 3), date(2026, 8, 3), "20")
    assert isinstance(unread, UnreadLine)
    assert "no period" in unread.message


def test_totals_of_ships_come_from_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "ships.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("vessel", "voyage", "TEU", "remarks"))
        sheet.write_row(1, 0, ("EVER GOOD", "031E", 812.25, "late"))
    note, total, _ = lines(path, path.read_bytes())
    assert isinstance(note, StatementNote)
    assert "remarks" in note.message
    assert isinstance(total, StatedTotal)
    assert (total.vessel, total.voyage, total.hundredths) == ("EVER GOOD", "031E", 81225)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("a,b\n1,2\n", "neither EDIFACT, JSON nor a CSV with a known header"),
        ("%PDF-1.7", "this is a PDF"),
    ],
)
def test_what_is_no_statement_is_one_unread_line(tmp_path: Path, text: str, said: str) -> None:
    unread, end = lines(tmp_path / "a.csv", text)
    assert isinstance(unread, UnreadLine)
    assert said in unread.message
    assert isinstance(end, StatementEnd)


def test_a_file_of_projects_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="read as projects, which holds neither moves nor"):
        lines(tmp_path / "a.csv", "month,value\n", form=Form.PROJECTS)


def test_lines_come_back_from_json_as_they_were(tmp_path: Path) -> None:
    row = "LOAD,2026-08-03T08:00:00+08:00,THE,CSQU3054383,45HC,F,2.00\n"
    for line in lines(tmp_path / "a.csv", HEADER + row):
        assert msgspec.json.decode(msgspec.json.encode(line), type=StatementLine) == line
