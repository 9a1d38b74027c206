"""The swap of blocks in Prometheus's data folder: new ones in, those of the manifest out."""

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
from stack.backfill.blocks import blocks_in, data_owner
from stack.backfill.manifest import BlockManifest, History, Window
from stack.backfill.prometheus_api import Prometheus


def selectors(run: str) -> tuple[str, ...]:
    """Return selectors of all series that the history of the live books ("") or a run can have."""
    families = "|".join(sorted({family.name for family in CATALOGUE}))
    alerts = "|".join(sorted({alert.name for alert in ALERTS}))
    return (
        f'{{__name__=~"([a-z]+:)?({families})_.+",run="{run}"}}',
        f'ALERTS{{alertname=~"{alerts}",run="{run}"}}',
    )


class BlockSwap:
    """Replaces the old blocks of windows by new ones: all windows, or none.

    During the swap the manifest names old and new blocks, so that after a crash both are still
    known, and the next load builds those windows anew.
    """

    def __init__(
        self, server: Prometheus | None, data: Path, stage: Path, manifest: BlockManifest, run: str
    ) -> None:
        self._server, self._data, self._stage = server, data, stage
        self._manifest, self._run = manifest, run
        self._owner = data_owner(data)
        self._renamed: list[tuple[Path, Path]] = []
        self._deleted: set[int] = set()
        """Starts of windows whose samples were deleted from merged blocks."""

    def swap(self, before: History, changes: Mapping[int, BuiltBlock | None]) -> History:
        """Swap windows, given by their start, and return the new history.

        None in place of a block only takes the old ones out.

        Raises:
            StackError: a file can't be moved or written, or samples in a merged block can't be
                deleted.  All files are then as before, and windows whose samples were already
                deleted are built anew by the next load.
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
                raise StackError(f"{self._data}: {error}; the blocks are as before") from None
            raise
        return result

    def _undo(self, before: History) -> None:
        for source, target in reversed(self._renamed):
            target.rename(source)
        gone = {
            start: replace(window, digest="")
            for start in self._deleted
            if (window := before.at(start))
        }
        with suppress(
            OSError
        ):  # then the manifest names old and new blocks, and the next load looks for both
            self._write(before.with_windows(gone))

    def _take_out(self, window: Window) -> None:
        """Move a window's blocks out of the folder; delete its samples from a merged block."""
        sources = {block.ulid: block.compaction.sources for block in blocks_in(self._data)}
        for ulid in window.blocks:
            if ulid in sources and sources[ulid] in ((), (ulid,)):
                self._rename(self._data / ulid, self._stage / f"out-{ulid}")
            elif any(ulid in merged for merged in sources.values()):
                if self._server is None:
                    raise StackError(
                        f"block {ulid} was merged into another one: only a running Prometheus can "
                        "delete its samples"
                    )
                self._deleted.add(window.start)
                for selector in selectors(self._run):
                    self._server.delete_samples(selector, window.start, window.end - 0.001)

    def _rename(self, source: Path, target: Path) -> None:
        source.rename(target)
        self._renamed.append((source, target))

    def _write(self, history: History) -> None:
        self._manifest = self._manifest.with_history(self._run, history)
        manifests.write(self._data, self._manifest, self._owner)


def refuse_unwritable(data: Path) -> None:
    """Make sure that this user may write to the data folder.

    Raises:
        StackError: the folder is not writable.
    """
    if not os.access(data, os.W_OK):
        raise StackError(
            f"{data} can't be written to by user {os.geteuid()}: run this as the user of "
            "Prometheus, or as root"
        )
