import os
from pathlib import Path

import pytest

from producers.inbox.scan import DEEPEST, FolderWatch, WaitingFile, Waits, entries

SETTLE = 10.0


class Folder:
    """A folder that is looked at again and again, at seconds of a monotonic clock."""

    def __init__(self, root: Path) -> None:
        self.root, self.watch = root, FolderWatch(SETTLE)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def look(self, second: float) -> dict[str, WaitingFile]:
        return {one.entry.path: one for one in self.watch.look(entries(self.root), second)}

    def why(self, second: float) -> dict[str, Waits]:
        return {name: one.entry.why for name, one in self.look(second).items()}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_file_is_whole_once_it_did_not_change_for_some_seconds(folder: Folder) -> None:
    folder.write("day.edi", "one")

    assert folder.why(0) == {"day.edi": Waits.CHANGING}
    assert folder.why(9.9) == {"day.edi": Waits.CHANGING}
    assert folder.why(10) == {"day.edi": Waits.READY}


def test_a_file_that_grows_for_ever_is_never_whole_and_its_age_is_told(folder: Folder) -> None:
    for second in range(0, 100, 5):
        folder.write("day.edi", "x" * (1 + second))
        (one,) = folder.look(second).values()
        assert one.entry.why is Waits.CHANGING

    assert one.seconds == 95


def test_a_file_that_is_replaced_by_one_of_equal_size_waits_again(folder: Folder) -> None:
    folder.write("day.edi", "one")
    folder.look(0)
    os.replace(folder.write("other/day.edi", "two"), folder.root / "day.edi")

    assert folder.why(10)["day.edi"] is Waits.CHANGING


@pytest.mark.parametrize("modified", [0, 4_000_000_000])
def test_a_time_of_a_file_in_the_far_past_or_future_holds_nothing_up(
    folder: Folder, modified: int
) -> None:
    os.utime(folder.write("day.edi", "one"), (modified, modified))
    folder.look(0)

    assert folder.why(10) == {"day.edi": Waits.READY}


@pytest.mark.parametrize("name", ["day.edi.part", "day.EDI.FilePart", "day.tmp"])
def test_a_file_with_the_name_of_an_unfinished_one_waits_and_is_whole_once_renamed(
    folder: Folder, name: str
) -> None:
    unfinished = folder.write(name, "one")
    assert folder.why(0) == {name: Waits.UNFINISHED}
    assert folder.why(1000) == {name: Waits.UNFINISHED}

    unfinished.rename(folder.root / "day.edi")

    assert folder.why(1001) == {"day.edi": Waits.READY}


def test_an_empty_file_waits_longer_since_it_may_just_have_been_created(folder: Folder) -> None:
    folder.write("day.edi", "")
    folder.look(0)

    assert folder.why(59) == {"day.edi": Waits.CHANGING}
    assert folder.why(60) == {"day.edi": Waits.READY}


def test_hidden_names_editors_copies_and_our_own_folders_are_passed_over(folder: Folder) -> None:
    names = (".day.edi.Xy12", "~$day.xlsx", "day.edi~", ".ssh/day.edi", "done/a.edi", "work/b.edi")
    for name in (*names, "failed/c.edi", "acme/done/d.edi"):
        folder.write(name, "one")

    assert set(folder.look(0)) == {"acme/done/d.edi"}


def test_a_folder_below_too_many_others_is_told_and_not_entered(folder: Folder) -> None:
    deep = "/".join("abcdefghij"[:DEEPEST])
    folder.write(f"{deep}/taken.edi", "one")
    folder.write(f"{deep}/x/left.edi", "one")
    folder.look(0)

    assert folder.why(10) == {f"{deep}/taken.edi": Waits.READY, f"{deep}/x": Waits.TOO_DEEP}


def test_a_file_that_may_not_be_read_waits_and_says_so(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("day.edi", "one")
    monkeypatch.setattr(os, "access", lambda *_: False)  # as root any file may be read

    assert folder.why(0) == {"day.edi": Waits.UNREADABLE}


def test_a_folder_that_vanishes_or_may_not_be_listed_holds_up_no_other(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("acme/day.edi", "one")
    folder.write("closed/day.edi", "one")
    folder.write("gone/day.edi", "one")
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        if path.name == "gone":
            raise FileNotFoundError(2, "No such file or directory")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    folder.look(0)

    assert folder.why(10) == {"acme/day.edi": Waits.READY, "closed": Waits.UNREADABLE}
