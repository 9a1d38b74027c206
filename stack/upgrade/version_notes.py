"""Which releases have run in a folder, and which changes each of them knew."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from contract.errors import StackError

NAME = "versions.jsonl"


class VersionNote(Struct, frozen=True):
    """A release that `quaymark up` ran in the folder, from `at` on.

    Two checkouts may bear one version, so it is the ids that say what is new.
    """

    version: str
    changes: tuple[str, ...]
    at: datetime


_decode = msgspec.json.Decoder(VersionNote).decode


def read_notes(folder: Path) -> list[VersionNote]:
    """Return the releases that have run in the folder, the oldest first.

    A last line without its end was being written when something failed: it does not count.

    Raises:
        StackError: the file is damaged or can't be read.
    """
    path = folder / NAME
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
        return [_decode(line) for line in lines]
    except FileNotFoundError:
        return []
    except (msgspec.MsgspecError, OSError) as error:
        raise StackError(
            f"{path}: {error}; move it away, and every change is listed as new"
        ) from None


def note_version(
    folder: Path, version: str, changes: Sequence[str], at: datetime
) -> Iterator[str]:
    """Note the release that starts, if the folder does not know it, and say what is new to it.

    Raises:
        StackError: the file is damaged, or can't be written.
    """
    notes = read_notes(folder)
    last = notes[-1] if notes else None
    if last is not None and (last.version, last.changes) == (version, tuple(changes)):
        return
    note = VersionNote(version, tuple(changes), at)
    try:
        with (folder / NAME).open("ab+") as file:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
            file.write(msgspec.json.encode(note) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StackError(f"{folder / NAME}: {error.strerror}") from None
    if last is not None and (new := [one for one in changes if one not in last.changes]):
        yield (
            f"this release changes {len(new)} things since {last.version}, which ran here before: "
            "`quaymark upgrade --check --before` names them"
        )


def has_data(folder: Path) -> bool:
    """Whether a port has run in the folder, by whatever release."""
    data = folder / "data"
    return data.is_dir() and any(data.iterdir())
