from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract.errors import StackError
from stack.upgrade.version_notes import has_data, note_version, read_notes

AT = datetime(2026, 11, 29, tzinfo=UTC)


def noted(folder: Path, version: str, *changes: str) -> list[str]:
    return list(note_version(folder, version, changes, AT))


def test_a_folder_remembers_each_release_once(tmp_path: Path) -> None:
    assert noted(tmp_path, "0.1.0", "a") == []
    assert noted(tmp_path, "0.1.0", "a") == []
    [said] = noted(tmp_path, "0.1.0", "c", "b", "a")  # a later checkout of the same version

    assert "changes 2 things since 0.1.0" in said
    assert noted(tmp_path, "0.2.0", "c", "b", "a") == []  # another version, and nothing new
    kept = [(note.version, note.changes) for note in read_notes(tmp_path)]
    assert kept == [
        ("0.1.0", ("a",)),
        ("0.1.0", ("c", "b", "a")),
        ("0.2.0", ("c", "b", "a")),
    ]


def test_a_line_that_was_cut_short_does_not_count_and_is_written_over(tmp_path: Path) -> None:
    noted(tmp_path, "0.1.0", "a")
    file = tmp_path / "versions.jsonl"
    file.write_bytes(file.read_bytes() + b'{"version": "0.2')

    assert [note.version for note in read_notes(tmp_path)] == ["0.1.0"]
    noted(tmp_path, "0.2.0", "a")
    assert [note.version for note in read_notes(tmp_path)] == ["0.1.0", "0.2.0"]


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "versions.jsonl").write_text("{}\n")

    with pytest.raises(StackError, match="move it away"):
        read_notes(tmp_path)


def test_a_folder_with_logs_alone_has_no_data(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    assert not has_data(tmp_path)
    (tmp_path / "data/kafka").mkdir(parents=True)
    assert has_data(tmp_path)
