"""The load of history into a running Prometheus: windows that changed are built and swapped.

No incomplete block is loaded: blocks are built in a staging folder on Prometheus's disk, and
renamed into its data folder once all are complete.  The blocks of a window that the manifest names
are replaced, never overlapped: of two overlapping blocks Prometheus takes the later one.
"""

import fcntl
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import floor, inf
from pathlib import Path
from tempfile import mkdtemp

from msgspec import Struct

from contract.errors import StackError
from kpis.past.all_owners import PastOfOwners
from kpis.past.history import HistoryPoint, InstantSpan
from kpis.past.openmetrics import WINDOW_SECONDS, SeriesNamer, SeriesValues, windows
from rules.past_alerts import PastAlerts
from stack.backfill import manifest as manifests
from stack.backfill.block_builder import (
    AHEAD,
    PROMTOOLS,
    BlockBuilder,
    BuiltBlock,
)
from stack.backfill.block_swap import BlockSwap, refuse_unwritable, selectors
from stack.backfill.blocks import Promtool, data_owner, faults, present_blocks
from stack.backfill.live_boundary import head_begins, with_live_since
from stack.backfill.manifest import History, Window
from stack.backfill.prometheus_api import RELOADS, RELOADS_FAILED, Prometheus, refuse_unsuitable
from stack.forecast_process import forecaster_of
from stack.processes.disk_space import refuse_full_disk

STAGE = "quaymark-history.stage"
LOCK = "quaymark-history.lock"
LEAD_SECONDS = 2 * 86_400  # computed before the first window: an alert waits a day to fire
NEEDED_BYTES = PROMTOOLS * 650_000_000 + AHEAD * 60_000_000  # each takes 512 + 128 MB at once
SEEN_SECONDS = 180.0  # Prometheus looks for new blocks once a minute
POLL_SECONDS = 0.5


class HistoryWindow(Struct, frozen=True):
    """A window of Unix seconds, its points of history, and whether it changed since the last load.

    A window that is taken out has no points.
    """

    start: float
    end: float
    points: Sequence[HistoryPoint]
    changed: bool


Publish = Callable[[HistoryWindow], None]
"""Is called with each wanted window; its points are only valid during the call."""


def _publish_nothing(window: HistoryWindow) -> None:
    """Do nothing: the readings are not published."""


class WantedWindows(Struct, frozen=True):
    """The windows that touch a span of Unix seconds, of the live books ("") or of a run."""

    since: float = -inf
    until: float = inf
    run: str = ""

    def touches(self, start: float, end: float) -> bool:
        """Return whether a window touches the wanted span."""
        return start < self.until and end > self.since


class LoadOutcome(Struct, frozen=True):
    """The outcome of a load."""

    cut: float
    """Unix seconds; history ends strictly before it."""
    made: tuple[BuiltBlock, ...]
    kept: int
    removed: int
    reloads: float
    """How often Prometheus had looked for blocks by the end of the load."""
    failures: float
    """How often Prometheus had failed to load blocks before the load."""
    run: str = ""


