"""Secured brokers, which the tests of this folder share; one process runs those of each."""

from collections.abc import Iterator

import pytest

from broker import admin
from broker.connection import Connection
from contract.kafka.rights import ROLES
from contract.topics import TARGETS
from tests.integration.support.secured.denied_port import DeniedPort
from tests.integration.support.secured.denying_broker import DenyingBroker
from tests.integration.support.secured.secured_broker import SecuredBroker
from tests.integration.support.workers import as_records, move, recent, send
from tests.plugins.last_lines import also_look_in


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """A broker with a listener for each way to log in."""
    folder = tmp_path_factory.mktemp("secured")
    also_look_in(folder / "log")
    running = SecuredBroker(folder)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def denied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeniedPort]:
    """A port with topics and some events; every user has its role's rights."""
    folder = tmp_path_factory.mktemp("denying")
    also_look_in(folder / "kafka" / "log")
    broker = DenyingBroker(folder / "kafka")
    broker.start()
    try:
        for role in ROLES:
            broker.allow(role.name, role.rights)
        admin.create_topics(Connection(broker.bootstrap))
        moves = [move(n, "THE", "22G1", recent(3)) for n in range(20)]
        send(broker.bootstrap, as_records(moves))
        send(broker.bootstrap, [(b"bad", b'{"specversion": "1.0"}', 0)])
        send(broker.bootstrap, [(b"bad", b"{}", 0)], TARGETS.name)
        port = DeniedPort(broker, folder)
        yield port
        if port.live is not None and port.live.process.poll() is None:
            port.live.kill()
    finally:
        broker.stop()
