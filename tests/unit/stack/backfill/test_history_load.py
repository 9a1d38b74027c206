"""Loading history: what is made, exchanged and refused.  promtool is real, Prometheus is not."""

import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from contract.errors import StackError
from contract.events import TargetSet
from contract.snapshots import Snapshot
from kpis.past.all_owners import PastOfOwners
from kpis.past.history import DAILY_SECONDS, HistoryPoint, InstantSpan
from kpis.past.openmetrics import WINDOW_SECONDS, SeriesNamer, SeriesValues
from stack.backfill import history_load, manifest
from stack.backfill.blocks import Block, Promtool, blocks_in
from stack.backfill.history_load import (
    STAGE,
    HistoryLoad,
    HistoryWindow,
    LoadOutcome,
    WantedWindows,
)
from stack.backfill.prometheus_api import HEAD_MIN, Prometheus
from tests.unit.kpis.builders import BOOK, box, day, seconds

NOW = seconds("2026-02-01 12:00")

pytestmark = pytest.mark.needs("prometheus")


class SparseNamer(SeriesNamer):
    """Held values have a sample when they change and every six hours, not every five minutes.

    promtool takes a tenth of the time; which window is built, swapped or refused stays the same.
    """

    def name_values(self, point: HistoryPoint) -> Iterator[SeriesValues]:
        for one in super().name_values(point):
            yield one._replace(step_seconds=DAILY_SECONDS)


class Remembered(PastOfOwners):
    """Books whose points are measured once, though forty loads read them."""

    measured: ClassVar[dict[str, list[HistoryPoint]]] = {}

    def __init__(self) -> None:
        super().__init__(BOOK)
        self._taken: list[Snapshot | TargetSet] = []

    def take(self, record: Snapshot | TargetSet) -> None:
        self._taken.append(record)
        super().take(record)

    def points(self, span: InstantSpan) -> Iterator[HistoryPoint]:
        key = f"{self._taken} {span.since} {span.until}"  # no targets, so no forecasts
        if key not in self.measured:
            self.measured[key] = list(super().points(span))
        return iter(self.measured[key])


@pytest.fixture(scope="module", autouse=True)
def _quick_loads() -> Iterator[None]:
    found = Promtool.found
    asked = cache(lambda path: found())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_load, "SeriesNamer", SparseNamer)
        patch.setattr(Promtool, "found", lambda: asked(shutil.which("promtool")))
        yield
    Remembered.measured.clear()


class Fake(Prometheus):
    """A Prometheus that says what a test wants."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")
        self.answered_version: tuple[int, int] = (2, 42)
        self.retention = {"time": "100y", "size": "0B"}
        self.metrics = {HEAD_MIN: NOW + 1e9}
        self.now = NOW
        self.first: float | None = None
        """When the first sample of our series was scraped, and the oldest that is in memory."""
        self.oldest: float | None = None
        self.deleted: list[tuple[str, float, float]] = []

    @property
    def version(self) -> tuple[int, int]:
        return self.answered_version

    @property
    def flags(self) -> dict[str, str]:
        return {f"storage.tsdb.retention.{by}": kept for by, kept in self.retention.items()}

    def metric(self, name: str) -> float:
        return self.metrics.get(name, 0.0)

    def clock(self) -> float:
        return self.now

    def first_sample(self, selector: str, since: float, until: float) -> float | None:
        return self.first if "job=" in selector else self.oldest

    def delete_samples(self, selector: str, since: float, until: float) -> None:
        self.deleted.append((selector, since, until))


def books(days: int = 20, teu: float = 5.0) -> PastOfOwners:
    """A day's TEU from 1 January 2026 on."""
    past = Remembered()
    for n in range(days):
        past.take(day(str(date(2026, 1, 1) + timedelta(n)), box(1, teu)))
    return past


def load(
    data: Path, past: PastOfOwners, server: Fake | None = None, **wanted: object
) -> LoadOutcome:
    loading = HistoryLoad(server or Fake(), data, WantedWindows(**wanted))  # type: ignore[arg-type]
    return loading.load(past, NOW)


