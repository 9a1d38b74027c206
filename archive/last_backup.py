"""The note of the last backup: when it was made, or since when one is awaited.

It lies in the data folder.  `quaymark backup`, `restore` and `service install --backup` write it,
and the worker shows its time.
"""

import os
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

NAME = "last-backup.json"


class LastBackup(Struct, frozen=True):
    """The last backup of an installation."""

    folder: str
    """Where its backups lie."""
    at: datetime
    """When it was made; of one that is awaited, since when."""
    is_made: bool = True


def read_last_backup(data: Path) -> LastBackup | None:
    """Return the note in a data folder; None if no backup was made and none is awaited.

    A damaged note is none, too: the next backup writes it anew.
    """
    try:
        return msgspec.json.decode((data / NAME).read_bytes(), type=LastBackup)
    except (OSError, msgspec.MsgspecError, UnicodeError):
        return None


def note_backup(data: Path, backup: LastBackup) -> None:
    """Write the note, whole or not at all.

    Raises:
        OSError: the disk refuses it.
    """
    data.mkdir(parents=True, exist_ok=True)
    making = data / f"{NAME}.making"
    making.write_bytes(msgspec.json.encode(backup) + b"\n")
    os.replace(making, data / NAME)


def expect_backup(data: Path, folder: str, now: datetime) -> None:
    """Note that backups are awaited from now on, unless there is a note.

    Raises:
        OSError: the disk refuses it.
    """
    if read_last_backup(data) is None:
        note_backup(data, LastBackup(folder, now, is_made=False))
