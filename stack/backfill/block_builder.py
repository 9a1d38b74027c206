"""Windows of history as blocks: each is written as text and converted by promtool."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from math import ceil
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from contract.errors import StackError
from kpis.past.openmetrics import BlockWindow
from stack.backfill.blocks import Promtool, change_owner
from stack.backfill.manifest import Window

PROMTOOLS = 2  # at a time, while this process computes the next windows
AHEAD = 3  # texts that wait for promtool or are being read by it: 30 to 60 MB each


class BuiltBlock(Struct, frozen=True):
    """A window's block in the staging folder.

    `probe` is its series with the most samples; Prometheus shows the block once it shows these.
    """

    window: Window
    folder: Path
    probe: str
    probe_samples: int


class BlockBuilder:
    """Builds blocks below a staging folder; a failure is raised when the blocks are collected."""

    def __init__(self, promtool: Promtool, stage: Path, owner: os.stat_result) -> None:
        self._promtool, self._stage, self._owner = promtool, stage, owner
        self._pool = ThreadPoolExecutor(PROMTOOLS)
        self._waiting: list[Future[BuiltBlock]] = []
        self._done: list[BuiltBlock] = []

    def __enter__(self) -> "BlockBuilder":
        """Return the builder."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for the programs that run; windows that wait are dropped."""
        self._pool.shutdown(cancel_futures=True)

    def make(self, window: BlockWindow) -> None:
        """Write a window's text and hand it to promtool; waits while `AHEAD` texts are pending.

        Raises:
            StackError: the disk is full, or an earlier block failed.
        """
        while len(self._waiting) >= AHEAD:
            self._done.append(self._waiting.pop(0).result())
        text = self._stage / f"{window.start}.om"
        entry, probe, samples = _write(window, text)
        self._waiting.append(self._pool.submit(self._block, entry, text, probe, samples))

    def all(self) -> Iterator[BuiltBlock]:
        """Yield every block, as soon as promtool has made it.

        Raises:
            StackError: a block could not be made.
        """
        yield from self._done
        for future in self._waiting:
            yield future.result()

    def _block(self, window: Window, text: Path, probe: str, samples: int) -> BuiltBlock:
        stage = text.with_suffix("")
        try:
            stage.mkdir()
            block = self._promtool.make(text, stage, window.samples)
            text.unlink()
            change_owner(stage / block.ulid, self._owner)
        except OSError as error:
            raise StackError(f"{error}; no block was loaded: make room") from None
        made = Window(
            start=window.start,
            end=-(-block.maxTime // 1000),
            digest=window.digest,
            samples=window.samples,
            series=window.series,
            blocks=(block.ulid,),
            begins=block.minTime // 1000,
        )
        return BuiltBlock(made, stage / block.ulid, probe, samples)


def _write(window: BlockWindow, path: Path) -> tuple[Window, str, int]:
    """Write a window as OpenMetrics text.

    Returns its entry for the manifest, and the name and samples of its longest series.
    """
    samples = series = probe_samples = 0
    probe = ""
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for one in window.series():
                file.write(one.text)
                samples, series = samples + one.samples, series + 1
                if one.samples > probe_samples:
                    probe, probe_samples = one.name, one.samples
            file.write("# EOF\n")
    except OSError as error:
        raise StackError(f"{path}: {error.strerror}; no block was loaded: make room") from None
    entry = Window(window.start, ceil(window.end), window.digest, samples, series, ())
    return entry, probe, probe_samples
