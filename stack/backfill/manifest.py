"""The manifest: which blocks in Prometheus's data folder are history, and their contents."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from contract.errors import StackError

NAME = "quaymark-history.json"


class Window(Struct, frozen=True):
    """A window of history: the digest of its text, and the blocks made from it.

    The digest is empty while the window's blocks are being swapped.
    """

    start: int
    end: int
    """Unix seconds; the end is excluded."""
    digest: str
    samples: int
    series: int
    blocks: tuple[str, ...]
    begins: int = 0
    """Unix second of the first sample, which may be later than the window's start."""


class History(Struct, frozen=True):
    """The history of the live books (run "") or of a run."""

    windows: tuple[Window, ...] = ()
    live_since: float | None = None
    """Unix second of the first scraped sample; history ends strictly before it."""

    def at(self, start: int) -> Window | None:
        """Return the window that begins at a Unix second; None without one."""
        return next((one for one in self.windows if one.start == start), None)

    def with_windows(self, windows: Mapping[int, Window | None]) -> "History":
        """Return the history with some windows replaced, by their start; None removes one."""
        kept: dict[int, Window | None] = {one.start: one for one in self.windows}
        kept.update(windows)
        return replace(self, windows=tuple(one for _, one in sorted(kept.items()) if one))


class BlockManifest(Struct, frozen=True):
    """Run -> its history; it lies beside the blocks, so that both are copied together."""

    runs: dict[str, History] = {}
    version: int = 1

    def of(self, run: str) -> History:
        """Return the history of a run, which is empty before its first load."""
        return self.runs.get(run, History())

    def with_history(self, run: str, history: History) -> "BlockManifest":
        """Return the manifest with the history of a run replaced."""
        runs = {**self.runs, run: history}
        return replace(self, runs={name: one for name, one in runs.items() if one != History()})


def read(data: Path) -> BlockManifest:
    """Read the manifest of a data folder.

    Raises:
        StackError: it is damaged.
    """
    try:
        return msgspec.json.decode((data / NAME).read_bytes(), type=BlockManifest)
    except FileNotFoundError:
        return BlockManifest()
    except msgspec.MsgspecError as error:
        raise StackError(
            f"{data / NAME}: {error}; without the manifest nobody knows which blocks are history: "
            "restore it, or see docs/history.md (The manifest is damaged)"
        ) from None


def write(data: Path, manifest: BlockManifest, owner: os.stat_result) -> None:
    """Write the manifest to a new file, and rename it over the old one."""
    path = data / f"{NAME}.new"
    try:
        with path.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(manifest)))
            file.flush()
            os.fsync(file.fileno())
        if os.geteuid() == 0:
            os.chown(path, owner.st_uid, owner.st_gid)
        path.replace(data / NAME)
    except OSError:
        path.unlink(missing_ok=True)
        raise
