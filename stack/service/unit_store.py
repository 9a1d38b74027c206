"""Unit files on disk: written whole, and never overwritten once a person changed them."""

import difflib
import hashlib
import os
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from contract.errors import Misconfigured, StackError
from stack.service.unit import SystemdUnit

HEAD = re.compile(r"# Written by quaymark (?P<version>\S+); sha256 of the rest: (?P<sha256>\w+)\n")
HINT = (
    "# Own settings go beside this file: `systemctl edit` writes them, and install keeps them.\n"
)


class UnitState(StrEnum):
    """What lies under a unit's name."""

    MISSING = "missing"
    SAME = "same"
    OURS = "ours"
    """Written by an earlier `service install`, with another text."""
    CHANGED = "changed"
    """Changed, or written, by a person."""


class UnitStore:
    """The folder of systemd's unit files for the machine or for one user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, file: str) -> Path:
        """Where a unit file lies."""
        return self.folder / file

    def state(self, unit: SystemdUnit, version: str) -> UnitState:
        """Compare what lies there with the unit."""
        found = self._text(unit.file)
        if found is None:
            return UnitState.MISSING
        if found == full_text(unit, version):
            return UnitState.SAME
        return UnitState.OURS if is_ours(found) else UnitState.CHANGED

    def difference(self, unit: SystemdUnit, version: str) -> Iterator[str]:
        """Yield the lines of a unified diff from what lies there to the unit."""
        found, wanted = self._text(unit.file) or "", full_text(unit, version)
        there = str(self.path(unit.file))
        lines = (found.splitlines(), wanted.splitlines())
        yield from difflib.unified_diff(*lines, there, "as installed", n=1, lineterm="")

    def home(self, file: str) -> str | None:
        """The folder that an existing unit works in; None if there is no such unit."""
        for line in (self._text(file) or "").splitlines():
            if line.startswith("WorkingDirectory="):
                return line.removeprefix("WorkingDirectory=").replace("%%", "%")
        return None

    def write(self, unit: SystemdUnit, version: str) -> None:
        """Write a unit; the old one stays whole until the new one is.

        Raises:
            Misconfigured: this user may not write there.
            StackError: the disk refuses it.
        """
        path = self.path(unit.file)
        making = path.with_name(f".{path.name}.making")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with making.open("w", encoding="utf-8") as file:
                file.write(full_text(unit, version))
                file.flush()
                os.fsync(file.fileno())
            making.chmod(0o644)
            making.replace(path)
        except PermissionError:
            raise Misconfigured(
                f"{self.folder} belongs to root: run this with sudo, or without --system for a "
                "service of your own"
            ) from None
        except OSError as error:
            raise StackError(f"{path}: {error.strerror}") from None

    def take_away(self, file: str) -> str | None:
        """Delete a unit that is ours, set one aside that a person changed; say which, if any.

        Raises:
            Misconfigured: this user may not.
        """
        found, path = self._text(file), self.path(file)
        if found is None:
            return None
        try:
            if is_ours(found):
                path.unlink()
                return f"removed {path}"
            kept = path.with_name(f"{path.name}.changed")
            path.replace(kept)
        except PermissionError:
            raise Misconfigured(f"{path} belongs to root: run this with sudo") from None
        return f"{path} was changed by hand: it lies in {kept} now"

    def _text(self, file: str) -> str | None:
        try:
            return self.path(file).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None


def full_text(unit: SystemdUnit, version: str) -> str:
    """Return a unit file with the head by which it is recognised."""
    rest = HINT + unit.text
    return f"# Written by quaymark {version}; sha256 of the rest: {_digest(rest)}\n{rest}"


def is_ours(text: str) -> bool:
    """Whether a unit file is as `service install` wrote it."""
    head = HEAD.match(text)
    return head is not None and head["sha256"] == _digest(text[head.end() :])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
