"""Windows of history made into blocks: text written, promtool run, a few at a time."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from math import ceil
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from contract.errors import StackError
from kpis.past.openmetrics import BlockWindow
from stack.backfill.blocks import Promtool, own
from stack.backfill.manifest import Window

PROMTOOLS = 2  # at a time, beside the telling
AHEAD = 3  # texts that wait or are being read: 30 to 60 MB each


class BuiltBlock(Struct, frozen=True):
    """A window's block in the stage, and the series with most samples, by which to see it."""

    window: Window
    folder: Path
    probe: str
    probed: int


class BlockBuilder:
    """Makes blocks below a stage; what went wrong is raised when they are collected."""

    def __init__(self, promtool: Promtool, stage: Path, owner: os.stat_result) -> None:
        self._promtool, self._stage, self._owner = promtool, stage, owner
        self._pool = ThreadPoolExecutor(PROMTOOLS)
        self._waiting: list[Future[BuiltBlock]] = []
        self._done: list[BuiltBlock] = []

    def __enter__(self) -> "BlockBuilder":
        """Ready."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for those that run; what has not begun is left."""
        self._pool.shutdown(cancel_futures=True)

    def make(self, loom: BlockWindow) -> None:
        """Write a window's text and let promtool have it; waits while too many are under way.

        Raises:
            StackError: the disk is full, or an earlier block failed.
        """
        while len(self._waiting) >= AHEAD:
            self._done.append(self._waiting.pop(0).result())
        text = self._stage / f"{loom.start}.om"
        window, probe, probed = _write(loom, text)
        self._waiting.append(self._pool.submit(self._block, window, text, probe, probed))

    def all(self) -> Iterator[BuiltBlock]:
        """Every block, once made.

        Raises:
            StackError: one failed.
        """
        yield from self._done
        for future in self._waiting:
            yield future.result()

    def _block(self, window: Window, text: Path, probe: str, probed: int) -> BuiltBlock:
        stage = text.with_suffix("")
        try:
            stage.mkdir()
            block = self._promtool.make(text, stage, window.samples)
            text.unlink()
            own(stage / block.ulid, self._owner)
        except OSError as error:
            raise StackError(f"{error}; nothing was moved in: make room") from None
        made = Window(
            start=window.start,
            end=-(-block.maxTime // 1000),
            digest=window.digest,
            samples=window.samples,
            series=window.series,
            blocks=(block.ulid,),
            begins=block.minTime // 1000,
        )
        return BuiltBlock(made, stage / block.ulid, probe, probed)


def refuse_full_disk(folder: Path, needed: int) -> None:
    """Say so before anything is made.

    Raises:
        StackError: less than `needed` bytes are free.
    """
    if (free := shutil.disk_usage(folder).free) < needed:
        raise StackError(
            f"{folder}: {free / 1e6:.0f} MB are free, making history takes {needed / 1e6:.0f} MB "
            "for a while: make room"
        )


def _write(loom: BlockWindow, path: Path) -> tuple[Window, str, int]:
    """Write a window's text: what it holds, its longest series and that one's samples."""
    samples = series = probed = 0
    probe = ""
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for woven in loom.series():
                file.write(woven.text)
                samples, series = samples + woven.samples, series + 1
                if woven.samples > probed:
                    probe, probed = woven.name, woven.samples
            file.write("# EOF\n")
    except OSError as error:
        raise StackError(f"{path}: {error.strerror}; nothing was moved in: make room") from None
    window = Window(loom.start, ceil(loom.end), loom.digest, samples, series, ())
    return window, probe, probed
