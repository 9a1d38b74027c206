"""The command: which form, which files, which exit code, what is printed."""

import gzip
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result

from contract import wire
from contract.errors import Misconfigured, Reason, Rejected
from contract.settings import Settings
from producers.cli.import_command import command
from producers.context import ProducerContext
from producers.importing.detect import form_of
from producers.importing.run import READERS
from producers.reading.input_files import files_of
from producers.reading.outcome import File, Form, Refused
from tests.unit.producers.dcsa.test_equipment_events import FLAT
from tests.unit.producers.edifact.test_moves import box, coarri
from tests.unit.producers.imported import BOOK, FIXTURES, NOW, imported, terms

NOBODY = 65534


def run(*arguments: str, given: bytes | None = None) -> Result:
    door = ProducerContext(Settings(), BOOK)
    return CliRunner().invoke(command, [*arguments, "--dry-run"], obj=door, input=given)


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"UNA:+.? 'UNB+UNOA:1+A", Form.EDIFACT),
        (b"UNB+UNOA:1+A", Form.EDIFACT),
        (b"\x02 some mailer's greeting\r\nUNB+UNOA:1+A", Form.EDIFACT),
        (b'{"events": [{"eventType": "EQUIPMENT"}]}', Form.DCSA),
        (b'\xef\xbb\xbf [{"eventClassification": {"eventTypeCode": "EQUIPMENT"}}]', Form.DCSA),
        (b'{"specversion": "1.0"}', Form.EVENTS),
        (b'{"projects": []}', Form.OC4IDS),
        (b'{"messageRaw": "UNB"}', Form.EDI_JSON),
        (b"month,container_throughput\n", Form.INDICATORS),
        ("月份;数值\n".encode("gb18030"), Form.INDICATORS),
        (b"Move,Time,Terminal\n", Form.MOVES),
        ("项目名称,投资额（亿元）,签约日期\n".encode(), Form.PROJECTS),
    ],
)
def test_a_form_is_known_by_its_first_bytes(head: bytes, form: Form) -> None:
    assert form_of(head) is form


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"", "the file is empty"),
        (b" \r\n", "the file is empty"),
        (b"%PDF-1.7", "this is a PDF"),
        (b"PK\x03\x04", "Excel workbook (.xlsx)"),
        (b"<?xml version='1.0'?>", "XML"),
        (b'{"a": 1}', "neither DCSA events"),
        (b"\x00\x01\x02", "this is binary"),
        (b"hello", "nor a CSV with a known header"),
    ],
)
def test_a_stranger_is_told_what_it_looks_like(head: bytes, says: str) -> None:
    with pytest.raises(Rejected) as refused:
        form_of(head)

    assert says in refused.value.message


def test_a_folder_is_read_in_order_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".hidden", "sub/c.csv", ".git/d.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")

    assert [Path(found.name).name for found in files_of((str(tmp_path),))] == [
        "a.csv",
        "b.csv",
        "c.csv",
    ]


def test_a_path_that_is_not_there_is_the_users_mistake() -> None:
    with pytest.raises(Misconfigured, match="no such file or folder"):
        list(files_of(("nowhere",)))


