"""Which blocks in a Prometheus's data folder are history, and what each was made of."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from contract.errors import StackError

NAME = "quaymark-history.json"


class Window(Struct, frozen=True):
    """One window of one run: its text's digest, and the blocks made of it.

    An empty digest is a window whose blocks are just being exchanged.
    """

    start: int
    end: int
    """Unix seconds, excluded."""
    digest: str
    samples: int
    series: int
    blocks: tuple[str, ...]
    begins: int = 0
    """The first sample, which may be later than the window's start."""


class History(Struct, frozen=True):
    """The history of the live books (run "") or of a run."""

    windows: tuple[Window, ...] = ()
    live_since: float | None = None
    """When the first sample was scraped: history ends strictly before."""

    def at(self, start: int) -> Window | None:
        """The window that begins then."""
        return next((one for one in self.windows if one.start == start), None)

    def with_windows(self, windows: Mapping[int, Window | None]) -> "History":
        """With these instead of what was there; None takes one out."""
        kept: dict[int, Window | None] = {one.start: one for one in self.windows}
        kept.update(windows)
        return replace(self, windows=tuple(one for _, one in sorted(kept.items()) if one))


class BlockManifest(Struct, frozen=True):
    """Run -> its history; lies beside the blocks, so that both go together."""

    runs: dict[str, History] = {}
    version: int = 1

    def of(self, run: str) -> History:
        """The history of a run, perhaps none yet."""
        return self.runs.get(run, History())

    def having(self, run: str, history: History) -> "BlockManifest":
        """With another history of a run."""
        runs = {**self.runs, run: history}
        return replace(self, runs={name: one for name, one in runs.items() if one != History()})


def read(data: Path) -> BlockManifest:
    """The manifest of a data folder.

    Raises:
        StackError: it is damaged.
    """
    try:
        return msgspec.json.decode((data / NAME).read_bytes(), type=BlockManifest)
    except FileNotFoundError:
        return BlockManifest()
    except msgspec.MsgspecError as error:
        raise StackError(
            f"{data / NAME}: {error}; without it the blocks of history can't be told from others: "
            "restore it, or see docs/history.md (The manifest is damaged)"
        ) from None


def write(data: Path, manifest: BlockManifest, owner: os.stat_result) -> None:
    """Write it whole or not at all."""
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
