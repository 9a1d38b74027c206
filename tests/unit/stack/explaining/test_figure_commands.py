"""`quaymark explain` and `find` on a register that is there, without Kafka."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from contract.errors import StackError
from register.store import RegisterStore
from stack.explaining.answer_table import AnswerTable
from stack.explaining.record_table import FetchedRows
from tests.unit.ledger.records import BOOK, NOW, moved, retracted, topic
from tests.unit.stack.command_line import Done, quaymark

ROOT = Path(__file__).parents[4]
Ask = Callable[..., Done]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of two days: 20, 40 and 45 ft at THE on the first, noon of 10 March in Shanghai.

    A day later the box of 40 ft is withdrawn, that of 45 ft turns out to be one of 20 ft, and a
    box of 20 ft comes for THC.  One came in at the gate.
    """
    folder = tmp_path_factory.mktemp("quaymark")
    store = RegisterStore(folder / "register", BOOK)
    first = topic(
        [
            *(moved("a"), moved("b", size="45G1"), moved("c", size="L5G1")),
            *(moved("x", size="2"), moved("g", event="GTIN")),
        ]
    )
    later = "2026-03-11T09:00:00+08:00"
    second = topic(
        [
            retracted("b"),
            moved("c", recorded=later),
            moved("d", "2026-03-11T08:00:00+08:00", recorded=later, terminal="THC"),
            moved("e", terminal="THX"),
        ],
        first=len(first),
        received=NOW + timedelta(days=1),
    )
    store.add({0: first})
    store.add({0: second})
    return folder


@pytest.fixture
def ask(folder: Path) -> Ask:
    def asked(*line: str) -> Done:
        environ = {"QUAYMARK_FOLDER": str(folder), "COLUMNS": "200"}
        return quaymark((*line, "--no-update"), ROOT, environ)

    return asked


BETWEEN = ("--between", "2026-03-10T12:00", "2026-03-11T12:00")


def test_a_change_is_told_by_its_causes_with_the_totals_first(ask: Ask) -> None:
    done = ask("explain", *BETWEEN)

    # 1.00 + 2.00 + 2.25 = 5.25, then less 2.00 retracted and 1.25 amended, and 1.00 new
    assert done.returncode == 0
    assert done.stdout.splitlines()[:6] == [
        "5.25 TEU as of 2026-03-10 12:00:00+08:00",
        "3.00 TEU as of 2026-03-11 12:00:00+08:00",
        "-2.25 TEU in between:",
        "            -1.25  amended",
        "            +1.00  new",
        "            -2.00  retracted",
    ]


def test_its_lines_go_to_csv_json_and_a_workbook(ask: Ask, tmp_path: Path) -> None:
    files = ("--csv", str(tmp_path / "a.csv"), "--xlsx", str(tmp_path / "a.xlsx"))
    done = ask("explain", *BETWEEN, "--json", *files)

    answer = json.loads(done.stdout)
    assert (answer["old"], answer["new"], answer["difference"]) == (5.25, 3, -2.25)
    assert sum(line["teu"] for line in answer["records"]) == -2.25
    lines = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8-sig")))
    assert {(line["cause"], line["terminal"], line["teu"]) for line in lines} == {
        ("amended", "THE", "-1.25"),
        ("new", "THC", "1.00"),
        ("retracted", "THE", "-2.00"),
    }
    assert (tmp_path / "a.xlsx").read_bytes()[:2] == b"PK"


def test_a_figure_is_shown_with_what_was_set_aside(ask: Ask) -> None:
    answer = json.loads(ask("explain", "--terminal", "THE", "--on", "2026-03-01", "--json").stdout)

    # a and c, of 20 ft each, and x, whose size is unknown: 2.00 TEU
    assert answer["amount"] == 2
    assert [(line["state"], line["reason"], line["records"]) for line in answer["records"]] == [
        ("counted", None, 2),
        ("counted", "unknown_size", 1),
    ]
    moves = ask("explain", "--terminal", "THE", "--moves", "--as-of", "2026-03-10T12:00")
    assert moves.stdout.startswith("4 moves as of 2026-03-10 12:00:00+08:00\n")


def test_a_figure_of_the_gate_counts_moves(ask: Ask) -> None:
    done = ask("explain", "--move", "in", "--on", "2026-03-01")

    assert done.stdout.startswith("1 moves as of ")
    assert ask("explain", "--move", "out").stdout.startswith("0 moves as of ")


def test_the_records_of_a_change_sum_to_it_and_name_their_causes(ask: Ask) -> None:
    records = json.loads(ask("explain", *BETWEEN, "--records", "--json").stdout)["records"]

    told = {(one["cause"], one["event_id"], one["amount"]) for one in records}
    assert told == {("amended", "c", -1.25), ("new", "d", 1), ("retracted", "b", -2)}
    assert len(records) == 3


def test_the_records_of_a_figure_are_those_that_stand_and_those_set_aside(ask: Ask) -> None:
    answer = json.loads(ask("explain", "--records", "--period", "2026-03-01", "--json").stdout)

    told = {(one["event_id"], one["state"]) for one in answer["records"]}
    assert told == {("a", "counted"), ("c", "counted"), ("x", "counted"), ("e", "refused")}
    assert sum(one["teu"] for one in answer["records"]) == answer["amount"] == 2


