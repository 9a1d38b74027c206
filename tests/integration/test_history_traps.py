"""What history could fall into, each on a real, running Prometheus: counts, seam, kills, merges.

Prometheus runs as another user than the loads where this is root.  All values are worked by hand
from what `past_books` says.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from contract.errors import StackError
from dashboards.files import render
from kpis.catalogue import readings
from kpis.past import Past
from kpis.port import PortBooks
from kpis.portfolio import Portfolio
from kpis.targets import Owned, TargetBook
from kpis.weave import WINDOW_SECONDS
from stack import history, manifest
from stack.blocks import Promtool, blocks_in, keeper
from stack.catalogues import tongues
from stack.exchange import Exchange
from stack.history import STAGE, Loading, Outcome, Wanted
from stack.manifest import Window
from stack.prometheus import COMPACTIONS_FAILED, RELOADS_FAILED, Prometheus
from stack.workshop import Workshop
from tests.integration.eager_server import EagerServer
from tests.integration.past_books import (
    FIRST,
    LAST,
    STRETCH,
    books,
    cards,
    steady,
    targets,
    this_year,
)
from tests.integration.past_server import Page, Server
from tests.integration.workers import HERE, until
from tests.unit.dashboards.conftest import filled, panels
from tests.unit.kpis.builders import BOOK, seconds

NOBODY = 65534
YTD = 'port_throughput_ytd_teu{port_area="tonghai",terminal="THE",year="2019",run="%s"}'
FAMILIES = '{job="quaymark",__name__=~"(port_throughput|target|project|indicator)_.+"}'
RECORDED = '{__name__=~"[a-z]+:(port_throughput|target)_.+:(max|sum)"}'
SIX_HOURS = 6 * 3600
AUTUMN = {"since": seconds("2019-09-01 00:00"), "until": seconds("2020-01-10 00:00")}
RECENT = {"since": time.time() - 86_400}  # noqa: TID251  # the window of the seam


@dataclass
class Held:
    """A server that holds history and is scraped."""

    server: EagerServer
    outcome: Outcome
    now: datetime
    scraped: float
    """When the first sample of the worker was scraped."""


def load(server: EagerServer, past: Past, now: datetime, **wanted: object) -> Outcome:
    """Load, have the server look, and wait until it shows."""
    prometheus = Prometheus(server.url)
    loading = Loading(prometheus, server.data, Wanted(**wanted))  # type: ignore[arg-type]
    outcome = loading.load(past, now.timestamp())
    server.look()
    history.wait_until_seen(prometheus, outcome)
    return outcome


@contextmanager
def started(page: Page, *flags: str) -> Iterator[EagerServer]:
    """A server in a folder that any user may look into."""
    with TemporaryDirectory(prefix="quaymark-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = EagerServer(folder, page, *flags, user=NOBODY if os.geteuid() == 0 else None)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module", autouse=True)
def merging() -> Iterator[EagerServer]:
    """A server that holds the live books' and a run's history of the same days.

    It merges them when it is a minute old, and it is the first to start.
    """
    page, now = Page(), datetime.now(UTC)  # noqa: TID251  # a test is a door
    with started(page) as server:
        load(server, december(100.0), now)
        load(server, december(200.0), now, run="what-if")
        yield server
    page.server.shutdown()


@pytest.fixture(scope="module")
def held(merging: EagerServer) -> Iterator[Held]:
    """A server that scrapes the books as they are, and holds their history."""
    page = Page()
    page.text = shown(datetime.now(UTC))  # noqa: TID251  # a test is a door
    with started(page) as server:
        until("the worker is scraped", lambda: server.ask("query", FAMILIES))
        now = datetime.now(UTC)  # noqa: TID251
        samples = server.ask("query", f"{FAMILIES}[1m]", time=time.time())  # noqa: TID251
        first = min(one["values"][0][0] for one in samples)
        load(server, books(now), now, **AUTUMN)
        yield Held(server, load(server, books(now), now, **RECENT), now, first)
    page.server.shutdown()


def december(teu: float, since: date = date(2019, 12, 1)) -> Past:
    """Two windows: 100 TEU a day, and from some day on another amount."""
    past = Past(BOOK)
    for one in (*steady(date(2019, 12, 1), LAST), *steady(since, LAST, teu, offset=2)):
        past.take(one)
    return past


def shown(now: datetime) -> str:
    """What a worker with these books shows."""
    port, zone = PortBooks(BOOK, "tonghai"), Portfolio(BOOK, "haimen")
    aims = TargetBook(BOOK, "tonghai")
    for aim in targets(now):
        port.set_target(aim)
        aims.post(aim)
    for one in (*steady(FIRST, LAST), *this_year(now)):
        port.post(one)
    for card in cards():
        zone.post(card)
    lines = []
    for owned in (port, Owned(aims, (port,)), zone):
        for reading in readings(owned, now):
            labels = ",".join(
                f"{name}={json.dumps(value, ensure_ascii=False)}"
                for name, value in reading.labelled.items()
            )
            lines.append(f"{reading.kpi.series}{{{labels}}} {reading.value!r}\n")
    return "".join(lines)


def found(server: Server, query: str, at: float) -> dict[frozenset[tuple[str, str]], float]:
    """Labels with the name -> value, of what is told of the current year and its targets."""
    year = str(datetime.fromtimestamp(at, BOOK.tz).year)
    return {
        frozenset(one["metric"].items()): float(one["value"][1])
        for one in server.ask("query", query, time=at)
        if "project" in one["metric"]["__name__"]
        or {one["metric"].get(label, year) for label in ("year", "period")} == {year}
    }


def test_all_that_is_written_is_there_once_and_belongs_to_who_runs_prometheus(held: Held) -> None:
    """By hand: 288 times 5 minutes are a day, and 4 times 6 hours."""
    server = held.server
    noon = seconds("2019-10-02 12:00")
    for name, samples in (("ytd_teu", 288), ("ytd_moves", 4)):
        series = f'port_throughput_{name}{{terminal="THE",year="2019"}}'
        assert server.value(f"count_over_time({series}[86399s])", noon) == samples

    listed = manifest.read(server.data).of("").windows
    for one in listed[:2]:
        assert count(server, one) == (one.series, one.samples)

    ours = {ulid for one in listed for ulid in one.blocks}
    blocks = [block for block in blocks_in(server.data) if block.ulid in ours]
    owner = keeper(server.data)
    assert len(blocks) == len(listed)
    for block, window in zip(blocks, listed, strict=True):
        assert block.stats.numSamples == window.samples
        # each lies within one of Prometheus's longest windows, so it is left alone
        first, last = block.minTime // 1000, (block.maxTime - 1) // 1000
        assert first // WINDOW_SECONDS == last // WINDOW_SECONDS
        for path in ((folder := server.data / block.ulid), *folder.rglob("*")):
            assert (path.stat().st_uid, path.stat().st_gid) == (owner.st_uid, owner.st_gid)


def test_a_label_is_held_as_it_was_said(held: Held) -> None:
    [info] = held.server.ask(
        "query", 'target_info{target="far",period="2019"}', time=seconds("2019-10-02 00:00")
    )

    assert info["metric"]["name_en"] == STRETCH
    assert info["metric"]["name_zh"] == "加把劲"


def test_every_live_series_goes_on_from_its_history(held: Held) -> None:
    """The same names and labels, and the values of a second before, as boards ask for them."""
    server, cut, scraped = held.server, held.outcome.cut, held.scraped
    until("more live samples", lambda: time.time() > scraped + 3)  # noqa: TID251
    for series in (FAMILIES, RECORDED):
        before = found(server, f"last_over_time({series}[26h])", cut - 1)
        after = found(server, series, scraped + 2)
        assert before.keys() == after.keys()
        assert len(after) > 40
        for labels, value in after.items():
            assert before[labels] == pytest.approx(value, rel=1e-3, abs=1e-3), labels

    # what is held all the time has a point at each second, as if it had been scraped
    hourly = f'port_throughput_pace_ratio{{year="{datetime.fromtimestamp(cut, BOOK.tz).year}"}}'
    [line] = server.ask("query_range", hourly, start=cut - 3600, end=cut + 60, step=1)
    times = [at for at, _ in line["values"]]
    assert times == pytest.approx([cut - 3600 + n for n in range(len(times))], abs=0.01)
    assert times[-1] >= scraped + 2
    assert 0 < scraped - cut <= 10  # rules are judged some seconds before workers are found


def test_alerts_on_figures_have_a_past_under_the_labels_of_live_ones(held: Held) -> None:
    """By hand, as `past_books` says: 60 days are over on 31 October, 66 on 6 November.

    The pace is 0 on 1 September: pending from then on, and firing a day later.  The far target is
    missed when 2019 is over.  The milestone is late from the day after it was due.
    """
    behind = 'ALERTS{alertname="TargetBehind",target="even",severity="%s"}'

    def state(query: str, at: str) -> str | None:
        lines = held.server.ask("query", query, time=seconds(at))
        assert len(lines) <= 1
        return str(lines[0]["metric"]["alertstate"]) if lines else None

    for severity, last, over in (
        ("critical", "2019-10-30 23:59", "2019-10-31 00:06"),
        ("warning", "2019-11-05 23:59", "2019-11-06 00:06"),
    ):
        one = behind % severity
        assert state(one, "2019-08-31 23:59") is None
        assert state(one, "2019-09-01 00:00") == "pending"
        assert state(one, "2019-09-01 23:54") == "pending"
        assert state(one, "2019-09-02 00:06") == "firing"
        assert state(one, last) == "firing"
        assert state(one, over) is None
    missed = 'ALERTS{alertname="TargetMissed",target="far"}'
    assert state(missed, "2019-12-31 23:59") is None
    assert state(missed, "2020-01-01 00:00") == "firing"
    late = 'ALERTS{alertname="MilestoneLate"}'
    assert state(late, "2019-12-20 23:59") is None
    assert state(late, "2019-12-21 00:00") == "firing"

    def labels(at: float) -> set[frozenset[tuple[str, str]]]:
        lines = held.server.ask("query", late, time=at)
        return {frozenset(one["metric"].items() - {("alertstate", one["metric"]["alertstate"])})
                for one in lines}  # fmt: skip

    cut = held.outcome.cut
    until("the live rule has judged", lambda: labels(time.time()))  # noqa: TID251
    assert labels(cut - 1) == labels(time.time())  # noqa: TID251
    assert len(labels(cut - 1)) == 1


def test_the_port_board_over_2019_shows_2019(held: Held) -> None:
    """The board's own queries at a year's zoom, four points a day.

    By hand: the newest move is of 31 December 08:30, the 122nd day, so the curve has 121 · 4
    points and 2 more; 30 days are over on 1 October.  A day's bar stands from 15
    hours before it until 8 hours in it, so on 4 points: 12, 18, 00 and 06 o'clock.  The last
    window begins on 15 December at 14:00, so its samples are of 18:00: 2 points more at the end.
    """
    board = json.loads(render(BOOK, tongues(("en",)))["dashboards/en/port.json"])
    year = {"start": seconds("2019-01-01 00:00"), "end": seconds("2019-12-31 23:59")}

    def of_2019(expr: str) -> str:
        return filled(expr.replace("$year", "2019"))

    by_name = defaultdict[tuple[str, str], list[Any]](list)
    for panel in panels(board):
        for target in (one for one in panel["targets"] if one["range"]):
            by_name[panel["title"], target["legendFormat"]] += held.server.ask(
                "query_range", of_2019(target["expr"]), step=SIX_HOURS, **year
            )
    [handled] = by_name["TEU since 1 January", "Handled"]
    values = {int(at): float(value) for at, value in handled["values"]}
    assert len(values) == 121 * 4 + 2
    assert values[int(seconds("2019-10-01 00:00"))] == 3_000.0
    assert values[int(seconds("2019-10-01 12:00"))] == 3_100.0
    for place in (
        ("TEU since 1 January", "Plan"),
        ("TEU since 1 January", "Target"),
        ("TEU a day, and its 7-day mean", "Plan a day"),
    ):
        [line] = by_name[place]
        assert len(line["values"]) == 365 * 4, place
    [days] = by_name["TEU a day, and its 7-day mean", "Day"]
    assert {value for _, value in days["values"]} == {"100"}
    assert len(days["values"]) == 122 * 4 + 2

    without = {name for (_, name), lines in by_name.items() if not lines}
    # no year before it, and with less than two years of books no interval
    assert without == {"Last year", "u95", "l95", "u80", "l80"}

    marks = {one["name"]: one for one in board["annotations"]["list"]}
    query = of_2019(marks["Target reached"]["expr"])
    [mark] = held.server.ask("query_range", query, step=3600, **year)
    assert {float(value) for _, value in mark["values"]} == {1000 * seconds("2019-10-20 09:00")}


def test_loading_again_makes_nothing(held: Held) -> None:
    server = held.server
    before = {block.ulid for block in blocks_in(server.data)}

    for part in (AUTUMN, RECENT):
        again = load(server, books(held.now), held.now, **part)
        assert (again.made, again.removed, again.cut) == ((), 0, held.outcome.cut)

    assert len(before - {block.ulid for block in blocks_in(server.data)}) == 1  # ticks


def test_a_clock_or_an_event_in_the_future_brings_no_block_into_it(held: Held) -> None:
    server, now = held.server, held.now
    ahead = now + timedelta(10)
    tomorrow = (now.astimezone(BOOK.tz) + timedelta(1)).date()

    assert load(server, books(now), ahead, **RECENT).made == ()
    load(server, books(now, *steady(tomorrow, tomorrow)), ahead, **RECENT)

    assert max(block.maxTime for block in blocks_in(server.data)) <= 1000 * held.outcome.cut
    assert server.value("count(up)", time.time()) is not None  # noqa: TID251  # it scrapes on
    load(server, books(now), now, **RECENT)


@pytest.mark.parametrize("renames", [0, 1, 3], ids=["before", "old out, new not in", "halfway"])
def test_a_load_killed_while_it_moves_blocks_is_made_good_by_the_next(
    held: Held, renames: int
) -> None:
    """By hand: 100 days are over when 10 December begins, and 22 more follow: two windows."""
    server = held.server
    there = manifest.read(server.data).of("").windows
    failed = Prometheus(server.url).metric(RELOADS_FAILED)
    teu = 110.0 + renames
    process = halted(server, renames, teu)
    try:
        assert process.stdout
        assert process.stdout.readline() == "halted\n"
    finally:
        kill(process)

    server.look()
    assert Prometheus(server.url).metric(RELOADS_FAILED) == failed
    assert server.value(YTD % "", seconds("2019-10-01 00:00")) == 3_000.0

    changed = steady(date(2019, 12, 10), LAST, teu, offset=2)
    mended = load(server, books(held.now, *changed), held.now, **AUTUMN)

    assert len(mended.made) == 2
    end = seconds("2019-12-31 23:59")
    assert server.value(YTD % "", end) == 10_000.0 + 22 * teu
    listed = manifest.read(server.data).of("").windows
    assert [one.start for one in listed] == [one.start for one in there]
    assert left_over(server) == []
    load(server, books(held.now), held.now, **AUTUMN)
    assert server.value(YTD % "", end) == 12_200.0


def test_a_load_killed_while_it_makes_blocks_leaves_all_as_it_was(held: Held) -> None:
    server = held.server
    before, blocks = manifest.read(server.data), {one.ulid for one in blocks_in(server.data)}
    process = halted(server, 0, 120.0)
    try:
        until("a block is being made", lambda: list(server.data.glob(f"{STAGE}*/*/*")))
    finally:
        kill(process)

    server.look()

    assert manifest.read(server.data) == before
    assert len(blocks - {one.ulid for one in blocks_in(server.data)}) == 1  # that of ticks
    assert Prometheus(server.url).metric(RELOADS_FAILED) == 0
    again = load(server, books(held.now), held.now, **AUTUMN)  # the killed one's promtool may run
    assert again.made == ()
    assert left_over(server) == []


def test_a_block_that_prometheus_can_not_use_is_named_and_nothing_is_moved_in(held: Held) -> None:
    """By hand: 121 days of 100 and one of 50."""
    server, one_day = held.server, date(2019, 12, 20)
    past = books(held.now, *steady(one_day, one_day, 50.0, offset=2))
    before = manifest.read(server.data)
    half = server.data / "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    half.mkdir()
    (half / "meta.json").write_text(json.dumps({"ulid": half.name, "minTime": 1, "maxTime": 2}))

    with pytest.raises(StackError, match=rf"{half.name} is half-made, it has no index: move"):
        load(server, past, held.now, **AUTUMN)
    assert manifest.read(server.data) == before

    (half / "meta.json").unlink()
    half.rmdir()
    if os.geteuid() == 0:
        block = server.data / before.of("").windows[0].blocks[0]
        os.chown(block, 0, 0)
        with pytest.raises(StackError, match=rf"{block.name} belongs to user 0, .*{NOBODY}"):
            load(server, past, held.now, **AUTUMN)
        os.chown(block, NOBODY, NOBODY)

    load(server, past, held.now, **AUTUMN)
    assert server.value(YTD % "", seconds("2019-12-31 23:59")) == 12_150.0
    load(server, books(held.now), held.now, **AUTUMN)


def test_a_part_is_dropped_and_the_rest_and_what_was_scraped_stay(held: Held) -> None:
    """By hand: 44 days are over on 15 October at noon and the 45th is handled."""
    server = held.server
    october = Wanted(seconds("2019-10-01 00:00"), seconds("2019-11-01 00:00"))

    gone = history.drop(Prometheus(server.url), server.data, october)
    server.look()

    assert 2 <= len(gone) <= 3  # October has 31 days, a window 20.25
    middle = seconds("2019-10-15 12:00")
    assert server.value(YTD % "", middle) is None
    assert server.value(YTD % "", gone[0].start - 1) is not None
    assert server.value(YTD % "", gone[-1].start + WINDOW_SECONDS) is not None
    assert len(found(server, FAMILIES, held.scraped + 2)) > 40
    assert len(load(server, books(held.now), held.now, **AUTUMN).made) == len(gone)
    assert server.value(YTD % "", middle) == 4_500.0


def test_a_restart_loses_no_sample_of_any_series_and_changes_no_history(held: Held) -> None:
    server, cut = held.server, held.outcome.cut
    prometheus = Prometheus(server.url)
    noon = seconds("2019-10-02 12:00")
    before = [
        server.ask("query", '{__name__=~".+"}[10s]', time=at) for at in (held.scraped + 2, noon)
    ]

    server.stop()
    server.start()

    after = [
        server.ask("query", '{__name__=~".+"}[10s]', time=at) for at in (held.scraped + 2, noon)
    ]
    assert [by_labels(one) for one in after] == [by_labels(one) for one in before]
    assert len(before[0]) > 100
    again = load(server, books(held.now), held.now, **RECENT)
    assert (again.made, again.removed, again.cut) == ((), 0, cut)
    assert prometheus.metric(RELOADS_FAILED) == prometheus.metric(COMPACTIONS_FAILED) == 0


def test_a_server_that_keeps_fifteen_days_is_refused(tmp_path: Path) -> None:
    page = Page()
    server = Server(tmp_path, page, "--web.enable-admin-api")
    server.start()
    try:
        with pytest.raises(StackError, match=r"retention\.time=100y"):
            Loading(Prometheus(server.url), server.data, Wanted()).load(december(1.0), 1e9)
    finally:
        server.stop()
        page.server.shutdown()
    assert not (server.data / manifest.NAME).exists()


def test_a_full_disk_moves_nothing_in_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one: full before, while text or block is made, and while the manifest is written.

    By hand: 31 days of 100, or of 150.
    """
    now = datetime.now(UTC)  # noqa: TID251  # a test is a door
    page, end = Page(), seconds("2019-12-31 23:59")
    with small_disk() as disk:
        server = EagerServer(disk.folder / "prometheus", page)
        server.start()
        try:
            load(server, december(100.0), now)
            before = manifest.read(server.data), {one.ulid for one in blocks_in(server.data)}
            corrected = december(150.0)
            with disk.filled(), pytest.raises(StackError, match=r"0 MB are free.*make room"):
                load(server, corrected, now)
            monkeypatch.setattr(history, "NEEDED_BYTES", 0)
            for owner, name, said in (
                (Workshop, "make", "make room"),
                (Promtool, "make", "make room"),
                (Exchange, "swap", "all is as it was"),
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


def test_merged_blocks_are_replaced_where_they_changed_and_nowhere_else(
    merging: EagerServer,
) -> None:
    """By hand: 31 days of 100 TEU in the live books and of 200 in the run.

    Then the live ones have 120 from 20 December on: 19 · 100 + 12 · 120.
    """
    server, now = merging, datetime.now(UTC)  # noqa: TID251  # a test is a door
    prometheus = Prometheus(server.url)
    listed = manifest.read(server.data)
    ours = {ulid for one in listed.of("").windows for ulid in one.blocks}
    assert len(ours) == 2
    until(
        "Prometheus merges",
        lambda: not ours & {block.ulid for block in blocks_in(server.data)},
        seconds=100,
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
        [one] = [w for w in manifest.read(server.data).of(run).windows if w.start == made.start]
        assert count(server, one, run) == (one.series, one.samples)
    assert prometheus.metric(RELOADS_FAILED) == prometheus.metric(COMPACTIONS_FAILED) == 0

    history.drop(prometheus, server.data, Wanted())
    server.look()
    assert server.value(YTD % "", end) is None
    assert server.value(YTD % "what-if", end) == 6_200.0


def count(server: Server, window: Window, run: str = "") -> tuple[int, int]:
    """Series and samples that a server has of a window; each sample later than the one before."""
    found = server.ask(
        "query",
        f'{{__name__=~".+",__name__!="tick",run="{run}"}}[{window.end - window.start}s]',
        time=window.end - 0.001,
    )
    for one in found:
        times = [at for at, _ in one["values"]]
        assert times == sorted(set(times))
    return len(found), sum(len(one["values"]) for one in found)


def by_labels(found: list[Any]) -> dict[frozenset[tuple[str, str]], list[Any]]:
    """Labels -> samples."""
    return {frozenset(one["metric"].items()): one["values"] for one in found}


def halted(server: Server, renames: int, teu: float) -> "subprocess.Popen[str]":
    """A load in a process of its own, that stops before a rename."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.halted_load", server.url, str(server.data),
         str(renames), str(teu)],
        cwd=HERE,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def kill(process: "subprocess.Popen[str]") -> None:
    """kill -9."""
    process.send_signal(signal.SIGKILL)
    process.communicate()


def left_over(server: EagerServer) -> list[str]:
    """Blocks that are nobody's, but for the one that makes it look."""
    listed = {ulid for one in manifest.read(server.data).of("").windows for ulid in one.blocks}
    new = seconds("2019-01-01 00:00") * 1000
    return [
        one.ulid
        for one in blocks_in(server.data)
        if one.ulid not in listed and one.maxTime > new - WINDOW_SECONDS * 1000
    ]


class Disk:
    """A file system of our own, that can be filled and freed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def filling(self, then: Callable[..., object]) -> Callable[..., object]:
        """Full from a call on."""

        def call(*given: object) -> object:
            self.fill()
            return then(*given)

        return call

    def fill(self) -> None:
        """Take all that is free."""
        subprocess.run(
            ["fallocate", "--length=8g", str(self._ballast)], capture_output=True, check=False
        )
        assert os.statvfs(self.folder).f_bavail == 0

    def free(self) -> None:
        """Give it back."""
        self._ballast.unlink(missing_ok=True)

    @contextmanager
    def filled(self) -> Iterator[None]:
        """Full for a while."""
        self.fill()
        try:
            yield
        finally:
            self.free()


@contextmanager
def small_disk() -> Iterator[Disk]:
    """A file with a file system in it, where mounting one is allowed."""
    with TemporaryDirectory(prefix="quaymark-") as name:
        image, folder = Path(name) / "disk", Path(name) / "mounted"
        folder.mkdir()
        with image.open("wb") as file:
            file.truncate(3 << 30)  # sparse: promtool alone reserves 640 MB
        for command in (
            ("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", str(image)),
            ("mount", "-o", "loop", str(image), str(folder)),
        ):
            if shutil.which(command[0]) is None:
                pytest.skip(f"a small disk can't be made here: no {command[0]}")
            made = subprocess.run(command, capture_output=True, text=True, check=False)
            if made.returncode:
                pytest.skip(f"a small disk can't be mounted here: {made.stderr.strip()}")
        try:
            yield Disk(folder)
        finally:
            subprocess.run(["umount", str(folder)], check=True)
