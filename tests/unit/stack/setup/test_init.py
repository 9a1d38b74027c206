"""`quaymark init` writes what it was told, whatever it was told, and overwrites nothing."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from contract.alerting import read_alerting
from contract.book import Area, Book, Partner, Port, Terminal, Zone, read_book
from contract.errors import Misconfigured
from contract.events import Label
from contract.evidence.file_evidence import FileEvidence, SenderEvidence, Sighting
from contract.settings import Settings
from contract.target_file import read_targets
from kpis.target.measures import measure_of
from stack.context import CommandContext
from stack.setup.book_text import book_text
from stack.setup.placement import put
from stack.setup.port_files import NAMES
from stack.verbs.init import init

VERB = sys.modules["stack.verbs.init"]  # the package names the command so, too
NOW = datetime(2026, 11, 29, tzinfo=UTC)
PORT = ("--place", "CNNTG", "--time-zone", "Asia/Shanghai", "--area", "north=North|北港")
ALL = (*PORT, "--terminal", "T1=One|一号")


def call(*arguments: str, answers: str = "") -> Result:
    context = CommandContext(Settings(), {}, Console(soft_wrap=True), lambda: NOW)
    return CliRunner().invoke(init, list(arguments), obj=context, input=answers)


def book_of(folder: Path) -> Book:
    return read_book((folder / "quaymark.toml").read_text("utf-8"), "quaymark.toml")


def test_flags_alone_describe_a_port_whose_books_take_no_invented_event(tmp_path: Path) -> None:
    done = call(str(tmp_path / "p"), *ALL, "--teu", "1,100,000", "--year", "2027")
    assert done.exit_code == 0, done.output
    book = book_of(tmp_path / "p")
    assert not book.port.simulated
    assert book.zone is None
    assert book.area == (
        Area("north", Label("北港", "North"), (Terminal("T1", Label("一号", "One")),)),
    )
    (target,) = read_targets((tmp_path / "p/targets.toml").read_text("utf-8"), "targets.toml")
    assert (target.owner, target.period, int(target.value)) == ("north", "2027", 1_100_000)
    assert sorted(os.listdir(tmp_path / "p")) == sorted(NAMES)


def test_a_zone_without_a_port_needs_no_place_and_no_terminal(tmp_path: Path) -> None:
    done = call(
        str(tmp_path),
        *("--zone", "haimen=Haimen|海门", "--time-zone", "Asia/Shanghai"),
        *("--cluster", "steel=Steel|钢铁", "--rate", "USD=7.12@2026-01-01"),
    )
    assert done.exit_code == 0, done.output
    book = book_of(tmp_path)
    assert book.area == ()
    assert book.zone == Zone(
        "haimen", Label("海门", "Haimen"), {"steel": Label("钢铁", "Steel")}, {}
    )
    assert [(rate.currency, rate.rate) for rate in book.rate] == [("USD", 7.12)]


@pytest.mark.parametrize(
    "flags", [ALL, ("--zone", "haimen=Haimen|海门", "--time-zone", "Asia/Shanghai")]
)
def test_the_examples_are_valid_once_their_comment_signs_are_gone(
    flags: tuple[str, ...], tmp_path: Path
) -> None:
    assert call(str(tmp_path), *flags).exit_code == 0
    book = book_of(tmp_path)

    def uncommented(name: str) -> str:
        head, sign, example = (tmp_path / name).read_text("utf-8").partition("# [[")
        assert sign
        return head + "[[" + example.replace("\n# ", "\n")

    text = uncommented("targets.toml")
    (target,) = read_targets(text, "targets.toml", lambda one: void(measure_of(one, book)))
    assert target.owner == book.owners[0]
    (receiver,) = read_alerting(uncommented("alerting.toml"), "alerting.toml").receiver
    assert receiver.email[0].to == "harbour-office@port.example"


def test_a_zone_without_a_port_says_nothing_of_moves(tmp_path: Path) -> None:
    done = call(str(tmp_path), "--zone", "haimen=Haimen|海门", "--time-zone", "Asia/Shanghai")
    assert done.exit_code == 0, done.output

    text = (tmp_path / "quaymark.toml").read_text("utf-8")
    assert not [word for word in ("teu", "quiet_hours", "partner") if word in text]


def test_every_missing_flag_is_named_in_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    done = call(str(tmp_path / "p"), "--yes")
    assert isinstance(done.exception, Misconfigured)  # which the entry point turns into code 2
    message = str(done.exception)
    for flag in ("--place", "--time-zone", "--area", "--terminal"):
        assert flag in message
    assert "\n" not in message
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_there_is_named_and_all_are_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    done = call(str(tmp_path), *ALL)
    assert isinstance(done.exception, Misconfigured)
    assert name in str(done.exception)
    assert os.listdir(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_link_that_leads_nowhere_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to(tmp_path / "gone")
    assert isinstance(call(str(tmp_path), *ALL).exception, Misconfigured)
    assert os.listdir(tmp_path) == [".env"]


def test_files_that_a_check_refuses_leave_nothing_behind(tmp_path: Path) -> None:
    def refuse(paths: object) -> None:
        raise Misconfigured("no")

    with pytest.raises(Misconfigured, match="no"):
        put(tmp_path, {"a": "1", "b": "2"}, refuse)
    assert os.listdir(tmp_path) == []


def test_a_file_that_appears_meanwhile_is_kept_and_the_others_are_taken_back(
    tmp_path: Path,
) -> None:
    with pytest.raises(Misconfigured, match="holds already: b"):
        put(
            tmp_path, {"a": "1", "b": "2"}, lambda paths: void((tmp_path / "b").write_text("mine"))
        )
    assert os.listdir(tmp_path) == ["b"]
    assert (tmp_path / "b").read_text() == "mine"


def void(_: object) -> None:
    """Make a check of something that returns a value."""


def test_a_plan_by_months_that_does_not_sum_to_one_is_refused(tmp_path: Path) -> None:
    months = ",".join(["0.1"] * 12)  # 1.2
    done = call(str(tmp_path), *ALL, "--teu", "5", "--monthly", months)
    assert "sum to 1.2" in str(done.exception)
    assert os.listdir(tmp_path) == []


def test_e_mail_needs_its_server_and_then_is_a_receiver(tmp_path: Path) -> None:
    done = call(str(tmp_path), *ALL, "--email", "a@b.example")
    assert "--smtp" in str(done.exception)
    done = call(
        str(tmp_path), *ALL, "--email", "a@b.example", "--email-from", "q@b.example",
        "--smtp", "mail.b.example:587",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    (receiver,) = read_alerting((tmp_path / "alerting.toml").read_text("utf-8"), "a").receiver
    assert [(mail.to, mail.smarthost) for mail in receiver.email] == [
        ("a@b.example", "mail.b.example:587")
    ]


def test_a_person_is_asked_and_a_wrong_answer_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VERB, "at_a_terminal", lambda: True)
    answers = [
        *("y", "n"),  # a port, and no zone
        *("Nantong", "cn ntg", ""),  # no UN/LOCODE, then one; the proposed zone of China
        *("", "north", "North quay", "北港"),  # a code is needed
        *("T 1", "One", "一号", ""),  # one terminal
        *("many", "1100000"),  # no number, then one
        "",  # nobody gets alerts
    ]
    done = call(str(tmp_path), answers="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert "no UN/LOCODE" in done.output
    assert "no number of TEU" in done.output
    book = book_of(tmp_path)
    assert (book.port.un_location_code, book.port.time_zone) == ("CNNTG", "Asia/Shanghai")
    assert book.area == (
        Area("north", Label("北港", "North quay"), (Terminal("T 1", Label("一号", "One")),)),
    )


def test_what_files_show_is_proposed_with_its_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Sighting(12, "day.edi", "message 1")
    sender = SenderEvidence(
        "edifact", "QTTERM", seen, terminals={"": {"NTQT1": seen}}, ports={"CNNTG": seen}
    )
    habits = {"/edifact/qtterm": {"documents_repeated": 3, "same_minute": 0}}
    summary = {
        "habits": habits, "moves": 12, "teu": 20.0, "records": 12, "rejected": {"total": 0}
    }  # fmt: skip
    monkeypatch.setattr(VERB, "evidence_of", lambda *_: FileEvidence(1, [sender]))
    monkeypatch.setattr(VERB, "dry_run", lambda *_: summary)

    done = call(str(tmp_path), "--from", "files", "--yes", "--area", "north=North")

    assert done.exit_code == 0, done.output
    assert "12 records, first in day.edi, message 1" in done.output
    book = book_of(tmp_path)
    assert list(book.terminal_codes) == ["NTQT1"]
    assert book.partner == (
        Partner(
            name="qtterm",
            time_zone="Asia/Shanghai",
            senders=("QTTERM",),
            document_numbers_repeat=True,
        ),
    )
    assert "# edifact: 12 records, first in day.edi" in (tmp_path / "quaymark.toml").read_text()


_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(_TEXT, _TEXT, _TEXT)
@settings(max_examples=20)
def test_any_name_and_any_evidence_give_a_book_that_reads_as_it_was(
    zh: str, en: str, code: str
) -> None:
    name = Label(zh, en)
    book = Book(
        Port("Asia/Shanghai", "CNNTG", simulated=False),
        (Area(code, name, (Terminal(code, name, (code + "2",)),)),),
        Zone(code, name, {code: name}, {code: name}, {en: name}),
        partner=(Partner("p", "UTC", (en,), terminals={zh: code}, columns={en: zh}),),
    )
    assert read_book(book_text(book, {"p": (zh, en)}), "quaymark.toml") == book
