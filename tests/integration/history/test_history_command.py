"""`quaymark history` from the snapshot topics of a real Kafka into a real Prometheus."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from broker.connection import Connection
from broker.reader import TopicReading
from contract.settings import run_prefix
from contract.snapshots import PastReading, TerminalDay
from contract.topics import READINGS, TERMINAL_DAYS, TOPICS
from contract.wire import encode, partition_of, snapshot_key
from tests.integration.support.history.history_command import history
from tests.integration.support.prometheus_server import Page, Server, running
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import send, until
from tests.unit.kpis.builders import box, day, seconds

YTD = 'port_throughput_ytd_teu{port_area="tonghai",terminal="THE",year="2019"%s}'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    page = Page()
    with running(tmp_path / "prometheus", page) as one:
        yield one
    page.server.shutdown()


def announce(bootstrap: str, teu: float, prefix: str = "") -> None:
    """Send snapshots of ten days with the same TEU each, from 20 December 2019 on."""
    days = [date(2019, 12, 20) + timedelta(n) for n in range(10)]
    say(bootstrap, *(day(str(on), box(1, teu), hour=8) for on in days), prefix=prefix)


def say(bootstrap: str, *snapshots: TerminalDay, prefix: str = "") -> None:
    records = [
        (key := snapshot_key(one), encode(one), partition_of(key, TERMINAL_DAYS.partitions))
        for one in snapshots
    ]
    send(bootstrap, records, prefix + TERMINAL_DAYS.name)


def test_the_live_books_and_a_run_are_loaded_side_by_side(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], server: Server
) -> None:
    """By hand: 10 TEU a day are 30 when 23 December begins, and 20 a day 60."""
    topics(*TOPICS, *(topic.under(run_prefix("what-if")) for topic in TOPICS))
    announce(broker.bootstrap, 10.0)
    announce(broker.bootstrap, 20.0, run_prefix("what-if"))

    said = history(environ, server, "load", "--no-wait")
    history(environ, server, "load", "--run", "what-if", "--no-readings")

    at = seconds("2019-12-23 03:03")
    until("the live books show", lambda: server.value(YTD % ',run=""', at))
    assert "0 unchanged" in said
    assert server.value(YTD % ',run=""', at) == 30.0
    assert server.value(YTD % ',run="what-if"', at) == 60.0
    assert "0 windows made" in history(environ, server, "load")
    shown = history(environ, server, "status")
    assert "live books: 2019-12-20 00:00 to 2020-01-01 23:55" in shown
    assert "what-if" in shown

    year_to_date = ytd_of_2019(broker.bootstrap)
    assert year_to_date[date(2019, 12, 22), "THE"] == 30.0
    assert year_to_date[date(2019, 12, 31), "THE"] == 100.0

    assert "windows taken out" in history(environ, server, "drop", "--run", "what-if", "--yes")


def test_readings_that_are_told_no_longer_are_taken_off_and_lost_ones_are_told_again(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], server: Server
) -> None:
    """A terminal that the book does not name has 7 TEU on 22 December, until a correction."""
    topics()
    announce(broker.bootstrap, 10.0)
    say(broker.bootstrap, day("2019-12-22", box(1, 7.0), terminal="OLD"))
    history(environ, server, "load", "--no-wait")
    before = ytd_of_2019(broker.bootstrap)

    say(broker.bootstrap, day("2019-12-22", terminal="OLD", offset=2))
    history(environ, server, "load", "--no-wait")
    after = ytd_of_2019(broker.bootstrap)

    topics()  # Kafka is emptied, Prometheus keeps its blocks
    announce(broker.bootstrap, 10.0)
    said = history(environ, server, "load", "--no-wait")

    assert before[date(2019, 12, 22), "OLD"] == 7.0
    assert before[date(2019, 12, 22), "THE"] == 30.0
    assert after == {name: value for name, value in before.items() if name[1] != "OLD"}
    assert "0 windows made" in said
    assert ytd_of_2019(broker.bootstrap) == after


def ytd_of_2019(bootstrap: str) -> dict[tuple[date, str], float]:
    """Day and terminal -> TEU of the year, by the newest record of each key."""
    newest: dict[bytes | None, bytes | None] = {}
    with TopicReading(Connection(bootstrap), READINGS) as reading:
        for batch in reading.rest():
            newest |= {record.key: record.value for record in batch}
    found = [_reading(value) for value in newest.values() if value is not None]
    return {
        (one.on, one.labels["terminal"]): one.value
        for one in found
        if one.series == "port_throughput_ytd_teu" and one.labels["year"] == "2019"
    }


def _reading(value: bytes) -> PastReading:
    said = json.loads(value)
    assert said.pop("type") == "past-reading"
    return PastReading(**{**said, "on": date.fromisoformat(said["on"])})
