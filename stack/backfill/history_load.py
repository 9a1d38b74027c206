"""History into a running Prometheus: windows that changed are made, exchanged, and waited for.

Nothing half-made is moved in: blocks are made beside Prometheus's own, on the same disk, and
renamed into their place once all are whole.  What is there is replaced by the manifest, never
overlapped: of two overlapping blocks Prometheus would believe the one that begins later.
"""

import fcntl
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import floor, inf
from pathlib import Path
from tempfile import mkdtemp

from msgspec import Struct
from msgspec.msgpack import decode, encode

from contract.errors import StackError
from kpis.past.all_owners import PastOfOwners
from kpis.past.history import Forecaster, HistoryPoint, InstantSpan
from kpis.past.openmetrics import WINDOW_SECONDS, SeriesNamer, SeriesValues, windows
from kpis.plan.progress import Outlook
from rules.past_alerts import PastAlerts
from stack.backfill import manifest as manifests
from stack.backfill.block_builder import (
    AHEAD,
    PROMTOOLS,
    BlockBuilder,
    BuiltBlock,
    refuse_full_disk,
)
from stack.backfill.block_swap import BlockSwap, refuse_unowned, selectors
from stack.backfill.blocks import Promtool, blocks_in, faults, keeper
from stack.backfill.live_boundary import head_begins, with_live_since
from stack.backfill.manifest import History, Window
from stack.backfill.prometheus_api import LEAST_VERSION, RELOADS, RELOADS_FAILED, Prometheus

FORECAST = (sys.executable, "-m", "streams.forecasts.process")
STAGE = "quaymark-history.stage"
LOCK = "quaymark-history.lock"
LEAD_SECONDS = 2 * 86_400  # told before the first window wanted: an alert waits a day to fire
NEEDED_BYTES = PROMTOOLS * 650_000_000 + AHEAD * 60_000_000  # each takes 512 + 128 MB at once
SEEN_SECONDS = 180.0  # Prometheus looks for new blocks once a minute
LOOK_SECONDS = 0.5


class HistoryWindow(Struct, frozen=True):
    """A window of Unix seconds, what is told in it, and whether that is other than it was.

    Nothing is told in one that is taken out.
    """

    start: float
    end: float
    tellings: Sequence[HistoryPoint]
    changed: bool


Publish = Callable[[HistoryWindow], None]
"""Is told each window that is wanted; the tellings are its only for the time of the call."""


def _to_nobody(told: HistoryWindow) -> None:
    """Nobody reads the readings."""


class WantedWindows(Struct, frozen=True):
    """Windows that touch these Unix seconds, of the live books ("") or of a run."""

    since: float = -inf
    until: float = inf
    run: str = ""

    def touches(self, start: float, end: float) -> bool:
        """Is a window a part of what is wanted?"""
        return start < self.until and end > self.since


class LoadOutcome(Struct, frozen=True):
    """What a load came to."""

    cut: float
    """Unix seconds; history ends strictly before."""
    made: tuple[BuiltBlock, ...]
    kept: int
    removed: int
    reloads: float
    """How often Prometheus had looked for blocks until then, and failed to load them."""
    failures: float
    run: str = ""


class HistoryLoad:
    """One load: what the books say of the past, into what Prometheus holds of it."""

    def __init__(
        self, server: Prometheus, data: Path, wanted: WantedWindows, publish: Publish = _to_nobody
    ) -> None:
        self._server, self._data, self._wanted, self._publish = server, data, wanted, publish
        self._promtool = Promtool.found()
        self._failures = server.metric(RELOADS_FAILED)

    def load(self, past: PastOfOwners, now: float) -> LoadOutcome:
        """Make what changed, and put it in the place of what was.

        Raises:
            StackError: the disk is full, a block can't be made or moved; nothing is moved in then.
        """
        refuse_old(self._server)
        now = min(now, self._server.clock())
        with alone(self._data) as stage:
            if fault := next(faults(self._data), ""):
                raise StackError(f"{fault}, and load again; nothing was moved in")
            manifest = manifests.read(self._data)
            before = with_live_since(
                self._server, self._data, manifest.of(self._wanted.run), self._wanted.run, now
            )
            cut = min(now, before.live_since or now, head_begins(self._server, now))
            told, made = self._make(past, stage, before, floor(cut) - 1)
            if late := [one for one in made if one.window.end > cut]:
                raise StackError(f"a block ends at {late[0].window.end}, live samples begin {cut}")
            gone = [
                one
                for one in before.windows
                if one.start not in told and self._wanted.touches(one.start, one.end)
            ]
            for one in gone:
                self._publish(HistoryWindow(one.start, one.end, (), changed=True))
            changes: dict[int, BuiltBlock | None] = {one.window.start: one for one in made}
            changes |= dict.fromkeys(one.start for one in gone)
            exchange = BlockSwap(self._server, self._data, stage, manifest, self._wanted.run)
            exchange.swap(before, changes)
        reloads, failures = self._server.metric(RELOADS), self._failures
        kept = len(told) - len(made)
        return LoadOutcome(cut, made, kept, len(gone), reloads, failures, self._wanted.run)

    def forget_loading(self, since: float, now: float) -> None:
        """Before the first load: delete what was scraped of books that were still being read."""
        if manifests.read(self._data).of(self._wanted.run) == History():
            for selector in selectors(self._wanted.run):
                self._server.forget(selector, since, now)

    def _make(
        self, past: PastOfOwners, stage: Path, before: History, until: int
    ) -> tuple[set[int], tuple[BuiltBlock, ...]]:
        """The starts of the windows told, and those made because they changed."""
        wanted, there = self._wanted, blocks_there(self._data)
        dye = SeriesNamer(wanted.run)
        alerts = PastAlerts(dye)
        window: list[HistoryPoint] = []
        told = set()

        def spin(telling: HistoryPoint) -> Iterator[SeriesValues]:
            window.append(telling)
            yield from dye.name_values(telling)
            yield from alerts.spin(telling)

        last = until if wanted.until == inf else min(until, _window_end(wanted.until))
        span = InstantSpan(wanted.since - WINDOW_SECONDS - LEAD_SECONDS, last)
        span = span._replace(forecaster=_forecaster(past, span))
        with BlockBuilder(self._promtool, stage, keeper(self._data)) as workshop:
            for loom in windows(past.points(span), spin, until):
                if wanted.touches(loom.start, loom.end):
                    told.add(loom.start)
                    stands = before.at(loom.start)
                    same = stands and stands.digest == loom.digest and {*stands.blocks} <= there
                    if not same:
                        workshop.make(loom)
                    self._publish(HistoryWindow(loom.start, loom.end, window, changed=not same))
                window.clear()
            return told, tuple(workshop.all())


