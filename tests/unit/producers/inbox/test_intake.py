import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from contract.errors import StackError
from producers.inbox.folder import InboxFolder
from producers.inbox.listing import lines_of, put_back, state_of
from producers.inbox.receipt import FileOutcome, Imported, RecordCounts, line_of
from producers.inbox.scan import Entry, Waits, entries
from tests.unit.producers.inbox.fake_import import DAY, NOW, TmpInbox


@pytest.fixture
def inbox(tmp_path: Path) -> TmpInbox:
    return TmpInbox(tmp_path / "inbox")


def test_a_file_of_a_partner_is_imported_and_lies_under_done_with_its_receipt(
    inbox: TmpInbox,
) -> None:
    inbox.drop("acme/day.edi")

    (receipt,) = inbox.run()

    assert receipt.moved_to == f"done/{DAY}/acme/day.edi"
    assert (inbox.folder.root / receipt.moved_to).read_text(encoding="utf-8") == "one\ntwo\n"
    assert receipt.line == "acme/day.edi: 2 records: 2 counted"
    assert receipt.outcome is FileOutcome.DONE
    assert receipt.partner == "acme"
    # sha256sum of the 8 bytes "one\ntwo\n"
    assert receipt.sha256 == "c3f9c8c283a2b1f2f1896f27a01cbe3cddc0c9d93f752e4639035a0f5b36f6e8"
    assert inbox.receipts() == {f"{receipt.moved_to}.receipt.json": receipt}
    assert list(inbox.folder.work.iterdir()) == []


def test_a_file_that_is_partly_refused_is_done_and_says_why(inbox: TmpInbox) -> None:
    inbox.drop("day.edi", "one\nbad\n")

    (receipt,) = inbox.run()

    assert receipt.outcome is FileOutcome.PARTLY
    assert receipt.line == "day.edi: 2 records: 1 counted, 1 rejected: line 2: it is bad"
    assert receipt.partner == "-"


def test_a_file_of_which_nothing_can_be_used_has_failed(inbox: TmpInbox) -> None:
    inbox.drop("acme/all-bad.edi", "bad\nbad\n")
    inbox.drop("acme/empty.edi", "")

    all_bad, empty = inbox.run()

    assert (
        all_bad.line
        == "acme/all-bad.edi: failed, nothing of its 8 bytes could be used: line 1: it is bad"
    )
    assert empty.moved_to == f"failed/{DAY}/acme/empty.edi"


def test_a_refusal_of_several_lines_makes_one_line_for_people() -> None:
    imported = Imported(RecordCounts(), usable=False, refusals=("no profile; add one:\n[[p]]\n",))

    said = line_of(FileOutcome.FAILED, "day.edi", imported, 8, "")

    assert said == "day.edi: failed, nothing of its 8 bytes could be used: no profile; add one"


def test_the_same_bytes_again_are_told_as_such(inbox: TmpInbox) -> None:
    inbox.drop("acme/day.edi")
    (first,) = inbox.run()
    inbox.drop("acme/copy.edi")
    inbox.drop("copy.edi")

    of_acme, of_nobody = inbox.run()

    assert of_acme.outcome is FileOutcome.REPEATED
    assert of_acme.repeats == f"{first.moved_to}.receipt.json"
    assert of_acme.line.endswith(
        f"; the same bytes as {first.moved_to}.receipt.json, so its events count once"
    )
    assert of_nobody.outcome is FileOutcome.DONE  # another partner's times may be read otherwise
    assert inbox.books.lines == {"one", "two"}


def test_a_lost_or_damaged_index_is_made_anew_from_the_receipts(inbox: TmpInbox) -> None:
    inbox.drop("acme/day.edi")
    (first,) = inbox.run()
    for damage in (inbox.folder.index.unlink, lambda: inbox.folder.index.write_bytes(b"x" * 9000)):
        damage()
        inbox.drop("acme/copy.edi")

        (again,) = inbox.run()

        assert again.outcome is FileOutcome.REPEATED, first


@pytest.mark.parametrize("is_index_lost", [False, True])
def test_receipts_add_up_though_the_clock_was_an_hour_ahead(
    inbox: TmpInbox, *, is_index_lost: bool
) -> None:
    """Three times the same bytes; after the first one the clock is set back by an hour."""
    receipts = []
    for hours in (1, 0, 0):
        inbox.now = NOW + timedelta(hours=hours)
        inbox.drop("acme/day.edi")
        receipts += inbox.run()
        if is_index_lost:
            inbox.folder.index.unlink()
    first, second, third = receipts

    # 23:30 UTC and an hour more are the same day in Shanghai, so all three names lie in one folder
    assert [Path(one.moved_to).name for one in receipts] == [
        *("day.edi", "day~073000.edi", "day~073000-2.edi")
    ]
    assert (second.repeats, third.repeats) == (
        f"{first.moved_to}.receipt.json",
        f"{second.moved_to}.receipt.json",
    )
    # "leave out those that another one repeats": the third alone is left, and its two lines
    repeated = {one.repeats for one in receipts}
    left = [one for path, one in inbox.receipts().items() if path not in repeated]
    assert [one.records.counted for one in left] == [2]


def test_a_folder_in_place_of_a_file_is_left_as_it_is(inbox: TmpInbox) -> None:
    inbox.drop("acme/day.edi/inside.edi")
    (inbox.folder.root / "acme" / "empty.edi").mkdir()
    inbox.drop("acme/late.edi")
    listed = {one.path: one for one in entries(inbox.folder.root)}
    (inbox.folder.root / "acme" / "late.edi").unlink()
    (inbox.folder.root / "acme" / "late.edi").mkdir()

    with inbox.intake() as intake:
        assert intake.claim(listed["acme/late.edi"]) is None
    (inside,) = inbox.run()

    assert inside.file == "acme/day.edi/inside.edi"
    assert (inbox.folder.root / "acme" / "empty.edi").is_dir()
    assert (inbox.folder.root / "acme" / "late.edi").is_dir()


