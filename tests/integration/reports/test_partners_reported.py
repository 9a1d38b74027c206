"""What became of two partners' records: the same in their month's report and in /metrics."""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner
from msgspec.structs import replace
from rich.console import Console

from contract.book import Book
from contract.events import ContainerMoved, MoveRetracted
from contract.settings import Settings
from contract.snapshots import IN_A_FILE, DeadLetter
from contract.topics import MOVES, REJECTED, TERMINAL_DAYS, Topic
from contract.wire import encode
from stack.context import CommandContext
from stack.explaining.register_watch import RegisterWatch
from stack.http_client import page
from stack.verbs.reporting.issued import issue
from tests.integration.reports.test_report_show import say
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import HERE
from tests.unit.ledger.records import moved, retracted
from tests.unit.reports.port_of_years import days

pytestmark = pytest.mark.kafka

PARTNERS = """
[report]
languages = ["en"]

[[partner]]
name = "east"
time_zone = "Asia/Shanghai"

[[partner]]
name = "west"
time_zone = "Asia/Shanghai"
senders = ["WESTLINE"]

[[partner]]
name = "quiet"
time_zone = "Asia/Shanghai"
"""
SHOWN_IN_BOTH = {
    "received_records",
    "refused_records",
    "accepted_ratio",
    "refused_ratio",
    "repeated_ratio",
    "amended_ratio",
    "delay_seconds",
}
Figures = dict[tuple[str, tuple[str, ...]], float | None]
"""Series without `partner_`, values of its labels by their names -> value."""


class Arrival(NamedTuple):
    """A record, and the clock of the month's last day at which Kafka got it."""

    at: str
    event: ContainerMoved | MoveRetracted | DeadLetter


