"""A worker at a secured broker: it counts, follows a rotation, or ends with one line."""

from pathlib import Path

import pytest
from msgspec import structs

from broker.admin import create_topics
from broker.connection import Connection
from kpis.pipeline import EVENTS, REFUSED
from tests.integration.support.ports import free_port
from tests.integration.support.secured.requests import set_password
from tests.integration.support.secured.secured_broker import USER, SecuredBroker, password_of
from tests.integration.support.workers import (
    as_records,
    becomes,
    move,
    recent,
    send,
    start_worker,
    worker,
)

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("secured")]


def environ(connection: Connection) -> dict[str, str]:
    """Return the settings of a connection, without their prefix."""
    given = structs.asdict(connection.security)
    return {f"kafka_{name}": value for name, value in given.items() if value}


def test_a_worker_counts_through_a_password_that_changes(
    secured: SecuredBroker, tmp_path: Path
) -> None:
    create_topics(Connection(secured.bootstrap))
    connection = secured.connection("SASL", **secured.by_password())
    file = Path(connection.security.sasl_password_file)
    with worker(
        str(connection),
        tmp_path,
        free_port(),
        store="memory",
        forecast_minutes="0",
        **environ(connection),
    ) as running:
        moves = [move(n, "tonghai-1", "22G1", recent()) for n in range(20)]

        def read() -> float:
            return sum(running.samples(EVENTS.name).values())

        def refusals() -> float:
            return sum(running.samples(REFUSED.name).values())

        send(secured.bootstrap, as_records(moves[:10]))
        becomes("the first moves are read", lambda: read() >= 10, True)
        try:
            set_password(secured.bootstrap, USER, "another")  # it is cut off within 2 s
            becomes("it is refused", refusals, 1.0)
            file.write_text("another\n")
            becomes("it is let in", refusals, 0.0)
            send(secured.bootstrap, as_records(moves[10:]))
            becomes("all are read", lambda: read() >= 20, True)
        finally:
            set_password(secured.bootstrap, USER, password_of(USER))


def test_a_worker_with_a_wrong_password_ends_with_exit_code_2(
    secured: SecuredBroker, tmp_path: Path
) -> None:
    connection = secured.connection("SASL", **secured.by_password(password="wrong"))
    running = start_worker(str(connection), tmp_path, free_port(), **environ(connection))

    assert running.process.wait(120) == 2
    assert "refuses user worker: Authentication failed" in running.log.read_text()
