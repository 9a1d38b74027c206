"""History blocks in a real Prometheus: compaction, a full disk, and short retention."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from contract.errors import StackError
from stack.backfill import history_load, manifest
from stack.backfill.block_builder import BlockBuilder
from stack.backfill.block_swap import BlockSwap
from stack.backfill.blocks import Promtool, blocks_in
from stack.backfill.history_load import STAGE, HistoryLoad, WantedWindows
from stack.backfill.prometheus_api import COMPACTIONS_FAILED, RELOADS_FAILED, Prometheus
from tests.integration.support.history.past_books import december
from tests.integration.support.history.reloading_prometheus import (
    ReloadingServer,
    count,
    load,
    started,
)
from tests.integration.support.prometheus_server import Page, Server
from tests.integration.support.small_disk import small_disk
from tests.integration.support.workers import until
from tests.unit.kpis.builders import seconds

YTD = 'port_throughput_ytd_teu{port_area="tonghai",terminal="THE",year="2019",run="%s"}'


def test_a_server_that_keeps_fifteen_days_is_refused(tmp_path: Path) -> None:
    page = Page()
    server = Server(tmp_path, page, "--web.enable-admin-api")
    server.start()
    try:
        with pytest.raises(StackError, match=r"retention\.time=100y"):
            HistoryLoad(Prometheus(server.url), server.data, WantedWindows()).load(
                december(1.0), 1e9
            )
    finally:
        server.stop()
        page.server.shutdown()
    assert not (server.data / manifest.NAME).exists()


@pytest.mark.needs("disk")
def test_a_full_disk_moves_nothing_in_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is really full: before the load, while text or block is made, or the manifest.

    By hand: 31 days of 100 TEU, or of 150.
    """
    now = datetime.now(UTC)  # noqa: TID251  # a test is a door
    page, end = Page(), seconds("2019-12-31 23:59")
    with small_disk() as disk:
        server = ReloadingServer(disk.folder / "prometheus", page)
        server.start()
        try:
            load(server, december(100.0), now)
            before = manifest.read(server.data), {one.ulid for one in blocks_in(server.data)}
            corrected = december(150.0)
            with disk.filled(), pytest.raises(StackError, match=r"0\.0 GB are free.*make room"):
                load(server, corrected, now)
            monkeypatch.setattr(history_load, "NEEDED_BYTES", 0)
            for owner, name, said in (
                (BlockBuilder, "make", "make room"),
                (Promtool, "make", "make room"),
                (BlockSwap, "swap", "the blocks are as before"),
            ):
                with monkeypatch.context() as patch:
                    patch.setattr(owner, name, disk.filling(getattr(owner, name)))
                    with pytest.raises(StackError, match=said):
                        load(server, corrected, now)
                disk.free()
                there = {one.ulid for one in blocks_in(server.data)}
                assert (manifest.read(server.data), there) == before
                assert not list(server.data.glob(f"{STAGE}*"))
                assert not list(server.data.glob("*.new"))
            server.look()
            assert Prometheus(server.url).metric(RELOADS_FAILED) == 0
            assert server.value(YTD % "", end) == 3_100.0

            load(server, corrected, now)
            assert server.value(YTD % "", end) == 4_650.0
        finally:
            server.stop()
            page.server.shutdown()


def test_merged_blocks_are_replaced_where_they_changed_and_nowhere_else() -> None:
    """By hand: 31 days of 100 TEU in the live books and of 200 in the run.

    Then the live books have 120 from 20 December on: 19 · 100 + 12 · 120.
    """
    page, now = Page(), datetime.now(UTC)  # noqa: TID251  # a test is a door
    with started(page) as server:
        load(server, december(100.0), now)
        load(server, december(200.0), now, run="what-if")
        start_empty(server)
        prometheus = Prometheus(server.url)
        listed = manifest.read(server.data)
        ours = {ulid for one in listed.of("").windows for ulid in one.blocks}
        assert len(ours) == 2
        until(
            "Prometheus merges",
            lambda: not ours & {block.ulid for block in blocks_in(server.data)},
        )
        before, end = seconds("2019-12-19 23:59"), seconds("2019-12-31 23:59")
        assert load(server, december(100.0), now).made == ()
        assert (server.value(YTD % "", end), server.value(YTD % "what-if", end)) == (3_100, 6_200)

        changed = load(server, december(120.0, date(2019, 12, 20)), now)

        assert len(changed.made) == 1
        assert server.value(YTD % "", before) == 1_900.0
        assert server.value(YTD % "", end) == 3_340.0
        assert server.value(YTD % "what-if", end) == 6_200.0
        made = changed.made[0].window
        for run in ("", "what-if"):
            one = manifest.read(server.data).of(run).at(made.start)
            assert one
            assert count(server, one, run) == (one.series, one.samples)
        assert prometheus.metric(RELOADS_FAILED) == prometheus.metric(COMPACTIONS_FAILED) == 0

        history_load.drop_history(prometheus, server.data, WantedWindows())
        server.look()
        assert server.value(YTD % "", end) is None
        assert server.value(YTD % "what-if", end) == 6_200.0
    page.server.shutdown()


def start_empty(server: Server) -> None:
    """Restart it without its scraped samples, so that it compacts at once, not after a minute."""
    server.stop()
    for memory in ("wal", "chunks_head"):
        shutil.rmtree(server.data / memory)
    server.start()
