from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.manifest import ArchiveManifest
from contract.errors import Misconfigured, StackError
from contract.settings import Settings
from stack.backup.backup_manifest import (
    BackupManifest,
    BackupPart,
    TopicCount,
    read_manifest,
    write_manifest,
)
from stack.backup.backup_store import BackupStore
from stack.backup.restore import (
    RestoreTarget,
    in_the_way,
    refuse_no_backup,
    refuse_unfit,
    set_aside,
)

AT = datetime(2026, 11, 29, 2, 30, tzinfo=UTC)


def backup(folder: Path, version: str = "0.1.0", moves: int = 0) -> BackupManifest:
    """A whole backup of one settings file, with archives that begin."""
    for name in ("archive", "rejected"):
        (folder / name).mkdir(parents=True)
        ArchiveManifest.read(folder / name).begin("cluster")
    stored = BackupStore(folder, None).put_bytes(BackupPart.SETTINGS, "quaymark.toml", b"x = 1\n")
    topics = {"port.moves.raw": TopicCount(moves, moves)}
    whole = BackupManifest(1, version, AT, {BackupPart.SETTINGS: AT}, topics, (stored,))
    write_manifest(folder, whole)
    return whole


def target(home: Path) -> RestoreTarget:
    home.mkdir(exist_ok=True)
    return RestoreTarget(Settings(), home, {}, "0.1.0")


def test_a_whole_backup_is_fit_and_reads_as_it_was_written(tmp_path: Path) -> None:
    whole = backup(tmp_path / "kept")

    assert read_manifest(tmp_path / "kept") == whole
    refuse_unfit(tmp_path / "kept", whole, "0.1.0")


@pytest.mark.parametrize(("made_by", "this"), [("0.2.0", "0.1.9"), ("0.10.0", "0.9.0")])
def test_a_backup_of_a_newer_release_is_refused(made_by: str, this: str, tmp_path: Path) -> None:
    whole = backup(tmp_path / "kept", made_by)

    with pytest.raises(StackError, match=f"made by quaymark {made_by}, this is {this}"):
        refuse_unfit(tmp_path / "kept", whole, this)


def test_a_damaged_file_stops_the_restore_before_it_begins(tmp_path: Path) -> None:
    whole = backup(tmp_path / "kept")
    [stored] = whole.files
    (tmp_path / "kept" / stored.path).write_bytes(b"x = 2\n")

    with pytest.raises(StackError, match="nothing was restored") as raised:
        refuse_unfit(tmp_path / "kept", whole, "0.1.0")
    assert stored.path in str(raised.value)


def test_an_archive_that_lost_lines_of_its_manifest_is_not_whole(tmp_path: Path) -> None:
    whole = backup(tmp_path / "kept", moves=3)

    with pytest.raises(StackError, match=r"names 0 files of port\.moves\.raw, 3 were written"):
        refuse_unfit(tmp_path / "kept", whole, "0.1.0")


def test_a_folder_without_a_manifest_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no whole backup"):
        refuse_no_backup(tmp_path, read_manifest(tmp_path))


def test_an_empty_folder_and_equal_settings_are_not_in_the_way(tmp_path: Path) -> None:
    whole = backup(tmp_path / "kept")
    here = target(tmp_path / "home")
    (here.data / "log").mkdir(parents=True)
    (here.home / "quaymark.toml").write_text("x = 1\n")

    assert list(in_the_way(here, tmp_path / "kept", whole)) == []


def test_data_and_settings_that_differ_are_set_aside_and_not_deleted(tmp_path: Path) -> None:
    whole = backup(tmp_path / "kept")
    here = target(tmp_path / "home")
    (here.data / "data/kafka").mkdir(parents=True)
    (here.home / "quaymark.toml").write_text("x = 2\n")

    found = list(in_the_way(here, tmp_path / "kept", whole))
    said = list(set_aside(found, AT))

    assert found == [here.data, here.home / "quaymark.toml"]
    assert len(said) == 2
    assert (here.home / ".quaymark.before-20261129T023000Z/data/kafka").is_dir()
    assert (here.home / "quaymark.toml.before-20261129T023000Z").read_text() == "x = 2\n"
    assert list(in_the_way(here, tmp_path / "kept", whole)) == []
