"""What a backup holds: its parts, each file with its digest, and what was left out and why."""

import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct

from contract.errors import StackError

NAME = "backup.json"
FORM = 1  # of the folder; a reader refuses one that it does not know


class BackupPart(StrEnum):
    """What a backup is made of."""

    RECORDS = "records"
    SETTINGS = "settings"
    SILENCES = "silences"
    PROMETHEUS = "prometheus"
    REPORTS = "reports"


class StoredFile(Struct, frozen=True):
    """One file of a backup, beside the archives of records."""

    part: BackupPart
    name: str
    """What it is restored as: a path below the folder of its part."""
    size: int
    sha256: str

    @property
    def path(self) -> str:
        """Where it lies below the backup's folder.

        Its digest is in its name: a newer version lies beside it, so that a backup that is killed
        has not touched what the last whole one needs.
        """
        return f"{self.part}/{self.name}.{self.sha256[:12]}"


class TopicCount(Struct, frozen=True):
    """How much of a topic its archive held when the backup was made."""

    files: int
    records: int


class BackupManifest(Struct, frozen=True):
    """A whole backup.  Only what it names counts; it is written last."""

    form: int
    version: str
    """The quaymark that made it."""
    made_at: datetime
    parts: dict[BackupPart, datetime]
    """When each part was read; a part that could not be read keeps its files and its time."""
    topics: dict[str, TopicCount] = {}
    files: tuple[StoredFile, ...] = ()
    left_out: tuple[str, ...] = ()
    """What is not in the backup, and why, in words."""
    targets_only: bool = False
    """The port is a real one: `up` sends no simulated event, which a restore must not change."""

    def of(self, part: BackupPart) -> dict[str, StoredFile]:
        """Name -> file, of one part."""
        return {file.name: file for file in self.files if file.part is part}


def read_manifest(folder: Path) -> BackupManifest | None:
    """Return the manifest of a backup; None where there is no whole one.

    Raises:
        StackError: it is damaged, of another form, or can't be read.
    """
    path = folder / NAME
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StackError(f"{path}: {error.strerror}") from None
    try:
        form = msgspec.json.decode(text, type=_Form).form
        if form != FORM:
            raise StackError(
                f"{path}: the backup is of form {form}, this release knows {FORM}: "
                "use the release that made it, or a newer one"
            )
        return msgspec.json.decode(text, type=BackupManifest)
    except msgspec.MsgspecError as error:
        raise StackError(
            f"{path} is damaged: {error}; put it back from a copy, or make a backup in a new "
            "folder"
        ) from None


def write_manifest(folder: Path, manifest: BackupManifest) -> None:
    """Make a backup count: written whole under another name, flushed, renamed.

    Raises:
        OSError: the disk refuses it; then the last backup still counts.
    """
    making = folder / f"{NAME}.making"
    with making.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    making.replace(folder / NAME)
    at = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(at)  # the rename itself survives a power cut
    finally:
        os.close(at)


class _Form(Struct, frozen=True):
    form: int