def test_an_instant_before_the_first_record_says_when_that_came(ask: Ask) -> None:
    done = ask("explain", "--as-of", "2026-03-10T11:59")

    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == [
        "nothing was known at 2026-03-10 11:59:00+08:00: Kafka got the first record at "
        "2026-03-10 12:00:00+08:00",
        "0 TEU as of 2026-03-10 11:59:00+08:00",
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (("--terminal", "THX"), "--terminal THX is none of this port; known: THC, THE, THW"),
        (("--area", "east"), "--area east is none of this port; known: tonghai"),
        (("--period", "2026-13"), "--period 2026-13 is no period"),
        (("--year", "26"), "--period 26 is no period"),
        (("--on", "2026-02-30"), "--period 2026-02-30 is no period"),
        (("--as-of", "yesterday"), "--as-of yesterday: no instant"),
        (("--as-of", "2999-01-01"), "is in the future"),
        (("--between", "2026-03-11", "2026-03-10"), "is before"),
        ((*BETWEEN, "--as-of", "2026-03-10"), "name one of them"),
        (("--size", "41"), "'41' is not one of"),
        (("--move", "lift"), "--move"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(ask: Ask, line: tuple[str, ...], says: str) -> None:
    done = ask("explain", *line)

    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_can_not_be_written_is_named(ask: Ask, tmp_path: Path) -> None:
    for option in ("--csv", "--xlsx"):
        done = ask("explain", option, str(tmp_path / "none" / "a"))

        assert done.returncode == 1
        assert done.stderr.startswith(f"error: {tmp_path / 'none' / 'a'}: No such file")


def test_every_record_of_an_event_is_found_in_the_order_in_which_it_came(ask: Ask) -> None:
    answer = json.loads(ask("find", "--event-id", "c", "--json").stdout)

    first, second = answer["records"]
    assert (first["size_feet"], first["teu"], second["size_feet"], second["teu"]) == (
        *("45", 2.25),
        *("20", 1),
    )
    assert first["known_to"] == second["known_from"]
    assert second["known_to"] is None


def test_a_refused_record_says_why_and_where_it_lies(ask: Ask) -> None:
    [found] = json.loads(ask("find", "--event-id", "e", "--json").stdout)["records"]

    assert (found["state"], found["reason"]) == ("refused", "unknown_terminal")
    assert (found["topic"], found["partition"], found["offset"]) == ("port.moves.raw", 0, 8)


def test_what_nobody_reported_is_said_to_be_unknown(ask: Ask) -> None:
    done = ask("find", "MSKU0000080")

    assert done.returncode == 0
    assert done.stdout.startswith("no record of container MSKU0000080 is known\n")


def test_without_a_broker_it_says_which_setting_names_one(tmp_path: Path) -> None:
    environ = {"QUAYMARK_FOLDER": str(tmp_path), "QUAYMARK_KAFKA": "127.0.0.1:1"}
    done = quaymark(("explain",), ROOT, environ)

    assert done.returncode == 1
    assert "QUAYMARK_KAFKA" in done.stderr


def test_what_no_command_can_do_alone_says_what_to_do(tmp_path: Path) -> None:
    environ = {"QUAYMARK_FOLDER": str(tmp_path), "QUAYMARK_KAFKA": "127.0.0.1:1"}
    for verb in ("update", "rebuild", "status"):
        done = quaymark(("register", verb), ROOT, environ)

        assert done.returncode == 1
        assert "QUAYMARK_KAFKA" in done.stderr
        assert "Traceback" not in done.stderr


def test_all_records_are_written_line_by_line_as_one_answer(ask: Ask, tmp_path: Path) -> None:
    done = ask("explain", "--records", "--json", "--csv", str(tmp_path / "a.csv"))

    answer = json.loads(done.stdout)
    # what stands now: a and d are 20 ft, c is; b is retracted, x of no size, e at no terminal
    states = Counter(row["state"] for row in answer["records"])
    assert states == {"counted": 4, "retracted": 1, "refused": 1}
    assert done.stdout == msgspec.json.format(done.stdout) + "\n"  # as one that is written at once
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["event_id"] for row in rows] == [row["event_id"] for row in answer["records"]]
    none = ask("explain", "--records", "--json", "--on", "2020-01-01")
    assert json.loads(none.stdout)["records"] == []


def test_records_are_fetched_as_they_are_gone_through_and_a_workbook_has_an_end() -> None:
    fetched: list[int] = []

    def rows(most: int) -> Iterator[tuple[int]]:
        for at in range(min(most, 60_000)):
            fetched.append(at)
            yield (at,)

    answer = AnswerTable(("n",), FetchedRows(60_000, rows))
    first = answer.json_parts({})
    assert [next(first) for _ in range(3)][-1].strip(b", \n") == b'{\n      "n": 1\n    }'
    assert fetched == [0, 1]  # of 60,000
    fetched.clear()
    answer.show(Console(file=StringIO()))
    assert len(fetched) == 20
    with pytest.raises(StackError, match="60,000 rows, and a workbook takes 50,000"):
        answer.as_workbook()
