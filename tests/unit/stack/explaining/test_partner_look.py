"""The register is looked at every few minutes, and a fault of it is said once."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from rich.console import Console

from contract.settings import Settings
from register.catalog import NAME
from register.store import RegisterStore
from stack.context import CommandContext
from stack.explaining.partner_metrics import LOOKS_AGAIN, PartnerCollector, PartnerLook
from tests.unit.ledger.records import BOOK, NOW, moved, topic


class Port:
    """A folder with a register, a clock that is set by hand, and what was said."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        settings = msgspec.structs.replace(Settings(), folder=str(folder))
        self.console = Console(record=True, file=(folder / "said").open("w"))
        self.register = Path(settings.register_folder)
        collector = PartnerCollector()
        self.registry = CollectorRegistry()
        self.registry.register(collector)
        context = CommandContext(settings, {}, self.console, self._clock)
        self.look = PartnerLook(context, BOOK, collector).look

    def _clock(self) -> datetime:
        return self.now

    def received(self) -> list[str]:
        lines = generate_latest(self.registry).decode().splitlines()
        return [line for line in lines if line.startswith('partner_received_records{partner="-"')]


def test_new_records_show_after_some_minutes(tmp_path: Path) -> None:
    port = Port(tmp_path)
    RegisterStore(port.register, BOOK).add({0: topic([moved("a")])})
    port.look()
    assert port.received() == ['partner_received_records{partner="-"} 1.0']
    RegisterStore(port.register, BOOK).add({0: topic([moved("b")], first=1)})
    port.now += LOOKS_AGAIN - timedelta(seconds=1)
    port.look()
    assert port.received() == ['partner_received_records{partner="-"} 1.0']
    port.now += timedelta(seconds=1)
    port.look()
    assert port.received() == ['partner_received_records{partner="-"} 2.0']


def test_a_damaged_register_shows_nothing_and_is_said_once(tmp_path: Path) -> None:
    port = Port(tmp_path)
    RegisterStore(port.register, BOOK).add({0: topic([moved("a")])})
    port.look()
    (port.register / NAME).write_bytes(b"{")
    for _ in range(2):
        port.now += LOOKS_AGAIN
        port.look()
    assert port.received() == []
    said = port.console.export_text()
    assert said.count("figures of partners are not shown") == 1
    assert "quaymark register rebuild" in said.replace("\n", " ")