class HistoryLoad:
    """One load of what the books know of the past into a Prometheus."""

    def __init__(
        self,
        server: Prometheus,
        data: Path,
        wanted: WantedWindows,
        publish: Publish = _publish_nothing,
    ) -> None:
        self._server, self._data, self._wanted, self._publish = server, data, wanted, publish
        self._promtool = Promtool.found()
        self._failures = server.metric(RELOADS_FAILED)

    def load(self, past: PastOfOwners, now: float) -> LoadOutcome:
        """Build the windows that changed, and swap them for their old blocks.

        Raises:
            StackError: the disk is full, or a block can't be built or moved; no block is loaded
                then.
        """
        refuse_unsuitable(self._server)
        now = min(now, self._server.clock())
        with exclusive_stage(self._data) as stage:
            if fault := next(faults(self._data), ""):
                raise StackError(f"{fault}, and load again; no block was loaded")
            manifest = manifests.read(self._data)
            before = with_live_since(
                self._server, self._data, manifest.of(self._wanted.run), self._wanted.run, now
            )
            cut = min(now, before.live_since or now, head_begins(self._server, now))
            starts, made = self._build(past, stage, before, floor(cut) - 1)
            if late := [one for one in made if one.window.end > cut]:
                raise StackError(
                    f"a block ends at {late[0].window.end}, but live samples begin at {cut}"
                )
            gone = [
                one
                for one in before.windows
                if one.start not in starts and self._wanted.touches(one.start, one.end)
            ]
            for one in gone:
                self._publish(HistoryWindow(one.start, one.end, (), changed=True))
            changes: dict[int, BuiltBlock | None] = {one.window.start: one for one in made}
            changes |= dict.fromkeys(one.start for one in gone)
            swap = BlockSwap(self._server, self._data, stage, manifest, self._wanted.run)
            swap.swap(before, changes)
        reloads, failures = self._server.metric(RELOADS), self._failures
        kept = len(starts) - len(made)
        return LoadOutcome(cut, made, kept, len(gone), reloads, failures, self._wanted.run)

    def delete_loading_samples(self, since: float, now: float) -> None:
        """Before the first load, delete samples that were scraped while the worker caught up."""
        if manifests.read(self._data).of(self._wanted.run) == History():
            for selector in selectors(self._wanted.run):
                self._server.delete_samples(selector, since, now)

    def _build(
        self, past: PastOfOwners, stage: Path, before: History, until: int
    ) -> tuple[set[int], tuple[BuiltBlock, ...]]:
        """Build the wanted windows that changed.

        Returns the starts of all wanted windows, and the blocks built.
        """
        wanted, present = self._wanted, present_blocks(self._data)
        namer = SeriesNamer(wanted.run)
        alerts = PastAlerts(namer)
        points: list[HistoryPoint] = []
        starts = set()

        def series_of(point: HistoryPoint) -> Iterator[SeriesValues]:
            points.append(point)
            yield from namer.name_values(point)
            yield from alerts.values(point)

        last = until if wanted.until == inf else min(until, _window_end(wanted.until))
        span = InstantSpan(wanted.since - WINDOW_SECONDS - LEAD_SECONDS, last)
        span = span._replace(forecaster=forecaster_of(past.bases(span)))
        with BlockBuilder(self._promtool, stage, data_owner(self._data)) as builder:
            for window in windows(past.points(span), series_of, until):
                if wanted.touches(window.start, window.end):
                    starts.add(window.start)
                    old = before.at(window.start)
                    same = old and old.digest == window.digest and {*old.blocks} <= present
                    if not same:
                        builder.make(window)
                    self._publish(
                        HistoryWindow(window.start, window.end, points, changed=not same)
                    )
                points.clear()
            return starts, tuple(builder.all())


def drop_history(
    server: Prometheus | None, data: Path, wanted: WantedWindows
) -> tuple[Window, ...]:
    """Take history out of Prometheus, and return the windows that were removed."""
    with exclusive_stage(data) as stage:
        manifest = manifests.read(data)
        before = manifest.of(wanted.run)
        gone = tuple(one for one in before.windows if wanted.touches(one.start, one.end))
        swap = BlockSwap(server, data, stage, manifest, wanted.run)
        swap.swap(before, dict.fromkeys(one.start for one in gone))
    return gone


def wait_until_seen(server: Prometheus, outcome: LoadOutcome) -> None:
    """Return once Prometheus shows all samples that were written.

    Raises:
        StackError: it does not show them within `SEEN_SECONDS`, or failed to load its blocks.
    """
    deadline = time.monotonic() + SEEN_SECONDS
    waiting = list(outcome.made)
    while waiting or (outcome.removed and server.metric(RELOADS) <= outcome.reloads):
        if server.metric(RELOADS_FAILED) > outcome.failures:
            raise StackError(
                f"{server.url} could not load its blocks, and still shows the old ones: its log "
                "names the block; `quaymark history drop` takes history out"
            )
        if server.metric(RELOADS) > outcome.reloads:
            waiting = [made for made in waiting if not _is_seen(server, made, outcome.run)]
        if time.monotonic() > deadline:
            raise StackError(
                f"after {SEEN_SECONDS:.0f} s {server.url} does not show the loaded history; its "
                "log says whether it can read the blocks"
            )
        if waiting:
            time.sleep(POLL_SECONDS)


def _is_seen(server: Prometheus, made: BuiltBlock, run: str) -> bool:
    """Return whether Prometheus has all samples of a block's longest series.

    Without run="" the selector of a live series would match the same series of runs too.
    """
    window, probe = made.window, made.probe if run else made.probe[:-1] + ',run=""}'
    query = f"count_over_time({probe}[{window.end - window.start}s])"
    return [*server.query(query, window.end - 0.001).values()] == [made.probe_samples]


@contextmanager
def exclusive_stage(data: Path) -> Iterator[Path]:
    """Yield an empty staging folder in the data folder, and hold the lock on loads.

    Raises:
        StackError: another load runs, or the folder can't be written to.
    """
    refuse_unwritable(data)
    with (data / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"another `quaymark history` is at work in {data}") from None
        for left in data.glob(
            f"{STAGE}*"
        ):  # left by a load that was killed; its promtool may still run
            shutil.rmtree(left, ignore_errors=True)
        refuse_full_disk(data, NEEDED_BYTES, "a load of history")
        stage = Path(mkdtemp(prefix=f"{STAGE}.", dir=data))
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _window_end(at: float) -> float:
    """Return the end of the window that contains an instant; later points are not needed."""
    return (floor(at / WINDOW_SECONDS) + 1) * WINDOW_SECONDS
