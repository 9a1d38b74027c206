"""Questions and statements that mean nothing, and records of others that would do harm."""

import csv
import io
import json
from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from msgspec.structs import replace
from rich.console import Console

from contract.events import ContainerMoved, TransportCall, Vessel
from register.store import RegisterStore
from stack.explaining.agreement import Agreement
from stack.explaining.answer_table import AnswerTable
from tests.unit.ledger.records import BOOK, NOW, moved, topic
from tests.unit.stack.command_line import Done, quaymark

ROOT = Path(__file__).parents[4]
NO_TEXT = "\udcff"  # how Python gives the byte FF of a command line
MARCH = ("--terminal", "THE", "--period", "2026-03")


def of_ship(name: str, event: ContainerMoved) -> ContainerMoved:
    call = TransportCall(vessel=Vessel(vesselName=name), exportVoyageNumber="V1")
    return replace(event, data=replace(event.data, transportCall=call))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Boxes of 20 ft of two ships, a restow, and a move planned for the end of the year 9999."""
    folder = tmp_path_factory.mktemp("quaymark")
    far = moved("far", "9999-12-31T23:59:59+00:00", classifier="EST")
    ships = [
        of_ship("A_B", moved("a")),
        of_ship("AXB", moved("b")),
        of_ship("RESTOWER", moved("r", status=5, number="CSQU0000018")),
    ]
    RegisterStore(folder / "register", BOOK).add({0: topic([*ships, far])})
    return folder


def ask(folder: Path, *line: str) -> Done:
    environ = {"QUAYMARK_FOLDER": str(folder), "COLUMNS": "200"}
    return quaymark((*line, "--no-update"), ROOT, environ)


def test_a_ship_is_found_by_its_name_not_by_a_pattern(folder: Path) -> None:
    assert ask(folder, "find", "--vessel", "a_b").stdout.startswith("1 records of vessel a_b")
    assert ask(folder, "find", "--vessel", "%").stdout.startswith("no record of vessel %")


def test_more_records_than_memory_should_hold_are_found_alike(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> tuple[str, str]:
        file = tmp_path / "found.csv"
        done = ask(folder, "find", "CSQU3054383", "--csv", str(file))
        return done.stdout, file.read_text("utf-8")

    at_once = found()
    monkeypatch.setattr("stack.verbs.figures.find.MOST_AT_ONCE", 1)

    assert found() == at_once
    # a and b count; the planned one is in no sum, and the restow is another box
    assert at_once[0].startswith("3 records of container CSQU3054383, of which 2 count now")


def test_a_record_of_the_last_second_of_the_calendar_is_shown(folder: Path) -> None:
    answer = json.loads(ask(folder, "find", "--event-id", "far", "--json").stdout)

    assert answer["records"][0]["event_time"].startswith("9999-12-31T")
    assert answer["records"][0]["reason"] == "not_actual"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (("find", NO_TEXT), "is not UTF-8"),
        (("find", " "), "it is empty"),
        (("explain", "--source", NO_TEXT), "is not UTF-8"),
        (("explain", "--on", "2026-03-01", "--period", "2026-03"), "2026-03-01 and 2026-03 are"),
        (("explain", "--between", "0001-01-01T00:00+14:00", "2026-03-01"), "no instant"),
        (("reconcile", "same.csv", *MARCH, "--window", "nan"), "--window nan"),
        (("reconcile", "same.csv", *MARCH, "--vessel", NO_TEXT), "is not UTF-8"),
    ],
)
def test_what_means_nothing_is_wrong_use(folder: Path, line: tuple[str, ...], says: str) -> None:
    done = ask(folder, *line)

    assert done.returncode == 2
    assert says in done.stderr


def test_now_has_what_came_by_a_clock_that_is_ahead_of_ours(tmp_path: Path) -> None:
    year_3000 = NOW + timedelta(days=365 * 974)
    headers = (("quaymark-sent-again", str(round(year_3000.timestamp() * 1000)).encode()),)
    records = [one._replace(headers=headers) for one in topic([moved("a")])]
    RegisterStore(tmp_path / "register", BOOK).add({0: records})

    done = ask(tmp_path, "explain")  # the books have it, so the present has it, too

    assert done.stdout.startswith("1.00 TEU as of 29")
    assert done.stdout.splitlines()[0].endswith("+08:00")  # the port's time


def statement(
    folder: Path, *rows: str, header: str = "move,time,terminal,container,size,teu"
) -> str:
    path = folder / "statement.csv"
    path.write_text("\n".join((header, *rows, "")), "utf-8")
    return str(path)


ROW = "LOAD,2026-03-01T08:00:00+08:00,THE,CSQU3054383,22G1,"


@pytest.mark.parametrize("teu", ["10.01", "21474836.48", "99999999999"])
def test_a_move_of_more_teu_than_a_container_has_is_a_line_that_can_not_be_read(
    folder: Path, tmp_path: Path, teu: str
) -> None:
    done = ask(folder, "reconcile", statement(tmp_path, ROW, ROW + teu), *MARCH)

    assert done.returncode == 1
    assert f"line 3: bad_value: '{teu}' TEU are no single container" in done.stdout


@pytest.mark.parametrize("amount", ["1000000000001", "1e50", "99999999999999999999"])
def test_a_total_beyond_all_ports_of_the_world_is_a_line_that_can_not_be_read(
    folder: Path, tmp_path: Path, amount: str
) -> None:
    lines = statement(tmp_path, "2026-03-01,2.50", f"2026-03-02,{amount}", header="day,teu")
    done = ask(folder, "reconcile", lines, *MARCH)

    assert done.returncode == 1
    # ours are a and b, of 1.00 each
    assert done.stdout.splitlines()[:3] == [
        "           2.50  TEU by the statement",
        "           2.00  TEU by our books",
        "          +0.50  difference, by 1 causes:",
    ]
    assert f"line 3, teu: bad_value: '{amount}' is more than any port has handled" in done.stdout


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_totals_of_the_ends_of_the_calendar_are_compared(
    folder: Path, tmp_path: Path, day: str
) -> None:
    lines = statement(tmp_path, f"{day},1.00", header="day,teu")
    done = ask(folder, "reconcile", lines, "--terminal", "THE", "--on", day)

    assert done.returncode == 0
    assert "+1.00  only_theirs (1)" in done.stdout


def test_a_ship_that_neither_side_has_is_wrong_use(folder: Path, tmp_path: Path) -> None:
    lines = statement(tmp_path, ROW)
    done = ask(folder, "reconcile", lines, "--terminal", "THE", "--vessel", "A%")

    assert done.returncode == 2
    assert "neither the statement nor our books have a move of A%" in done.stderr


def test_a_ship_of_restows_alone_is_no_unknown_ship(folder: Path, tmp_path: Path) -> None:
    header = "move,time,terminal,container,size,status"
    same = statement(tmp_path, f"{ROW[:-1].replace('3054383', '0000018')},5", header=header)
    restows = ask(folder, "reconcile", same, "--terminal", "THE", "--vessel", "restower")
    assert restows.returncode == 0  # both have 0 TEU of it
    assert "every record is the same" in restows.stdout


def test_a_form_that_does_not_exist_is_told_without_the_readers_usage(
    folder: Path, tmp_path: Path
) -> None:
    done = ask(folder, "reconcile", statement(tmp_path, ROW), *MARCH, "--format", "odd")

    assert done.returncode == 2
    assert done.stderr.startswith("error: Invalid value for '--format': 'odd' is not one of")


def test_a_figure_that_changes_while_it_is_compared_is_said_to(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = statement(tmp_path, ROW)
    monkeypatch.setattr("stack.explaining.following.running_broker", lambda *_: nullcontext())
    monkeypatch.setattr("stack.explaining.following.bring_up_to_date", lambda *_: 0)
    agreed = Agreement(Decimal(3), Decimal(3))  # ours were a and b, of 1.00 each
    monkeypatch.setattr("stack.verbs.figures.reconcile.agreement", lambda *_: agreed)
    line = ("reconcile", lines, *MARCH)
    done = quaymark(line, ROOT, {"QUAYMARK_FOLDER": str(folder), "COLUMNS": "200"})

    assert done.returncode == 0
    assert "our figure became 3 while it was compared" in done.stdout


def test_the_answer_is_not_written_over_the_statement(folder: Path, tmp_path: Path) -> None:
    lines = statement(tmp_path, ROW)
    done = ask(folder, "reconcile", lines, *MARCH, "--csv", str(tmp_path / "." / "statement.csv"))

    assert done.returncode == 2
    assert "is the statement itself: name another file" in done.stderr
    assert ROW in Path(lines).read_text("utf-8")


def table(*values: Any) -> AnswerTable:
    return AnswerTable(("name",), [(value,) for value in values])


def test_a_name_steers_no_terminal_and_is_shown_as_it_is() -> None:
    out = io.StringIO()
    table("\x1b[2J\x07\u202e", ":ship: [red]").show(Console(file=out))

    assert r"\x1b[2J\x07\u202e" in out.getvalue()
    assert ":ship: [red]" in out.getvalue()
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("first", "=+-@\t\r\n＝＋－＠")
def test_no_text_of_a_csv_file_begins_a_formula(first: str) -> None:
    name = f"{first}cmd|' /C calc'!A1"
    made = table(name).as_csv().decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(made, newline=""))) == [["name"], [f"'{name}"]]


@pytest.mark.parametrize(
    "line", [("explain",), ("find", "CSQU3054383"), ("reconcile", "LINES", *MARCH)]
)
def test_a_register_that_was_not_made_yet_is_no_empty_port(
    tmp_path: Path, line: tuple[str, ...]
) -> None:
    lines = statement(tmp_path, ROW)
    done = ask(tmp_path, *(lines if word == "LINES" else word for word in line))

    assert "`quaymark register update` has not read it yet" in done.stdout


def test_a_value_beyond_all_measure_ends_with_an_ellipsis_and_cuts_no_number() -> None:
    columns = tuple(f"name {at}" for at in range(12))
    answer = AnswerTable((*columns, "teu"), [(*("x" * 40_000 for _ in columns), Decimal("2.25"))])
    out = io.StringIO()
    answer.show(Console(file=out))

    [_, line] = out.getvalue().splitlines()
    assert line.split() == [*["x" * 199 + "…"] * 12, "2.25"]
    strings = ZipFile(io.BytesIO(answer.as_workbook())).read("xl/sharedStrings.xml").decode()
    assert f">{'x' * 32_766}…<" in strings
