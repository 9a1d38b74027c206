import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract.errors import StackError
from contract.settings import Settings
from stack.backup.backup_manifest import BackupManifest, BackupPart, read_manifest
from stack.backup.backup_store import BackupStore, faults, lay_out, one_writer
from stack.backup.backup_writer import Backup, BackupSource

AT = datetime(2026, 11, 29, 2, 30, tzinfo=UTC)
PART = BackupPart.PROMETHEUS
MOST_STEPS = 100  # of the disk in one small backup; there are about 30


def manifest(*files: object, form: int = 1) -> BackupManifest:
    return BackupManifest(form, "0.1.0", AT, {}, {}, files)  # type: ignore[arg-type]  # stored files


def test_a_newer_version_lies_beside_the_old_one_until_it_counts(tmp_path: Path) -> None:
    store = BackupStore(tmp_path, None)
    old = store.put_bytes(PART, "meta.json", b"old")
    new = BackupStore(tmp_path, manifest(old)).put_bytes(PART, "meta.json", b"newer")

    assert list(faults(tmp_path, [old, new])) == []
    store.sweep([new])
    assert list(faults(tmp_path, [new])) == []
    assert list(faults(tmp_path, [old])) == [f"{tmp_path / old.path} is missing"]


def test_what_does_not_change_is_neither_read_nor_written_again(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"chunks")
    first = BackupStore(tmp_path, None)
    stored = first.put_file(PART, "01A/chunks/000001", source, unchanging=True)
    again = BackupStore(tmp_path, manifest(stored))
    source.write_bytes(b"CHUNKS")  # of the same size: had it been read, its digest would differ

    assert first.added_bytes == 6
    assert again.put_file(PART, "01A/chunks/000001", source, unchanging=True) == stored
    assert again.added_bytes == 0
    assert again.put_file(PART, "01A/chunks/000001", source) != stored
    assert again.added_bytes == 6


def test_a_file_of_the_last_backup_that_is_gone_is_put_in_again(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"chunks")
    stored = BackupStore(tmp_path, None).put_file(PART, "index", source, unchanging=True)
    (tmp_path / stored.path).unlink()

    BackupStore(tmp_path, manifest(stored)).put_file(PART, "index", source, unchanging=True)

    assert list(faults(tmp_path, [stored])) == []


def test_a_damaged_a_short_and_a_missing_file_are_named(tmp_path: Path) -> None:
    store = BackupStore(tmp_path, None)
    files = [store.put_bytes(PART, name, b"12345") for name in ("a", "b", "c")]
    (tmp_path / files[0].path).write_bytes(b"12X45")
    (tmp_path / files[1].path).write_bytes(b"123")
    (tmp_path / files[2].path).unlink()

    found = list(faults(tmp_path, files))

    assert found[0].endswith("has another checksum than was written")
    assert found[1].endswith("has 3 bytes, 5 were written")
    assert found[2].endswith("is missing")


def test_a_manifest_can_not_write_outside_of_its_folder(tmp_path: Path) -> None:
    stored = BackupStore(tmp_path, None).put_bytes(PART, "a", b"1")

    with pytest.raises(StackError, match="outside of its folder"):
        lay_out(tmp_path, {"../../etc/passwd": stored}, tmp_path / "target")


def test_one_folder_has_one_writer(tmp_path: Path) -> None:
    with (
        one_writer(tmp_path),
        pytest.raises(StackError, match="another `quaymark backup`"),
        one_writer(tmp_path),
    ):
        pass


@pytest.mark.parametrize("text", [b"", b"{", b'{"form": 1}', b'{"form": "x"}'])
def test_a_damaged_manifest_says_so(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "backup.json").write_bytes(text)

    with pytest.raises(StackError, match=r"backup\.json is damaged"):
        read_manifest(tmp_path)


def test_a_form_of_a_later_release_is_refused(tmp_path: Path) -> None:
    (tmp_path / "backup.json").write_bytes(b'{"form": 2, "anything": "else"}')

    with pytest.raises(StackError, match="form 2, this release knows 1"):
        read_manifest(tmp_path)


class Killed(BaseException):
    """What stands for kill -9 at a step of the disk."""


def test_a_backup_killed_at_any_step_leaves_the_last_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run is cut at its next step of the disk, until one comes through."""
    home, kept = tmp_path / "home", tmp_path / "kept"
    home.mkdir()
    kept.mkdir()
    steps = 0

    def cut(patched: pytest.MonkeyPatch, at: int) -> None:
        nonlocal steps
        steps = 0

        def counting(function: Callable[..., object]) -> Callable[..., object]:
            def call(*given: object, **named: object) -> object:
                nonlocal steps
                steps += 1
                if steps == at:
                    raise Killed
                return function(*given, **named)

            return call

        for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (Path, "rmdir")):
            patched.setattr(owner, name, counting(getattr(owner, name)))

    def made(text: str) -> None:
        (home / "quaymark.toml").write_text(text)
        (home / ".env").write_text(f"QUAYMARK_LOG={text}\n")
        settings = Settings(alertmanager_port=1, prometheus_port=1)  # nobody listens there
        source = BackupSource(settings, home, "0.1.0")
        backup = Backup(source, kept, read_manifest(kept), lambda line: None)
        backup.rest(AT)
        backup.finish(AT)

    seen: set[bytes | None] = set()
    for at in range(1, MOST_STEPS):
        with monkeypatch.context() as patched:
            cut(patched, at)
            try:
                made(f"state {at}")
                break
            except Killed:
                pass
        whole = read_manifest(kept)
        if whole is not None:
            assert list(faults(kept, whole.files)) == [], f"killed at step {at}"
            seen.add((kept / whole.of(BackupPart.SETTINGS)["quaymark.toml"].path).read_bytes())
    else:
        pytest.fail("no run came through")

    last = read_manifest(kept)
    assert last is not None
    assert (kept / last.of(BackupPart.SETTINGS)["quaymark.toml"].path).read_text() == f"state {at}"
    assert at > 6  # two files and the manifest, each flushed and renamed, and the sweep
    assert seen  # some runs were cut after the manifest, and none of those was broken
    left = {path for part in BackupPart for path in (kept / part).rglob("*") if path.is_file()}
    assert left == {kept / file.path for file in last.files}