@contextmanager
def without_roots_rights() -> Iterator[None]:
    """Root may read every folder, nobody only what is meant for all."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(mine)


def test_a_folder_that_cannot_be_listed_is_the_users_mistake() -> None:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(stat.S_IWUSR)

        with without_roots_rights(), pytest.raises(Misconfigured, match="a folder to list"):
            list(files_of((folder,)))

        Path(folder).chmod(stat.S_IRWXU)


def test_all_in_is_exit_0_and_json_is_one_object(tmp_path: Path) -> None:
    path = tmp_path / "x.edi"
    path.write_text(coarri(box(), box("APZU4812090", "L5G1")))

    result = run(str(path), "--json")

    assert result.exit_code == 0
    summary = json.loads(result.stdout)
    assert summary["messages"] == 1
    assert summary["moves"] == 2
    assert summary["teu"] == 3.25
    assert summary["teu_by_year"] == {"2026": 3.25}
    for name in ("flagged", "rejected", "skipped", "uncounted"):
        assert summary[name] == {"total": 0}
    assert summary["items"] == []
    assert summary["sent"] == 0


def test_something_refused_is_exit_1_and_the_rest_is_in(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.json", tmp_path / "b.pdf"
    good.write_text(json.dumps(FLAT))
    bad.write_bytes(b"%PDF")

    result = run(str(tmp_path))

    assert result.exit_code == 1
    assert f"{bad}: rejected bad_syntax: this is a PDF" in result.stdout
    assert "a PDF, expected EDIFACT" in result.stdout


@pytest.mark.parametrize("content", [b"", b"%PDF", b"hello"])
def test_nothing_usable_is_exit_2(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.edi"
    path.write_bytes(content)

    assert run(str(path)).exit_code == 2


def test_figures_that_nobody_names_are_exit_2_and_say_which_option(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("month,value\n2019-01,1\n")

    result = run(str(path), "--json")
    told = run(str(path), "--scope", "s", "--unit", "TEU", "--indicator", "i")

    assert result.exit_code == 2
    assert "--scope NAME" in json.loads(result.stdout)["items"][0]["message"]
    assert told.exit_code == 0


def test_standard_input_is_read(tmp_path: Path) -> None:
    result = run("-", "--json", given=json.dumps([FLAT]).encode())

    assert json.loads(result.stdout)["moves"] == 1


def test_an_unknown_partner_is_the_users_mistake() -> None:
    result = run(".", "--partner", "nobody")

    assert isinstance(result.exception, Misconfigured)
    assert "expected a [[partner]] of quaymark.toml: east, huelva" in str(result.exception)


def test_our_own_events_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([FLAT]))
    archive = tmp_path / "archive.jsonl"
    archive.write_bytes(
        b"\n".join(map(wire.encode, imported([path]).events)) + b'\n{"specversion":1}\n'
    )

    done = imported([archive])

    assert done.summary["moves"] == 1
    assert done.items("rejected")[0]["at"] == "line 2 $"


def test_what_is_refused_goes_to_the_dead_letters_with_its_bytes_and_place(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.json"
    long = FLAT | {"eventID": "e2", "transportCall": {"facilityCode": "X" * 65}}
    path.write_text(json.dumps([FLAT | {"eventDateTime": "now"}, long]))

    done = imported([path])

    first, second = done.letters
    assert (first.topic, first.reason, first.at) == ("file", "bad_value", NOW)
    assert first.origin == f"{path}: $[0].eventDateTime"
    assert first.value is not None
    assert json.loads(first.value)["eventDateTime"] == "now"
    assert second.reason == "wrong_type"  # longer than a code may be, as the worker would say
    assert done.events == []


class Endless:
    """A stream without end, of one line."""

    def __init__(self, start: bytes) -> None:
        self.start = start
        self.given = 0

    def read(self, size: int, /) -> bytes:
        chunk = self.start or b"x" * size
        self.start = b""
        self.given += len(chunk)
        return chunk


@pytest.mark.parametrize(
    ("form", "start"),
    [
        (Form.EDIFACT, b"UNB+UNOA:1+"),
        (Form.DCSA, b'{"eventType": "'),
        (Form.OC4IDS, b'{"projects": [{"id": "'),
        (Form.OCDS, b'{"releases": [{"ocid": "'),
        (Form.EVENTS, b'{"specversion": "1.0"}\n{"id": "'),
        (Form.EDI_JSON, b'{"messageRaw": "'),
        (Form.PROJECTS, "项目名称,投资额(亿元),签约日期\n".encode()),
        (Form.MOVES, b"move,time,terminal\nLOAD,"),
        (Form.INDICATORS, b"period,value\n2019,"),
    ],
)
def test_a_line_without_end_is_refused_in_bounded_memory(form: Form, start: bytes) -> None:
    stream = Endless(start)
    said = terms(scope="s", unit="TEU", indicator="i")

    with suppress(Rejected):
        *_, last = READERS[form](File("x", stream, 0.0), said)
        assert isinstance(last, Refused)
        assert last.reason is Reason.TOO_LARGE

    assert stream.given < 20 << 20


def test_a_message_wrapped_in_json_is_read() -> None:
    plain = imported([FIXTURES / "codeco-d95b-huelva-gate-in.edi"])
    wrapped = imported([FIXTURES / "codeco-huelva-smart-data-model.json"])

    # of 2023: older than the 400 days that the books stay open
    assert wrapped.events == plain.events
    assert wrapped.summary["rejected"] == plain.summary["rejected"] == {"too_old": 1, "total": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("UNB+UNOA:2+EASTTERM+PORT\nUNH+1\n", "a UNA must name it"),
        ('{"projects": []}', "holds no record"),
    ],
)
def test_a_file_without_a_record_is_unusable_and_kept(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "x"
    path.write_text(text)

    done = imported([path])

    assert done.exit_code == 2
    assert says in done.items("rejected")[0]["message"]
    assert [(letter.value or b"").decode().strip() for letter in done.letters] == [text.strip()]


def test_an_openapi_example_in_yaml_is_no_form_that_is_read() -> None:
    done = imported([FIXTURES / "dcsa-tnt-3.0-retracted-event.yaml"])

    assert done.exit_code == 2


def test_the_door_has_the_command() -> None:
    text = subprocess.run(
        [sys.executable, "-m", "producers", "import", "--help"],
        check=True,
        capture_output=True,
        text=True,
        cwd=FIXTURES.parents[1],
    ).stdout

    assert "[auto|edifact|" in text


@pytest.mark.parametrize("boxes", [1, 32, 33, 70])
def test_what_is_whole_before_a_damage_counts_however_much_was_read(
    tmp_path: Path, boxes: int
) -> None:
    """Without its last eight bytes, checksum and length, a gzip archive is cut behind its file."""
    message = coarri(*(box(f"CSQU{number:07}") for number in range(boxes)))
    path = tmp_path / "cut.edi.gz"
    path.write_bytes(gzip.compress(message.encode())[:-8])
    done = imported([path])

    assert (done.summary["moves"], len(done.events)) == (boxes, boxes)
    assert [item["message"] for item in done.items("rejected")] == [
        "the gzip archive is cut; it is read up to there"
    ]
