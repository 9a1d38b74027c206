"""Two years and a part of a third through Kafka: the forecast and its band are in /metrics."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contract.events import ContainerMoved, Label, Target, TargetSet
from contract.topics import TARGETS
from contract.wire import encode, event_key, partition_of
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import (
    HERE,
    Running,
    as_records,
    becomes,
    move,
    recent,
    send,
    until,
    worker,
)

pytestmark = pytest.mark.kafka

Topics = Callable[..., None]
BOUND = "port_throughput_forecast_bound_teu"


def moves_on(on: date) -> int:
    """Return the number of moves on a day, 4 to 6 by month and year; each is 1 TEU."""
    return 4 + (on.month * 7 + on.year) % 3


def moves(first: date, last: date) -> Iterator[ContainerMoved]:
    number = 0
    for n in range((last - first).days + 1):
        on = first + timedelta(n)
        for _ in range(moves_on(on)):
            number += 1
            yield move(number, "THE", "22G1", datetime.fromisoformat(f"{on} 00:00:01+08:00"))


def _day(on: date) -> int:
    return on.timetuple().tm_yday


def target(year: int, at: datetime) -> tuple[bytes, bytes, int]:
    """Return a target of the year as a record."""
    event = TargetSet(
        id="1",
        source="/targets",
        time=at,
        recordedtime=at,
        specversion="1.0",
        data=Target(
            owner="tonghai",
            target="annual-teu",
            name=Label("年吞吐量", "TEU a year"),
            measures="port_throughput_ytd_teu",
            period=str(year),
            value=Decimal(5000),
        ),
    )
    key = event_key(event)
    return key, encode(event), partition_of(key, TARGETS.partitions)


def bounds(one: Running) -> dict[tuple[str, str], float]:
    found = one.samples(BOUND)
    return {(dict(key)["level"], dict(key)["bound"]): value for key, value in found.items()}


def test_the_forecast_of_a_year_with_two_before_it_comes_with_its_band(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    book = tmp_path / "quaymark.toml"
    text = (HERE / "quaymark.toml").read_text(encoding="utf-8")
    book.write_text(text.replace("open_days = 400", "open_days = 1500"), encoding="utf-8")
    today = recent(0).astimezone(ZoneInfo("Asia/Shanghai")).date()
    newest = max(today - timedelta(1), date(today.year, 1, 1))
    events = list(moves(date(newest.year - 2, 1, 1), newest))
    so_far = sum(moves_on(date(today.year, 1, 1) + timedelta(n)) for n in range(_day(newest)))
    left = (date(today.year + 1, 1, 1) - newest).days - 1
    year = (("port_area", "tonghai"), ("year", str(today.year)))
    east = (year[0], ("terminal", "THE"), year[1])

    with worker(broker.bootstrap, tmp_path, free_port(), book=str(book)) as one:
        send(broker.bootstrap, as_records(events))
        send(broker.bootstrap, [target(today.year, recent(0.5))], TARGETS.name)
        becomes(
            "the year is counted",
            lambda: one.samples("port_throughput_ytd_teu").get(east, 0.0),
            float(so_far),
        )
        until("there is a forecast from history", lambda: bounds(one))

        def settled() -> bool:
            """Whether the forecast includes all days; a day has 4 to 6 moves."""
            edge = bounds(one)
            forecast = one.samples("port_throughput_forecast_teu")[year]
            nested = (
                so_far
                <= edge["0.95", "lower"]
                <= edge["0.80", "lower"]
                <= forecast
                <= edge["0.80", "upper"]
                <= edge["0.95", "upper"]
            )
            return nested and so_far + 3 * left <= forecast <= so_far + 7 * left

        until("forecast and band lie where three years lead", settled)
        assert one.samples("pipeline_forecast_failures_total")[()] == 0
        assert one.samples("pipeline_forecast_timestamp_seconds")[()] > recent(0.1).timestamp()
        assert one.stop() == 0