@pytest.fixture(scope="module")
def first_load(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first load of `books()` leaves; it is made once, for each block takes promtool."""
    folder = tmp_path_factory.mktemp("first-load")
    load(folder, books())
    return folder


@pytest.fixture
def data(first_load: Path, tmp_path: Path) -> Path:
    """Return a data folder of its own in which `books()` were loaded once."""
    return Path(shutil.copytree(first_load, tmp_path / "data"))


def merge(data: Path, ulid: str) -> str:
    """As if Prometheus had merged a block with another's: its new name."""
    meta = data / ulid / "meta.json"
    block = msgspec.json.decode(meta.read_bytes())
    merged = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    block |= {"ulid": merged, "compaction": {"sources": [ulid, "OTHER"]}}
    meta.write_bytes(msgspec.json.encode(block))
    (data / ulid).rename(data / merged)
    return merged


def there(data: Path) -> set[str]:
    return {block.ulid for block in blocks_in(data)}


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file may become larger, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_window_is_one_block_that_ends_before_the_cut(tmp_path: Path) -> None:
    """From 1 January to 1 February are 31.5 days: they touch 2 or 3 windows of 20.25 days."""
    outcome = load(tmp_path, books())

    blocks = list(blocks_in(tmp_path))
    assert len(blocks) == len(outcome.made) in (2, 3)
    assert max(block.maxTime for block in blocks) <= NOW * 1000
    assert not list(tmp_path.glob(f"{STAGE}*"))
    assert {one.blocks[0] for one in manifest.read(tmp_path).of("").windows} == there(tmp_path)


def test_loading_again_makes_nothing_and_a_correction_makes_its_windows_anew(
    data: Path,
) -> None:
    past = books()
    before = there(data)

    again = load(data, past)
    assert (again.made, there(data)) == ((), before)

    past.take(day("2026-01-28", box(1, 9.0), offset=2))
    corrected = load(data, past)

    assert len(there(data)) == len(before)
    assert len(corrected.made) + len(there(data) & before) == len(before)
    assert all(made.window.end > seconds("2026-01-28 00:00") for made in corrected.made)
    assert there(data) & before


def test_history_ends_before_the_first_scraped_sample_and_before_the_head(tmp_path: Path) -> None:
    server = Fake()
    server.first = seconds("2026-01-20 00:00")
    assert load(tmp_path / ".", books(), server).cut == server.first
    assert max(block.maxTime for block in blocks_in(tmp_path)) <= server.first * 1000

    server.metrics[HEAD_MIN] = server.oldest = seconds("2026-01-10 00:00")
    load(tmp_path, books(), server)
    assert max(one.maxTime for one in blocks_in(tmp_path)) <= server.oldest * 1000
    server.metrics[HEAD_MIN] -= 9 * 86_400  # it has started anew: that is where its blocks end
    assert load(tmp_path, books(), server).made == ()


def test_since_when_is_scraped_is_found_once_and_kept(tmp_path: Path) -> None:
    server = Fake()
    server.first = seconds("2026-01-20 00:00")
    load(tmp_path, books(), server)
    server.first = seconds("2026-01-28 00:00")  # history's own series must not stand in for it

    assert load(tmp_path, books(), server).cut == seconds("2026-01-20 00:00")


def test_a_part_of_history_leaves_the_rest_alone(data: Path) -> None:
    before = there(data)

    part = load(data, books(teu=7.0), since=NOW - 86_400)

    assert len(part.made) == 1
    assert len(there(data) & before) == len(before) - 1


def test_what_the_books_no_longer_know_is_taken_out(tmp_path: Path) -> None:
    past = Remembered()
    past.take(day("2024-12-31", box(1, 5.0)))
    past.take(day("2026-01-25", box(1, 5.0)))
    load(tmp_path, past)
    only_new = Remembered()
    only_new.take(day("2026-01-25", box(1, 5.0)))

    outcome = load(tmp_path, only_new)

    assert outcome.removed >= 1
    assert min(one.minTime for one in blocks_in(tmp_path)) >= seconds("2026-01-01 00:00") * 1000


def test_dropping_takes_all_blocks_of_history_out_and_no_other(data: Path) -> None:
    other = data / "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    shutil.copytree(data / next(iter(there(data))), other)

    history_load.drop_history(Fake(), data, WantedWindows())

    assert [path.name for path in data.iterdir() if path.is_dir()] == [other.name]
    assert manifest.read(data).of("").windows == ()


def test_samples_of_a_block_that_was_merged_are_deleted_before_new_ones_come(
    data: Path,
) -> None:
    server = Fake()
    first = manifest.read(data).of("").windows[0]
    merged = merge(data, first.blocks[0])

    assert load(data, books(), server).made == ()  # merged, but there

    load(data, books(teu=6.0), server)

    assert {(since, until) for _, since, until in server.deleted} == {
        (first.start, first.end - 0.001)
    }
    assert all('run=""' in selector for selector, _, _ in server.deleted)
    assert merged in there(data)


@pytest.mark.parametrize("size", [1_000, 100_000_000], ids=["the text", "a block"])
def test_a_full_disk_moves_nothing_in(data: Path, size: int) -> None:
    before, listed = there(data), manifest.read(data)

    with files_up_to(size), pytest.raises(StackError, match=r"make room|promtool made 0"):
        load(data, books(teu=6.0))

    assert (there(data), manifest.read(data)) == (before, listed)
    assert not list(data.glob(f"{STAGE}*"))


def test_a_block_that_can_not_be_moved_in_leaves_all_as_it_was(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, listed = there(data), manifest.read(data)
    renamed = Path.rename
    coming = []

    def full(self: Path, target: Path) -> Path:
        if self.parent.parent.name.startswith(STAGE):
            coming.append(self)
            if len(coming) == 2:
                raise OSError(28, "No space left on device")
        return renamed(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(StackError, match="the blocks are as before"):
        load(data, books(teu=6.0))

    assert (there(data), manifest.read(data)) == (before, listed)


def test_samples_that_were_deleted_before_a_move_failed_are_written_by_the_next_load(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A merged block's samples can't be brought back, so the manifest must not call them there."""
    first = manifest.read(data).of("").windows[0]
    merge(data, first.blocks[0])

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        with pytest.raises(StackError, match="the blocks are as before"):
            load(data, books(teu=6.0))

    again = load(data, books())
    assert [made.window.start for made in again.made] == [first.start]


@pytest.mark.parametrize("times", [1, 2, 3], ids=["the old and new", "the new", "none at all"])
def test_a_disk_that_fills_up_while_the_manifest_is_written_loses_track_of_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """It is written before and after the exchange, and once more when that is undone."""
    before = there(data)
    write, calls = manifest.write, []

    def full(data: Path, listed: manifest.BlockManifest, owner: os.stat_result) -> None:
        calls.append(listed)
        if len(calls) in ((1,), (2,), (2, 3))[times - 1]:
            raise OSError(28, "No space left on device")
        write(data, listed, owner)

    with monkeypatch.context() as patch:
        patch.setattr(manifest, "write", full)
        with pytest.raises(StackError, match="the blocks are as before"):
            load(data, books(teu=6.0))
    assert there(data) == before

    load(data, books(teu=6.0))
    assert len(there(data)) == len(before)
    assert not there(data) & before


def test_a_manifest_that_does_not_fit_leaves_nothing_behind(data: Path) -> None:
    listed = manifest.read(data)

    with files_up_to(10), pytest.raises(OSError, match="large"):
        manifest.write(data, listed, data.stat())

    assert manifest.read(data) == listed
    assert not list(data.glob("*.new"))


def test_a_clock_ahead_of_the_server_s_writes_nothing_for_the_future(tmp_path: Path) -> None:
    server = Fake()
    ahead = HistoryLoad(server, tmp_path, WantedWindows()).load(books(), NOW + 10 * 86_400)

    assert ahead.cut == NOW
    assert max(block.maxTime for block in blocks_in(tmp_path)) <= NOW * 1000


def test_what_was_written_while_all_clocks_ran_ahead_is_taken_back_when_they_are_right(
    tmp_path: Path,
) -> None:
    """A block that ends in the future would shut live samples out after a restart."""
    server = Fake()
    server.now = NOW + 40 * 86_400
    HistoryLoad(server, tmp_path, WantedWindows()).load(books(), server.now)
    assert max(block.maxTime for block in blocks_in(tmp_path)) > NOW * 1000
    server.now = NOW

    load(tmp_path, books(), server)

    assert max(block.maxTime for block in blocks_in(tmp_path)) <= NOW * 1000


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("meta.json", "it has no meta.json: move it away"),
        ("index", "it has no index: move it away"),
        ("chunks", "it has no chunks: move it away"),
    ],
)
def test_a_half_made_block_of_somebody_else_s_is_named(data: Path, part: str, said: str) -> None:
    before, listed = there(data), manifest.read(data)
    half = data / "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    shutil.copytree(data / next(iter(before)), half)
    broken = half / part
    shutil.rmtree(broken) if broken.is_dir() else broken.unlink()

    with pytest.raises(StackError, match=f"{half} is incomplete, {said}"):
        load(data, books(teu=6.0))

    assert manifest.read(data) == listed
    assert before <= {path.name for path in data.iterdir()}


def test_a_block_whose_meta_is_damaged_is_named(data: Path) -> None:
    block = data / next(iter(there(data)))
    (block / "meta.json").write_text("{")

    with pytest.raises(StackError, match=f"{block / 'meta.json'} is damaged: move {block.name}"):
        load(data, books(teu=6.0))


@pytest.mark.needs("root")
def test_another_user_s_block_is_named(tmp_path: Path) -> None:
    (tmp_path / "wal").mkdir()  # Prometheus's own, so it says who that is
    os.chown(tmp_path / "wal", 65534, 65534)
    load(tmp_path, books())
    block = tmp_path / next(iter(there(tmp_path)))
    assert block.stat().st_uid == 65534
    os.chown(block, 1, 1)

    with pytest.raises(StackError, match=f"{block} belongs to user 1, and .* runs as 65534"):
        load(tmp_path, books(teu=6.0))


def test_without_promtool_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StackError, match="apt-get install prometheus"):
        load(tmp_path, books())


def test_an_old_promtool_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "promtool"
    old.write_text("#!/bin/sh\necho promtool, version 2.24.1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    with pytest.raises(StackError, match=r"2\.24; history needs 2\.39"):
        Promtool.found()


def test_an_old_prometheus_is_refused(tmp_path: Path) -> None:
    server = Fake()
    server.answered_version = (2, 37)

    with pytest.raises(StackError, match=r"2\.37; history needs 2\.39"):
        load(tmp_path, books(), server)


@pytest.mark.parametrize("kept", [{"time": "15d", "size": "0B"}, {"time": "0s", "size": "0B"}])
def test_a_prometheus_that_would_delete_history_is_refused(
    tmp_path: Path, kept: dict[str, str]
) -> None:
    server = Fake()
    server.retention = kept

    with pytest.raises(StackError, match=r"retention\.time=100y"):
        load(tmp_path, books(), server)


def test_two_loads_at_once_are_refused(tmp_path: Path) -> None:
    with history_load.exclusive_stage(tmp_path), pytest.raises(StackError, match="is at work"):
        load(tmp_path, books())


def test_what_a_killed_load_left_is_cleared(tmp_path: Path) -> None:
    half = tmp_path / STAGE / "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    half.mkdir(parents=True)
    (half / "meta.json").write_text("{}")

    load(tmp_path, books())

    assert not list(tmp_path.glob(f"{STAGE}*"))
    assert half.name not in there(tmp_path)


def test_a_load_that_was_killed_between_out_and_in_is_made_good_by_the_next(
    data: Path,
) -> None:
    held = manifest.read(data)
    first = held.of("").windows[0]
    pending = msgspec.structs.replace(first, digest="", blocks=(*first.blocks, "0" * 26))
    listed = held.with_history("", held.of("").with_windows({first.start: pending}))
    manifest.write(data, listed, data.stat())

    outcome = load(data, books())

    assert [made.window.start for made in outcome.made] == [first.start]
    assert first.blocks[0] not in there(data)
    assert manifest.read(data).of("").windows[0].digest == first.digest


def test_a_block_that_somebody_deleted_is_made_again(data: Path) -> None:
    first = manifest.read(data).of("").windows[0]
    shutil.rmtree(data / first.blocks[0])

    outcome = load(data, books())

    assert [made.window.start for made in outcome.made] == [first.start]


def test_a_sample_that_promtool_drops_is_noticed(tmp_path: Path) -> None:
    text = tmp_path / "twice.om"
    text.write_text("x 1 1700000000\nx 2 1700000000\n# EOF\n")
    stage = tmp_path / "stage"
    stage.mkdir()

    with pytest.raises(StackError, match="kept 1 of 2 samples"):
        Promtool.found().make(text, stage, samples=2)


@pytest.mark.needs("root")
def test_blocks_belong_to_who_owns_the_data_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)

    load(tmp_path, books(days=2))

    [*blocks] = blocks_in(tmp_path)
    for block in blocks:
        for path in ((folder := tmp_path / block.ulid), *folder.rglob("*")):
            assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)
    assert blocks


def test_a_damaged_manifest_is_named(tmp_path: Path) -> None:
    (tmp_path / manifest.NAME).write_text("{")

    with pytest.raises(StackError, match=manifest.NAME):
        load(tmp_path, books())


def test_a_meta_is_read_with_what_it_does_not_say() -> None:
    block = msgspec.json.decode(b'{"ulid":"A","minTime":1,"maxTime":2,"version":1}', type=Block)

    assert block.compaction.sources == ()


def test_each_window_is_published_with_whether_it_changed_also_when_it_goes(
    tmp_path: Path,
) -> None:
    """December 2025 and January 2026 in windows of 486 hours; then books of January alone."""
    published: list[tuple[float, bool, bool]] = []
    december, january = Remembered(), books(5)
    for past in (december, january):
        past.take(day("2026-01-20", box(1, 5.0)))
    december.take(day("2025-12-01", box(1, 5.0)))

    def loaded(past: PastOfOwners) -> list[tuple[float, bool, bool]]:
        published.clear()
        HistoryLoad(Fake(), tmp_path, WantedWindows(), publish).load(past, NOW)
        return list(published)

    def publish(window: HistoryWindow) -> None:
        published.append((window.start, window.changed, bool(window.points)))

    first, again, without = loaded(december), loaded(december), loaded(january)

    starts = [start for start, *_ in first]
    assert first == [(start, True, True) for start in starts]
    assert again == [(start, False, True) for start in starts]
    gone = [start for start, changed, has_points in without if changed and not has_points]
    new_year = seconds("2026-01-01 00:00")  # in the third window, which is published from then on
    assert gone == [start for start in starts if start + WINDOW_SECONDS < new_year]
    assert len(gone) == 2