def test_a_file_in_a_folder_that_no_profile_names_fails_and_says_what_to_do(
    inbox: TmpInbox,
) -> None:
    inbox.drop("amce/day.edi")

    (receipt,) = inbox.run()

    assert receipt.outcome is FileOutcome.FAILED
    assert receipt.partner == "?"
    assert "its folder amce is no [[partner]] of quaymark.toml (known: acme)" in receipt.line
    assert inbox.books.imports == 0


def test_a_file_above_the_limit_fails_unread(tmp_path: Path) -> None:
    inbox = TmpInbox(tmp_path, max_bytes=7)
    inbox.drop("day.edi")

    (receipt,) = inbox.run()

    assert "it has 8 bytes, and QUAYMARK_INBOX_MAX_MEGABYTES allows 7" in receipt.line
    assert (receipt.sha256, inbox.books.imports) == ("", 0)


def test_a_second_file_of_one_name_gets_the_time_of_day_into_its_name(inbox: TmpInbox) -> None:
    moved = []
    for text in ("one\n", "two\n", "three\n"):
        inbox.drop("acme/day.edi", text)
        moved += [receipt.moved_to for receipt in inbox.run()]

    # 23:30 UTC is 07:30 in Shanghai
    assert moved == [
        f"done/{DAY}/acme/{name}" for name in ("day.edi", "day~073000.edi", "day~073000-2.edi")
    ]


@pytest.mark.parametrize(
    "name",
    [
        "with spaces & signs.edi",
        "通海港区 装卸.edi",
        "海" * 83 + ".edi",  # 83 × 3 + 4 = 253 bytes
        "x" * 255,
        os.fsdecode(b"gb18030-\xcd\xa8\xba\xa3.edi"),
        "two\nlines.edi",
        "deep/er/and/deeper/day.edi",
    ],
)
def test_a_file_of_any_name_is_taken_in_twice(inbox: TmpInbox, name: str) -> None:
    for text in ("one\n", "two\n"):
        inbox.drop(f"acme/{name}", text)
        (receipt,) = inbox.run()

        path = inbox.folder.root / receipt.moved_to
        assert path.read_text(encoding="utf-8") == text
        assert "\n" not in receipt.line

    assert len(inbox.receipts()) == 2


def test_a_file_that_is_written_to_while_it_is_read_waits_again(inbox: TmpInbox) -> None:
    inbox.drop("acme/day.edi")
    take = inbox.books.take

    async def grow(path: Path, name: str, partner: object) -> object:
        imported = await take(path, name, None)
        with path.open("a", encoding="utf-8") as file:
            file.write("three\n")
        return imported

    inbox.books.take = grow  # type: ignore[method-assign, assignment]  # a sender with an open file
    assert inbox.run() == []
    inbox.books.take = take  # type: ignore[method-assign]

    (receipt,) = inbox.run()

    assert receipt.file == "acme/day.edi"
    assert receipt.records == RecordCounts(read=3, counted=3)


def test_a_file_that_changed_since_it_was_listed_is_left(inbox: TmpInbox) -> None:
    inbox.drop("acme/day.edi")
    (listed,) = entries(inbox.folder.root)
    inbox.drop("acme/day.edi", "one\ntwo\nthree\n")

    with inbox.intake() as intake:
        assert intake.claim(listed) is None
        assert intake.claim(Entry("acme/gone.edi", listed.state, Waits.READY)) is None


def test_what_is_no_file_is_neither_read_nor_moved(
    inbox: TmpInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    acme = inbox.drop("acme/day.edi").parent
    (acme / "link.edi").symlink_to(tmp_path / "secret")
    (acme / "loop").symlink_to(acme)
    os.mkfifo(acme / "fifo.edi")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(acme)  # the path of a socket has at most 108 bytes
        server.bind("socket.edi")

    why = {Path(one.path).name: one.why for one in entries(inbox.folder.root)}

    assert why == {
        "day.edi": Waits.READY,
        "link.edi": Waits.NOT_A_FILE,
        "loop": Waits.NOT_A_FILE,
        "fifo.edi": Waits.NOT_A_FILE,
        "socket.edi": Waits.NOT_A_FILE,
    }


def test_two_inboxes_on_one_folder_are_refused(inbox: TmpInbox) -> None:
    with inbox.folder.owned():
        assert InboxFolder(inbox.folder.root).owner() == os.getpid()
        with (
            pytest.raises(StackError, match=rf"another inbox \(process {os.getpid()}\) takes"),
            InboxFolder(inbox.folder.root).owned(),
        ):
            pass
    assert inbox.folder.owner() is None


def test_a_failed_file_is_put_back_and_counts_once_the_cause_is_mended(inbox: TmpInbox) -> None:
    inbox.drop("acme/day.edi", "bad\n")
    inbox.drop("acme/other.edi", "bad\nbad\n")
    failed, _ = inbox.run()

    state = state_of(inbox.folder)
    moved = put_back(inbox.folder, ("day.edi",), everything=False)
    inbox.drop("acme/day.edi", "mended\n")
    (receipt,) = inbox.run()

    assert state.failed == [f"{DAY}/acme/day.edi", f"{DAY}/acme/other.edi"]
    assert any(failed.line in line for line in lines_of(state, inbox.folder))
    assert moved == ["acme/day.edi"]
    assert receipt.outcome is FileOutcome.DONE
    assert put_back(inbox.folder, (), everything=True) == ["acme/other.edi"]
