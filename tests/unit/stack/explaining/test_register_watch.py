"""The watch shows how far the register is behind, and says a fault once while it lasts."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import msgspec
import pytest
from prometheus_client import generate_latest
from rich.console import Console

from contract.book import Book
from contract.errors import StackError
from contract.settings import Settings
from register.catalog import NAME, Catalog
from register.store import RegisterStore
from stack.context import CommandContext
from stack.explaining import register_watch
from stack.explaining.register_watch import RegisterWatch
from tests.unit.ledger.records import BOOK, NOW, moved, topic

OnAdded = Callable[[int, int], None]


class Kafka:
    """What a look finds in Kafka: the records of each, or the fault that there is."""

    def __init__(self) -> None:
        self.fault = ""
        self.waiting: int | None = None
        """What waits while a fault lasts; None if Kafka is away."""
        self.during: Callable[[], object] = list
        """What is done after each addition."""

    def bring_on(self, context: CommandContext, book: Book, on_added: OnAdded) -> int:
        if self.fault:
            raise StackError(self.fault)
        on_added(0, 3)
        folder = Path(context.settings.register_folder)
        for read, records in ((2, topic([moved("a"), moved("b")])), (3, topic([moved("c")], 2))):
            RegisterStore(folder, book).add({0: records})
            on_added(read, 3)
            self.during()
        return 3

    def waiting_records(self, _: Settings, __: Catalog) -> int:
        if self.waiting is None:
            raise StackError("Kafka is away")
        return self.waiting


class Port:
    """A folder, a clock that stands, and the watch over its register."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.settings = msgspec.structs.replace(Settings(), folder=str(folder))
        self.console = Console(record=True, width=200, file=(folder / "said").open("w"))
        self.register = Path(self.settings.register_folder)
        self.context = CommandContext(self.settings, {}, self.console, self._clock)
        self.watch = RegisterWatch(self.context, BOOK)

    def _clock(self) -> datetime:
        return self.now

    def shown(self) -> dict[str, float]:
        lines = generate_latest(self.watch.metrics.registry).decode().splitlines()
        ours = (line.split() for line in lines if line.startswith("register_"))
        return {name.removeprefix("register_"): float(value) for name, value in ours}


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Kafka:
    kafka = Kafka()
    monkeypatch.setattr(register_watch, "bring_on", kafka.bring_on)
    monkeypatch.setattr(register_watch, "waiting_records", kafka.waiting_records)
    return kafka


def test_a_first_register_shows_how_much_is_left_and_at_its_end_its_size(
    tmp_path: Path, kafka: Kafka
) -> None:
    port = Port(tmp_path)
    # it is not there yet, so an update is awaited since the start; what waits is not known
    assert port.shown() == {
        "last_update_timestamp_seconds": NOW.timestamp(),
        "update_failures_total": 0,
    }
    seen: list[tuple[float, float]] = []
    kafka.during = lambda: seen.append((port.shown()["lag_records"], port.shown()["records"]))

    port.watch.look()

    assert seen == [(1, 2), (0, 3)]
    files = port.register.glob("*/*/*.parquet")
    assert port.shown() == {
        "lag_records": 0,
        "last_update_timestamp_seconds": NOW.timestamp(),
        "records": 3,
        "size_bytes": sum(file.stat().st_size for file in files),
        "update_failures_total": 0,
    }


def test_what_kafka_gets_during_a_look_makes_no_register_seem_newer(
    tmp_path: Path, kafka: Kafka
) -> None:
    port = Port(tmp_path)

    def a_minute_goes_by() -> None:
        port.now += timedelta(minutes=1)

    kafka.during = a_minute_goes_by  # after each of the two additions

    port.watch.look()

    # it holds what Kafka had when the look began, not what came in these two minutes
    assert port.now == NOW + timedelta(minutes=2)
    assert port.shown()["last_update_timestamp_seconds"] == NOW.timestamp()


def test_a_fault_is_counted_and_said_once_while_it_lasts(tmp_path: Path, kafka: Kafka) -> None:
    port = Port(tmp_path)
    kafka.fault, kafka.waiting = "the disk is full", 7

    for _ in range(2):
        port.watch.look()
    assert port.shown()["lag_records"] == 7
    assert port.shown()["update_failures_total"] == 2
    kafka.waiting = None
    port.watch.look()
    assert "lag_records" not in port.shown()  # what waits in a Kafka that is away is not known
    assert port.console.export_text(clear=False).count("the disk is full; it is tried again") == 1

    kafka.fault = ""
    port.watch.look()
    assert port.shown()["lag_records"] == 0
    kafka.fault = "the disk is full"
    port.watch.look()
    assert port.console.export_text().count("the disk is full") == 2


def test_a_register_that_was_left_is_as_old_as_its_last_writing(
    tmp_path: Path, kafka: Kafka
) -> None:
    port = Port(tmp_path)
    port.watch.look()
    hour_ago = NOW.timestamp() - 3600
    os.utime(port.register / NAME, (hour_ago, hour_ago))
    kafka.fault = "Kafka is away"

    started_again = Port(tmp_path)
    started_again.watch.look()

    assert started_again.shown()["last_update_timestamp_seconds"] == hour_ago


def test_metrics_are_answered_and_a_port_that_is_taken_names_its_setting(
    tmp_path: Path, kafka: Kafka
) -> None:
    port = Port(tmp_path)
    port.watch.look()
    metrics, settings = port.watch.metrics, port.settings

    number = metrics.serve(msgspec.structs.replace(settings, register_metrics_port=0))

    with urlopen(f"http://127.0.0.1:{number}/metrics") as answer:
        text = answer.read().decode()
    assert "\nregister_records 3.0\n" in text
    assert '\npartner_received_records{partner="-"} 3.0\n' in text
    with pytest.raises(StackError, match="QUAYMARK_REGISTER_METRICS_PORT names another port"):
        metrics.serve(msgspec.structs.replace(settings, register_metrics_port=number))


def test_a_signal_between_two_looks_is_followed_by_a_last_one(
    tmp_path: Path, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = Port(tmp_path)

    def signalled(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", signalled)

    with pytest.raises(KeyboardInterrupt):
        port.watch.pause()

    assert port.shown()["records"] == 3
