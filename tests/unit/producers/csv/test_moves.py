"""Moves from CSV; expected values by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from contract.errors import Misconfigured, Reason
from contract.events import ContainerMoved, EquipmentEvent, Fill, Mode, MoveStatus
from producers.reading.outcome import Accepted, Form, ReadingTerms, Refused, Warned
from tests.unit.producers.imported import WRITTEN_AT, imported, outcomes, partner, terms

HEADER = "move,time,terminal,container,size,fill\n"


def read(text: str | bytes, said: ReadingTerms | None = None) -> list[ContainerMoved]:
    found = []
    for outcome in outcomes(Form.MOVES, text, said)[1:]:
        assert isinstance(outcome, Accepted), outcome
        assert isinstance(outcome.event, ContainerMoved)
        found.append(outcome.event)
    return found


def test_a_row_is_a_move() -> None:
    (event,) = read(HEADER + "LOAD,2026-03-01T08:00:00+08:00,THE,CSQU 305438-3,22G1,laden\n")

    assert event.time == datetime(2026, 3, 1, 0, tzinfo=UTC)
    assert event.recordedtime == WRITTEN_AT
    assert event.source == "/csv/moves"
    assert event.data.equipmentEventTypeCode is EquipmentEvent.LOAD
    assert event.data.equipmentReference == "CSQU3054383"
    assert event.data.emptyIndicatorCode is Fill.LADEN


def test_chinese_headers_words_and_times_in_the_partners_zone_are_read() -> None:
    text = (
        "箱号,作业时间,装卸,码头,尺寸,空重,运输方式,航次\n"
        "CSQU3054383,2026/3/1 8:05,卸船,ETCT,40HQ,空,驳船,V1\n"
    )

    (event,) = read(text.encode("gb18030"), terms(partner=partner("east")))

    assert event.time == datetime(2026, 3, 1, 0, 5, tzinfo=UTC)
    assert event.source == "/csv/east"
    assert event.data.equipmentEventTypeCode is EquipmentEvent.DISC
    assert event.data.facilityCode == "THE"
    assert event.data.emptyIndicatorCode is Fill.EMPTY
    assert event.data.transportCall is not None
    assert event.data.transportCall.modeOfTransport is Mode.BARGE
    assert event.data.transportCall.exportVoyageNumber == "V1"


def test_a_partners_headers_may_be_mapped() -> None:
    mapped = msgspec.structs.replace(
        partner("east"), columns={"OP": "move", "WHEN": "time", "WHERE": "terminal"}
    )

    (event,) = read("WHERE,OP,WHEN\nETCT,GTIN,2026-03-01 08:00\n", terms(partner=mapped))

    assert event.data.equipmentEventTypeCode is EquipmentEvent.GTIN


def test_sizes_as_trade_writes_them_give_the_right_teu(tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    # 20 ft 1, 40 ft 2, 45 ft 2.25, ISO's 45G1 is a 40 ft box 2, nothing: unknown
    sizes = ["20GP", "40HQ", "45HC", "45G1", ""]
    path.write_text(
        HEADER
        + "".join(
            f"LOAD,2026-03-0{n + 1}T08:00:00+08:00,THE,CSQU3054383,{size},F\n"
            for n, size in enumerate(sizes)
        )
    )

    done = imported([path])

    assert done.summary["moves"] == 5
    assert done.summary["teu"] == 7.25
    assert done.summary["flagged"] == {"unknown_size": 1, "total": 1}


def test_equal_rows_are_one_move_and_a_newer_record_amends(tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_text(
        "id,move,time,terminal,size,recorded\n"
        "a,LOAD,2026-03-01T08:00:00Z,THE,22G1,2026-03-02T00:00:00Z\n"
        "a,LOAD,2026-03-01T08:00:00Z,THE,22G1,2026-03-02T00:00:00Z\n"
        "a,LOAD,2026-03-01T08:00:00Z,THE,42G1,2026-03-03T00:00:00Z\n"
        "b,LOAD,2026-03-01T08:00:00Z,THE,22G1,2026-03-02T00:00:00Z\n"
        "b,LOAD,2026-03-01T08:00:00Z,THE,42G1,2026-03-02T00:00:00Z\n"
    )

    done = imported([path])

    assert (done.summary["moves"], done.summary["teu"]) == (2, 3)  # a: 2, b: 1
    assert done.summary["skipped"] == {"repeat": 1, "total": 1}
    assert done.summary["rejected"] == {"conflict": 1, "total": 1}


def test_a_row_may_retract() -> None:
    (event,) = read("id,move,time,terminal,status,撤销\na,LOAD,2026-03-01T08:00:00Z,THE,6,是\n")

    assert event.data.isRetracted
    assert event.data.moveStatus is MoveStatus.TRANSHIPMENT


@pytest.mark.parametrize(
    ("row", "reason", "says"),
    [
        ("LOAD,2026-03-01 08:00,THE,,,", Reason.NAIVE_TIME, "name the sender with --partner"),
        ("LOAD,2026-03-01,THE,,,", Reason.NAIVE_TIME, "is a day without a time of day"),
        ("LOAD,,THE,,,", Reason.MISSING_FIELD, "the time is missing"),
        (
            "LOAD,01/02/2026 08:00,THE,,,",
            Reason.BAD_VALUE,
            "may be 2026-01-02 or 2026-02-01; write the year first",
        ),
        ("LAOD,2026-03-01T08:00:00Z,THE,,,", Reason.UNKNOWN_CODE, "'LAOD'"),
        ("LOAD,2026-03-01T08:00:00Z,,,,", Reason.MISSING_FIELD, "the terminal is missing"),
        ("LOAD,2026-03-01T08:00:00Z,THE,,,?", Reason.UNKNOWN_CODE, "'?'"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_column(
    row: str, reason: Reason, says: str
) -> None:
    (refused,) = outcomes(Form.MOVES, HEADER + row + "\n")[1:]

    assert isinstance(refused, Refused)
    assert refused.reason is reason
    assert refused.at.startswith("line 2, ")
    assert says in refused.message


def test_a_missing_column_is_asked_for() -> None:
    with pytest.raises(Misconfigured, match="no column for time, terminal among move, x"):
        outcomes(Form.MOVES, "move,x\nLOAD,1\n")


def test_a_days_difference_of_zone_is_kept() -> None:
    (event,) = read(HEADER + "LOAD,2026-12-31T23:00:00-05:00,THE,,,\n")

    assert event.time - datetime(2027, 1, 1, tzinfo=UTC) == timedelta(hours=4)


def test_columns_that_nobody_reads_are_told_and_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("move,time,terminal,size,tons\nLOAD,2026-03-01T08:00:00+08:00,THE,22G1,-2\n")

    done = imported([path])

    # 20 ft: 1 TEU
    assert (done.summary["moves"], done.summary["teu"], done.exit_code) == (1, 1.0, 0)
    (warning,) = done.items("warning")
    assert warning["message"].startswith("not read: 'tons'; ")


def test_teu_below_nothing_are_refused_and_a_file_s_own_figure_counts_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "move,time,terminal,size,teu\n"
        "LOAD,2026-03-01T08:00:00+08:00,THE,22G1,-2\n"
        "LOAD,2026-03-01T09:00:00+08:00,THE,22G1,7\n"
    )

    done = imported([path])

    # the second: a 20 ft box, 1 TEU by its size
    assert (done.summary["moves"], done.summary["teu"], done.exit_code) == (1, 1.0, 1)
    (rejected,) = done.items("rejected")
    assert rejected["message"].startswith("'-2' TEU: a move takes none away; ")


@pytest.mark.parametrize(
    ("written", "on"),
    [
        ("2026/3/1 8:05", "2026-03-01"),
        ("2026年3月1日 08:05", "2026-03-01"),
        ("31/3/2026 08:05", "2026-03-31"),
    ],
)
def test_a_day_is_read_in_any_order_that_only_fits_once(written: str, on: str) -> None:
    (event,) = read(HEADER + f"LOAD,{written}+08:00,THE,,,\n".replace("8:05+", "8:05:00+"))

    assert event.time == datetime.fromisoformat(f"{on}T08:05:00+08:00")


def test_a_day_that_may_be_two_is_refused_with_both(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("move,time,terminal\nLOAD,03/04/2026 08:00:00+08:00,THE\n")

    done = imported([path])

    (rejected,) = done.items("rejected")
    assert "may be 2026-03-04 or 2026-04-03; write the year first" in rejected["message"]


@pytest.mark.parametrize(
    "clock", ["08.05", "08-05", "8.05", "08+05", "08.05.30", "08", "T08.05Z", "24:00", "08:05.5"]
)
def test_a_clock_without_colons_is_refused_and_not_taken_for_a_fraction(clock: str) -> None:
    # Python reads 08.05 as 08:00:00.05, and 08-05 as 08:00 at five hours west
    text = f"{HEADER}LOAD,2026-03-01 {clock},THE,CSQU3054383,22G1,laden\n"

    (outcome,) = outcomes(Form.MOVES, text, terms(partner=partner("east")))[1:]

    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.BAD_VALUE


def test_an_id_that_a_program_shortened_is_refused() -> None:
    # 123457000001 and 123457000002 are both shown as 1.23457E+11
    text = (
        "id,move,time,terminal,container,size\n"
        "1.23457E+11,LOAD,2026-03-01T08:00:00+08:00,THE,CSQU3054383,22G1\n"
    )

    (outcome,) = outcomes(Form.MOVES, text)[1:]

    assert isinstance(outcome, Refused)
    assert "save the column as text" in outcome.message


def test_a_column_of_teu_costs_no_move_however_its_numbers_are_written(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(
        "move;time;terminal;container;size;teu\n"
        "DISC;2026-03-05T02:12:00+08:00;THE;CSQU3054383;22G1;1,0\n"
        "DISC;2026-03-06T02:12:00+08:00;THE;CSQU3054383;L5G1;2,25\n"
        "DISC;2026-03-07T02:12:00+08:00;THE;CSQU3054383;22G1;-\n"
        "DISC;2026-03-08T02:12:00+08:00;THE;CSQU3054383;22G1;-1,0\n"
    )

    done = imported([path], terms())

    # 1 + 2.25 + 1 by the sizes; the last row takes a TEU away
    assert (done.summary["moves"], done.summary["teu"], done.exit_code) == (3, 4.25, 1)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_known_by_its_delimiters(encoding: str, tmp_path: Path) -> None:
    # 一 is U+4E00: its zero byte stands where ASCII has none
    text = (
        "一船名,作业类型,作业时间,码头,箱号,箱型\n"
        "远一,卸船,2026-03-05 02:12,ETCT,CSQU3054383,22G1\n"
    )
    path = tmp_path / "m.csv"
    path.write_bytes(text.encode(encoding))

    done = imported([path], terms(partner=partner("east")))

    assert (done.summary["moves"], done.summary["teu"]) == (1, 1.0)


def test_a_cell_under_no_header_is_named() -> None:
    # Excel ends each row with the same number of commas
    text = f"{HEADER.strip()},,\nLOAD,2026-03-01T08:00:00+08:00,THE,CSQU3054383,22G1,laden,x,\n"

    *_, warned, accepted = outcomes(Form.MOVES, text)

    assert isinstance(warned, Warned)
    assert (warned.at, warned.message) == ("line 2", "not read: 'x'; under no header")
    assert isinstance(accepted, Accepted)


def test_a_line_end_of_another_system_is_named() -> None:
    row = "LOAD,2026-03-01T08:00:00+08:00,THE,CSQU3054383,22G1,laden"

    (outcome,) = outcomes(Form.MOVES, f"{HEADER}{row}\r{row}\n")[1:]

    assert isinstance(outcome, Refused)
    assert "line end of another kind" in outcome.message
