"""Prometheus's blocks in a backup: a snapshot of the running server, copied and dropped again."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contract.errors import StackError
from stack.backfill import manifest as history_manifest
from stack.backfill.blocks import ULID
from stack.backfill.prometheus_api import Prometheus
from stack.backup.backup_manifest import BackupPart, StoredFile
from stack.backup.backup_store import BackupStore

NOTE = ".snapshot"
"""File in the backup's folder: the snapshot that a killed backup may have left on the server."""
SNAPSHOTS = "snapshots"
TRIES = 5  # `history load` may exchange blocks while one is taken
UNCHANGING = ("index", "chunks")
"""What Prometheus writes once; deletions change meta.json and tombstones."""


def store_blocks(store: BackupStore, server: Prometheus, data: Path) -> list[StoredFile]:
    """Put the server's blocks, its newest samples too, and the manifest of history into a backup.

    Raises:
        StackError: the server does not answer, or was started without its admin API.
        OSError: a file can't be read, or the backup's disk refuses it.
    """
    _drop_left_over(store.folder / NOTE)
    for _ in range(TRIES):
        before = _history(data)
        with _snapshot(store.folder / NOTE, server, data) as snapshot:
            if _history(data) == before:
                return [*_stored(store, snapshot), *_stored_history(store, before)]
    raise StackError(
        f"history was loaded into {data} again and again meanwhile: make the backup after it"
    )


def _stored(store: BackupStore, snapshot: Path) -> Iterator[StoredFile]:
    for path in sorted(snapshot.rglob("*")):
        name = path.relative_to(snapshot).as_posix()
        if path.is_file() and ULID.fullmatch(name.split("/")[0]):
            unchanging = name.split("/")[1] in UNCHANGING
            yield store.put_file(BackupPart.PROMETHEUS, name, path, unchanging=unchanging)


def _stored_history(store: BackupStore, history: bytes | None) -> Iterator[StoredFile]:
    if history is not None:
        yield store.put_bytes(BackupPart.PROMETHEUS, history_manifest.NAME, history)


def _history(data: Path) -> bytes | None:
    try:
        return (data / history_manifest.NAME).read_bytes()
    except FileNotFoundError:
        return None


@contextmanager
def _snapshot(note: Path, server: Prometheus, data: Path) -> Iterator[Path]:
    """Give the folder of a snapshot, which costs no disk: its files are links to the blocks."""
    path = data / SNAPSHOTS / server.snapshot()
    note.write_text(str(path), encoding="utf-8")
    try:
        if not path.is_dir():
            raise StackError(f"{path} is not there: is {data} the data folder of {server.url}?")
        yield path
    finally:
        _drop_left_over(note)


def _drop_left_over(note: Path) -> None:
    """Remove the snapshot that the note names, and then the note."""
    if not note.exists():
        return
    path = Path(note.read_text(encoding="utf-8"))
    if path.parent.name == SNAPSHOTS:  # a damaged note must not cost another folder
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            raise StackError(f"{path} can't be removed: run this as the user of Prometheus")
    note.unlink()
