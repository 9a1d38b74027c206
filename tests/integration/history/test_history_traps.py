"""Known pitfalls of a history load, each on a real, running Prometheus.

Where the tests run as root, Prometheus runs as another user than the loads.  All values are
computed by hand from the books that `past_books` describes.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contract.errors import StackError
from dashboards.provisioning import render
from kpis.past.openmetrics import WINDOW_SECONDS
from stack.backfill import history_load, manifest
from stack.backfill.blocks import blocks_in, data_owner
from stack.backfill.history_load import STAGE, LoadOutcome, WantedWindows
from stack.backfill.prometheus_api import COMPACTIONS_FAILED, RELOADS_FAILED, Prometheus
from stack.locales import languages
from tests.integration.support.history.past_books import LAST, STRETCH, books, shown, steady
from tests.integration.support.history.reloading_prometheus import (
    NOBODY,
    ReloadingServer,
    count,
    load,
    started,
)
from tests.integration.support.prometheus_server import Page, Server
from tests.integration.support.workers import HERE, until
from tests.unit.dashboards.conftest import filled, panels
from tests.unit.kpis.builders import BOOK, seconds

pytestmark = pytest.mark.xdist_group("held-history")

YTD = 'port_throughput_ytd_teu{port_area="tonghai",terminal="THE",year="2019",run="%s"}'
FAMILIES = '{job="quaymark",__name__=~"(port_throughput|target|project|indicator)_.+"}'
RECORDED = '{__name__=~"[a-z]+:(port_throughput|target)_.+:(max|sum)"}'
SIX_HOURS = 6 * 3600
AUTUMN = {"since": seconds("2019-09-01 00:00"), "until": seconds("2020-01-10 00:00")}
DECEMBER = {"since": seconds("2019-12-10 00:00"), "until": AUTUMN["until"]}
"""The two windows that change when days from 10 December on do."""
RECENT = {"since": time.time() - 86_400}  # noqa: TID251  # the window in which live samples begin

HALTED_LOAD = "tests.integration.support.history.halted_load"


@dataclass
class Held:
    """A Prometheus that holds history and scrapes a worker."""

    server: ReloadingServer
    outcome: LoadOutcome
    now: datetime
    scraped: float
    """When the first sample of the worker was scraped."""


@pytest.fixture(scope="module")
def held() -> Iterator[Held]:
    """Yield a server that scrapes the current books and holds their history."""
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


def found(server: Server, query: str, at: float) -> dict[frozenset[tuple[str, str]], float]:
    """Labels with the name -> value, for the series of the current year and its targets."""
    year = str(datetime.fromtimestamp(at, BOOK.tz).year)
    return {
        frozenset(one["metric"].items()): float(one["value"][1])
        for one in server.ask("query", query, time=at)
        if "project" in one["metric"]["__name__"]
        or {one["metric"].get(label, year) for label in ("year", "period")} == {year}
    }


def test_all_that_is_written_is_there_once_and_belongs_to_who_runs_prometheus(held: Held) -> None:
    """By hand: a day has 288 steps of 5 minutes, or 4 of 6 hours."""
    server = held.server
    noon = seconds("2019-10-02 12:00")
    for name, samples in (("ytd_teu", 288), ("ytd_moves", 4)):
        series = f'port_throughput_{name}{{terminal="THE",year="2019"}}'
        assert server.value(f"count_over_time({series}[86399s])", noon) == samples

    listed = manifest.read(server.data).of("").windows
    for one in listed[:2]:
        assert count(server, one) == (one.series, one.samples)

    blocks, owner = (
        {block.ulid: block for block in blocks_in(server.data)},
        data_owner(server.data),
    )
    for window in listed:
        [ulid] = window.blocks
        block = blocks[ulid]
        assert block.stats.numSamples == window.samples
        # each lies within one of Prometheus's longest windows, so it is never compacted
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
    """Names, labels and values are the same just before the cut, as dashboards query them."""
    server, cut, scraped = held.server, held.outcome.cut, held.scraped
    until("more live samples", lambda: time.time() > scraped + 3)  # noqa: TID251
    for series in (FAMILIES, RECORDED):
        before = found(server, f"last_over_time({series}[26h])", cut - 1)
        after = found(server, series, scraped + 2)
        assert before.keys() == after.keys()
        assert len(after) > 40
        for labels, value in after.items():
            assert before[labels] == pytest.approx(value, rel=1e-3, abs=1e-3), labels

    # a series that never ends has a point at each second, as if it had been scraped
    hourly = f'port_throughput_pace_ratio{{year="{datetime.fromtimestamp(cut, BOOK.tz).year}"}}'
    [line] = server.ask("query_range", hourly, start=cut - 3600, end=cut + 60, step=1)
    times = [at for at, _ in line["values"]]
    assert times == pytest.approx([cut - 3600 + n for n in range(len(times))], abs=0.01)
    assert times[-1] >= scraped + 2
    assert (
        0 < scraped - cut <= 10
    )  # Prometheus evaluates rules some seconds before it discovers workers


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
    until("the live rule is evaluated", lambda: labels(time.time()))  # noqa: TID251
    assert labels(cut - 1) == labels(time.time())  # noqa: TID251
    assert len(labels(cut - 1)) == 1


def test_the_port_board_over_2019_shows_2019(held: Held) -> None:
    """The board's own queries at a year's zoom, four points a day.

    By hand: the newest move is of 31 December 08:30, the 122nd day, so the curve has 121 · 4
    points and 2 more; 30 days are over on 1 October.  A day's bar lasts from 15
    hours before it until 8 hours in it, so on 4 points: 12, 18, 00 and 06 o'clock.  The last
    window begins on 15 December at 14:00, so its samples are of 18:00: 2 points more at the end.
    """
    board = json.loads(render(BOOK, languages(("en",)))["dashboards/en/port.json"])
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
    # there is no year before, and with less than two years of books no interval
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
    mended = load(server, books(held.now, *changed), held.now, **DECEMBER)

    assert len(mended.made) == 2
    end = seconds("2019-12-31 23:59")
    assert server.value(YTD % "", end) == 10_000.0 + 22 * teu
    listed = manifest.read(server.data).of("").windows
    assert [one.start for one in listed] == [one.start for one in there]
    assert left_over(server) == []
    load(server, books(held.now), held.now, **DECEMBER)
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
    assert (
        len(blocks - {one.ulid for one in blocks_in(server.data)}) == 1
    )  # only the block of ticks
    assert Prometheus(server.url).metric(RELOADS_FAILED) == 0
    again = load(server, books(held.now), held.now, **DECEMBER)  # beside what the killed load left
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

    with pytest.raises(StackError, match=rf"{half.name} is incomplete, it has no index: move"):
        load(server, past, held.now, **DECEMBER)
    assert manifest.read(server.data) == before

    (half / "meta.json").unlink()
    half.rmdir()
    if os.geteuid() == 0:
        block = server.data / before.of("").windows[0].blocks[0]
        os.chown(block, 0, 0)
        with pytest.raises(StackError, match=rf"{block.name} belongs to user 0, .*{NOBODY}"):
            load(server, past, held.now, **DECEMBER)
        os.chown(block, NOBODY, NOBODY)

    load(server, past, held.now, **DECEMBER)
    assert server.value(YTD % "", seconds("2019-12-31 23:59")) == 12_150.0
    load(server, books(held.now), held.now, **DECEMBER)


def test_a_part_is_dropped_and_the_rest_and_what_was_scraped_stay(held: Held) -> None:
    """By hand: 44 days are over on 15 October at noon and the 45th is handled."""
    server = held.server
    october = WantedWindows(seconds("2019-10-01 00:00"), seconds("2019-11-01 00:00"))

    gone = history_load.drop_history(Prometheus(server.url), server.data, october)
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


def by_labels(found: list[Any]) -> dict[frozenset[tuple[str, str]], list[Any]]:
    """Labels -> samples."""
    return {frozenset(one["metric"].items()): one["values"] for one in found}


def halted(server: Server, renames: int, teu: float) -> "subprocess.Popen[str]":
    """Start a load in a process of its own that halts before a rename."""
    return subprocess.Popen(
        [sys.executable, "-m", HALTED_LOAD, server.url, str(server.data), str(renames), str(teu)],
        cwd=HERE,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def kill(process: "subprocess.Popen[str]") -> None:
    """Kill it with SIGKILL."""
    process.send_signal(signal.SIGKILL)
    process.communicate()


def left_over(server: ReloadingServer) -> list[str]:
    """Return the blocks since 2019 that the manifest does not list."""
    listed = {ulid for one in manifest.read(server.data).of("").windows for ulid in one.blocks}
    new = seconds("2019-01-01 00:00") * 1000
    return [
        one.ulid
        for one in blocks_in(server.data)
        if one.ulid not in listed and one.maxTime > new - WINDOW_SECONDS * 1000
    ]
