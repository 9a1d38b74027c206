"""Blocks of history put into a Prometheus's data folder in place of those of the manifest."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from contract.errors import StackError
from kpis.catalogue import CATALOGUE
from rules.alerts import ALERTS
from stack.backfill import manifest as manifests
from stack.backfill.block_builder import BuiltBlock
from stack.backfill.blocks import blocks_in, keeper
from stack.backfill.manifest import BlockManifest, History, Window
from stack.backfill.prometheus_api import Prometheus


def selectors(run: str) -> tuple[str, ...]:
    """Every series that the history of the live books ("") or of a run may have."""
    families = "|".join(sorted({family.name for family in CATALOGUE}))
    alerts = "|".join(sorted({alert.name for alert in ALERTS}))
    return (
        f'{{__name__=~"([a-z]+:)?({families})_.+",run="{run}"}}',
        f'ALERTS{{alertname=~"{alerts}",run="{run}"}}',
    )


class BlockSwap:
    """Out with a window's old blocks, in with its new one; all windows or none.

    The manifest names both while they are exchanged, so that a crash in between loses track of
    neither: the next load makes those windows anew.
    """

    def __init__(
        self, server: Prometheus | None, data: Path, stage: Path, manifest: BlockManifest, run: str
    ) -> None:
        self._server, self._data, self._stage = server, data, stage
        self._manifest, self._run = manifest, run
        self._owner = keeper(data)
        self._renamed: list[tuple[Path, Path]] = []
        self._forgotten: set[int] = set()
        """Starts of windows whose samples were deleted out of merged blocks."""

    def swap(self, before: History, changes: Mapping[int, BuiltBlock | None]) -> History:
        """Exchange windows, by their start; None only takes the old ones out.

        Raises:
            StackError: a file can't be moved or written, or merged samples can't be deleted; then
            all is as it was, and windows whose merged samples are gone are made anew next time.
        """
        pending, after = {}, {}
        for start, made in changes.items():
            old = before.at(start)
            leaving = old.blocks if old else ()
            window = made.window if made else old
            after[start] = made.window if made else None
            if window is not None:
                coming = made.window.blocks if made else ()
                pending[start] = replace(window, digest="", blocks=leaving + coming)
        result = before.with_windows(after)
        try:
            self._write(before.with_windows(pending))
            for start, made in changes.items():
                if old := before.at(start):
                    self._take_out(old)
                if made is not None:
                    self._rename(made.folder, self._data / made.folder.name)
            self._write(result)
        except (OSError, StackError) as error:
            self._undo(before)
            if isinstance(error, OSError):
                raise StackError(f"{self._data}: {error}; all is as it was") from None
            raise
        return result

    def _undo(self, before: History) -> None:
        for source, target in reversed(self._renamed):
            target.rename(source)
        gone = {
            start: replace(window, digest="")
            for start in self._forgotten
            if (window := before.at(start))
        }
        with suppress(OSError):  # then the manifest names old and new, and both are looked for
            self._write(before.with_windows(gone))

    def _take_out(self, window: Window) -> None:
        """Rename a window's blocks out; of a block that was merged delete the samples."""
        sources = {block.ulid: block.compaction.sources for block in blocks_in(self._data)}
        for ulid in window.blocks:
            if ulid in sources and sources[ulid] in ((), (ulid,)):
                self._rename(self._data / ulid, self._stage / f"out-{ulid}")
            elif any(ulid in merged for merged in sources.values()):
                if self._server is None:
                    raise StackError(
                        f"block {ulid} was merged into another: only a running Prometheus can "
                        "delete its samples"
                    )
                self._forgotten.add(window.start)
                for selector in selectors(self._run):
                    self._server.forget(selector, window.start, window.end - 0.001)

    def _rename(self, source: Path, target: Path) -> None:
        source.rename(target)
        self._renamed.append((source, target))

    def _write(self, history: History) -> None:
        self._manifest = self._manifest.having(self._run, history)
        manifests.write(self._data, self._manifest, self._owner)


def refuse_unowned(data: Path) -> None:
    """Make sure that this user may write to the data folder.

    Raises:
        StackError: not.
    """
    if not os.access(data, os.W_OK):
        raise StackError(
            f"{data} can't be written to by user {os.geteuid()}: run this as the user of "
            "Prometheus, or as root"
        )