class Port:
    """The port at 06:00 of the first of this month: the day before is the month's last."""

    def __init__(self, environ: dict[str, str], book: Path) -> None:
        self.settings = Settings.from_env(environ | {"QUAYMARK_BOOK": str(book)})
        self.context = CommandContext(self.settings, {}, Console(), self._now)
        self.book: Book = self.context.book()
        clock = datetime.now(UTC)  # noqa: TID251  # Kafka refuses what is ahead of its own
        self.first = clock.astimezone(self.book.tz).date().replace(day=1)
        self.last = self.first - timedelta(1)

    def _now(self) -> datetime:
        return self.at(self.first, "06:00")

    def at(self, on: date, clock: str) -> datetime:
        return datetime.fromisoformat(f"{on}T{clock}:00").replace(tzinfo=self.book.tz)

    def moved(
        self, event_id: str, source: str, clock: str, recorded: str = "", **other: Any
    ) -> ContainerMoved:
        """A move of the month's last day; it is recorded at once, or when it says."""
        happened, late = (
            self.at(self.last, one).isoformat() for one in (clock, recorded or clock)
        )
        return moved(event_id, happened, recorded=late, source=source, **other)

    def gone(self, event_id: str, source: str, clock: str) -> MoveRetracted:
        recorded = self.at(self.last, clock).isoformat()
        return retracted(event_id, recorded=recorded, source=source)

    def came(self, topic: Topic, arrivals: Sequence[Arrival]) -> None:
        """Let Kafka have got records when they say, on one partition in their order."""

        async def go() -> None:
            producer = AIOKafkaProducer(bootstrap_servers=self.settings.kafka, acks="all")
            async with producer:
                for at, event in arrivals:
                    stamp = round(self.at(self.last, at).timestamp() * 1000)
                    await producer.send_and_wait(
                        topic.name, encode(event), partition=0, timestamp_ms=stamp
                    )

        asyncio.run(go())

    def issued(self) -> Figures:
        """Issue the month's report, and return its figures of partners."""
        line = [f"{self.last:%Y-%m}", "--kind", "monthly", "--provisional"]
        done = CliRunner().invoke(issue, line, obj=self.context, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        [path] = Path(self.settings.reports_folder).glob("tonghai/monthly/*/1/tonghai-*.json")
        return {
            (series, tuple(one["labels"][name] for name in sorted(one["labels"]))): one["value"]
            for one in json.loads(path.read_text("utf-8"))["figures"]
            if (series := one["series"]).startswith("partner_")
        }

    def scraped(self) -> Figures:
        """Look at the register once, and return the figures of partners that /metrics shows."""
        watch = RegisterWatch(self.context, self.book)
        watch.look()
        assert (watch.metrics.lag_records, watch.metrics.failures) == (0, 0)
        number = watch.metrics.serve(replace(self.settings, register_metrics_port=0))
        text = page(f"http://127.0.0.1:{number}/metrics") or ""
        found = re.findall(r"^(partner_\w+)\{(.*)\} (\S+)$", text, re.MULTILINE)
        return {
            (series, tuple(re.findall(r'="(.*?)"', labels))): float(value)
            for series, labels, value in found
        }


def in_both(figures: Figures) -> Figures:
    return {
        (series.removeprefix("partner_"), labels): value
        for (series, labels), value in figures.items()
        if series.removeprefix("partner_") in SHOWN_IN_BOTH and value is not None
    }


@pytest.fixture
def port(broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path) -> Port:
    """A port with three partners, and books of the month that is over."""
    topics()
    book = tmp_path / "quaymark.toml"
    text = (HERE / "quaymark.toml").read_text("utf-8")
    book.write_text(text + PARTNERS, "utf-8")
    port = Port(environ | {"QUAYMARK_FORECAST_MINUTES": "0"}, book)
    begin = port.last.replace(day=1) - timedelta(40)
    say(broker.bootstrap, TERMINAL_DAYS, *days(f"{begin}", f"{port.last}"))
    return port


def test_the_months_report_and_metrics_say_the_same_of_two_partners(port: Port) -> None:
    east, west = "/csv/east", "/edifact/WESTLINE"
    first = port.moved("a", east, "08:00")
    port.came(
        MOVES,
        [
            Arrival("09:00", first),  # 1 h after the move
            Arrival("09:30", first),  # a repeat, 1.5 h after the move
            Arrival("10:00", port.moved("b", east, "08:00", size="45G1")),  # 2 h
            Arrival("11:00", port.moved("c", east, "08:00", terminal="T9")),  # refused
            Arrival("12:00", port.moved("b", east, "08:00", "11:30", size="42G1")),  # amends, 4 h
            Arrival("20:30", port.moved("d", west, "20:00", terminal="THW")),  # 0.5 h
            Arrival("21:00", port.gone("d", west, "20:45")),
        ],
    )
    origin = "/srv/inbox/east/moves.csv: line 7"
    row = DeadLetter(IN_A_FILE, -1, -1, "bad_value", "line 7: no", b"x,y", origin=origin)
    port.came(REJECTED, [Arrival("13:00", row)])

    expected: Figures = {
        ("received_records", ("east",)): 6,
        ("refused_records", ("east", "unknown_terminal")): 1,
        ("refused_records", ("east", "bad_value")): 1,
        ("refused_ratio", ("east",)): 2 / 6,
        ("repeated_ratio", ("east",)): 1 / 6,
        ("amended_ratio", ("east",)): 1 / 6,
        ("accepted_ratio", ("east",)): 3 / 6,  # neither refused nor a repeat
        # delays of what was booked: 1, 1.5, 2 and 4 h; the median is halfway between 1.5 and 2,
        # and 95 % of the three steps from the first to the fourth are 2.85: 2 + 0.85 * 2 = 3.7 h
        ("delay_seconds", ("east", "0.5")): 1.75 * 3600,
        ("delay_seconds", ("east", "0.95")): 3.7 * 3600,
        ("received_records", ("west",)): 2,
        ("refused_ratio", ("west",)): 0,
        ("repeated_ratio", ("west",)): 0,
        ("amended_ratio", ("west",)): 0,
        ("accepted_ratio", ("west",)): 1,
        ("delay_seconds", ("west", "0.5")): 1800,
        ("delay_seconds", ("west", "0.95")): 1800,
        ("received_records", ("quiet",)): 0,
    }
    scraped = port.scraped()
    issued = port.issued()
    assert in_both(scraped) == pytest.approx(expected)
    assert in_both(issued) == pytest.approx(expected)
    # what only one of them shows: the days without a record, and when the last one came
    month = port.last.day
    silent = {"east": month - 1, "west": month - 1, "quiet": month}
    assert {
        labels[0]: value for (series, labels), value in issued.items() if "silent" in series
    } == silent
    last = port.at(port.last, "13:00").timestamp()
    assert scraped["partner_last_record_timestamp_seconds", ("east",)] == last