def _forecaster(past: PastOfOwners, span: InstantSpan) -> Forecaster | None:
    """Every forecast that history asks for, made at once by the forecast's own process.

    Without two years of books there is none, and the run-rate stands.
    """
    bases = list(dict.fromkeys(past.bases(span)))
    if not bases:
        return None
    done = subprocess.run(FORECAST, input=encode(bases), capture_output=True, check=False)
    if done.returncode:
        raise StackError(f"no forecast was made: {done.stderr.decode(errors='replace')[-300:]}")
    made = dict(zip(bases, decode(done.stdout, type=list[Outlook | None]), strict=True))
    return made.get


def drop(server: Prometheus | None, data: Path, wanted: WantedWindows) -> tuple[Window, ...]:
    """Take history out again; gives the windows that were."""
    with alone(data) as stage:
        manifest = manifests.read(data)
        before = manifest.of(wanted.run)
        gone = tuple(one for one in before.windows if wanted.touches(one.start, one.end))
        exchange = BlockSwap(server, data, stage, manifest, wanted.run)
        exchange.swap(before, dict.fromkeys(one.start for one in gone))
    return gone


def wait_until_seen(server: Prometheus, outcome: LoadOutcome) -> None:
    """Return once Prometheus shows all that was written.

    Raises:
        StackError: it does not within three of its looks, or a reload failed.
    """
    deadline = time.monotonic() + SEEN_SECONDS
    waiting = list(outcome.made)
    while waiting or (outcome.removed and server.metric(RELOADS) <= outcome.reloads):
        if server.metric(RELOADS_FAILED) > outcome.failures:
            raise StackError(
                f"{server.url} could not load its blocks, and shows those of before: its log says "
                "which; `quaymark history drop` takes history out"
            )
        if server.metric(RELOADS) > outcome.reloads:
            waiting = [made for made in waiting if not _is_seen(server, made, outcome.run)]
        if time.monotonic() > deadline:
            raise StackError(
                f"after {SEEN_SECONDS:.0f} s {server.url} still does not show what was written; "
                "its log says whether it can read the blocks"
            )
        if waiting:
            time.sleep(LOOK_SECONDS)


def _is_seen(server: Prometheus, made: BuiltBlock, run: str) -> bool:
    """Does a window's longest series have as many samples as were written?

    A selector of the live books would find the same series of runs, too.
    """
    window, probe = made.window, made.probe if run else made.probe[:-1] + ',run=""}'
    query = f"count_over_time({probe}[{window.end - window.start}s])"
    return [*server.query(query, window.end - 0.001).values()] == [made.probed]


def refuse_old(server: Prometheus) -> None:
    """Make sure that a Prometheus can take history in.

    Raises:
        StackError: it is too old, or would delete history at its next look.
    """
    if (version := server.version) < LEAST_VERSION:
        raise StackError(
            f"{server.url} is Prometheus {version[0]}.{version[1]}; history needs "
            f"{'.'.join(map(str, LEAST_VERSION))} or newer"
        )
    if not server.keeps_years():
        raise StackError(
            f"{server.url} keeps samples for {server.flags['storage.tsdb.retention.time']} and "
            "would delete history at once: start it with --storage.tsdb.retention.time=100y"
        )


@contextmanager
def alone(data: Path) -> Iterator[Path]:
    """An empty stage in the data folder, and nobody else at work there.

    Raises:
        StackError: another load runs, or the folder can't be written to.
    """
    refuse_unowned(data)
    with (data / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"another `quaymark history` is at work in {data}") from None
        for left in data.glob(f"{STAGE}*"):  # by a load that was killed; its promtool may run yet
            shutil.rmtree(left, ignore_errors=True)
        refuse_full_disk(data, NEEDED_BYTES)
        stage = Path(mkdtemp(prefix=f"{STAGE}.", dir=data))
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _window_end(at: float) -> float:
    """The end of the window in which an instant lies: what is told later is not wanted."""
    return (floor(at / WINDOW_SECONDS) + 1) * WINDOW_SECONDS


def blocks_there(data: Path) -> set[str]:
    """Blocks that are there, by themselves or merged into others."""
    return {ulid for block in blocks_in(data) for ulid in (block.ulid, *block.compaction.sources)}
