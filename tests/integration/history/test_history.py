"""History loaded into a real, running Prometheus, and the cut where live samples begin.

Prometheus looks for new blocks once a minute, so each wait for a load may take a minute.
"""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from contract.snapshots import TerminalDay
from kpis.past.all_owners import PastOfOwners
from stack.backfill import history_load, manifest
from stack.backfill.blocks import blocks_in
from stack.backfill.history_load import LoadOutcome, WantedWindows
from stack.backfill.prometheus_api import COMPACTIONS_FAILED, HEAD_MIN, RELOADS_FAILED, Prometheus
from tests.integration.support.prometheus_server import Page, Server, running
from tests.integration.support.workers import until
from tests.unit.kpis.builders import BOOK, box, day, seconds, target

YTD = 'port_throughput_ytd_teu{port_area="tonghai",terminal="THE",year="%s"}'


def steady(first: date, last: date) -> Iterator[TerminalDay]:
    """Yield days of 100 TEU at THE, all handled between 08:00 and 09:00."""
    for n in range((last - first).days + 1):
        yield day(str(first + timedelta(n)), box(10, 100.0), hour=8)


def books(*days: TerminalDay, year: int, teu: int = 36_500) -> PastOfOwners:
    past = PastOfOwners(BOOK)
    past.take(target(teu, period=str(year), monthly=()))
    for one in days:
        past.take(one)
    return past


def load(server: Server, past: PastOfOwners, **wanted: object) -> LoadOutcome:
    """Load history, and wait until queries return it."""
    prometheus = Prometheus(server.url)
    loading = history_load.HistoryLoad(prometheus, server.data, WantedWindows(**wanted))  # type: ignore[arg-type]
    outcome = loading.load(past, time.time())  # noqa: TID251  # a test is a door
    history_load.wait_until_seen(prometheus, outcome)
    return outcome


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    page = Page()
    yield page
    page.server.shutdown()


def test_a_live_server_takes_history_in_and_keeps_the_seam(tmp_path: Path, page: Page) -> None:
    """By hand: 100 TEU a day from 20 June 2019; 11 days are over when 1 July begins.

    25 days end on 14 July: 2,500 TEU from then on.
    """
    today = datetime.now(BOOK.tz).date()  # noqa: TID251  # a test is a door
    this_year = list(steady(today - timedelta(5), today - timedelta(1)))
    done = 100.0 * len(this_year)
    past = books(*steady(date(2019, 6, 20), date(2019, 7, 14)), *this_year, year=2019)
    labels = f'port_area="tonghai",terminal="THE",year="{today.year}"'
    page.text = f"port_throughput_ytd_teu{{{labels}}} {done}\n"
    with running(tmp_path, page) as server:
        live = YTD % today.year
        until("the worker is scraped", lambda: server.ask("query", live))
        prometheus = Prometheus(server.url)
        outcome = load(server, past)

        # any instant of the day has its value, under the scraped and the recorded name
        for at in ("2019-07-01 00:00", "2019-07-01 03:33", "2019-07-01 08:59"):
            assert server.value(YTD % 2019, seconds(at)) == 1_100.0
        assert server.value(YTD % 2019, seconds("2019-07-01 09:00")) == 1_200.0
        recorded = 'terminal:port_throughput_ytd_teu:max{terminal="THE",year="2019"}'
        assert server.value(recorded, seconds("2019-07-01 03:33")) == 1_100.0
        assert (
            server.value(
                'port:port_throughput_ytd_teu:sum{year="2019"}', seconds("2019-12-31 23:59")
            )
            == 2_500.0
        )
        # a query over a year finds a point at each step
        [line] = server.ask(
            "query_range",
            YTD % 2019,
            start=seconds("2019-06-21 09:00"),
            end=seconds("2019-12-31 09:00"),
            step=6 * 3600,
        )
        assert len(line["values"]) == 193 * 4 + 1

        # at the cut: one series, no gap, no jump, no duplicate
        cut = outcome.cut
        until("live samples after the cut", lambda: time.time() > cut + 5)  # noqa: TID251
        lines = server.ask("query_range", live, start=cut - 1800, end=cut + 4, step=1)
        assert len(lines) == 1
        assert len(lines[0]["values"]) == 1805
        assert {float(value) for _, value in lines[0]["values"]} == {done}
        assert server.value(f"sum({live})", cut + 2) == server.value(f"sum({live})", cut - 2)
        assert lines[0]["metric"] == {
            "__name__": "port_throughput_ytd_teu",
            "instance": "port",
            "job": "quaymark",
            "port_area": "tonghai",
            "terminal": "THE",
            "year": str(today.year),
        }
        # no block reaches into the head
        head = prometheus.metric(HEAD_MIN)
        assert all(made.window.end <= min(cut, head) for made in outcome.made)

        # a second load creates no block
        again = load(server, past)
        assert (again.made, again.kept, again.removed) == ((), len(outcome.made), 0)

        # a correction of 2019 replaces the blocks of 2019 only
        before = manifest.read(server.data).of("")
        past.take(day("2019-06-22", box(5, 50.0), hour=8, offset=2))
        corrected = load(server, past)
        after = manifest.read(server.data).of("")
        kept = {one.blocks for one in before.windows} & {one.blocks for one in after.windows}
        assert len(corrected.made) + len(kept) == len(after.windows) == len(before.windows)
        assert all(made.window.end > seconds("2019-06-22 09:00") for made in corrected.made)
        assert all(made.window.start < seconds("2020-01-02 00:00") for made in corrected.made)
        assert server.value(YTD % 2019, seconds("2019-07-01 03:33")) == 1_050.0
        assert server.value(YTD % 2019, seconds("2019-06-22 03:33")) == 200.0

        # a restart loses no sample before or after the cut
        first = server.ask("query", f"count_over_time({live}[30s])", time=cut + 3)
        server.stop()
        server.start()
        assert server.ask("query", f"count_over_time({live}[30s])", time=cut + 3) == first
        assert server.value(YTD % 2019, seconds("2019-07-01 03:33")) == 1_050.0
        assert prometheus.metric(RELOADS_FAILED) == prometheus.metric(COMPACTIONS_FAILED) == 0

        [scraped] = server.ask("query", f"{live}[1h]", time=time.time())  # noqa: TID251
        first_live = min(at for at, _ in scraped["values"] if at > cut)
        gone = history_load.drop_history(prometheus, server.data, WantedWindows())
        assert len(gone) == len(after.windows)
        server.stop()
        server.start()
        assert server.value(YTD % 2019, seconds("2019-07-01 03:33")) is None
        assert server.value(live, first_live) == done
        assert list(blocks_in(server.data)) == []
