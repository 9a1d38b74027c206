"""A worker at a secured broker: it counts, follows a rotation, or ends with one line."""

import os
from pathlib import Path

import pytest

from broker.admin import create_topics
from broker.connection import Connection
from kpis.pipeline import EVENTS, REFUSED
from tests.integration.support.commands import run
from tests.integration.support.ports import free_port
from tests.integration.support.secured.requests import set_password
from tests.integration.support.secured.secured_broker import (
    USER,
    SecuredBroker,
    password_of,
    settings_of,
)
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


def more(connection: Connection) -> dict[str, str]:
    """Return the settings of a connection as `start_worker` takes them."""
    return {
        name.removeprefix("QUAYMARK_").lower(): value
        for name, value in settings_of(connection).items()
    }


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
        **more(connection),
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
    running = start_worker(str(connection), tmp_path, free_port(), **more(connection))

    assert running.process.wait(120) == 2
    assert "refuses user worker: Authentication failed" in running.log.read_text()


@pytest.mark.parametrize("command", ["inbox", "receive", "targets"])
def test_a_producer_with_a_wrong_password_ends_with_exit_code_2(
    secured: SecuredBroker, tmp_path: Path, command: str
) -> None:
    connection = secured.connection("SASL", **secured.by_password(password="wrong"))
    (tmp_path / "tokens").write_text("0123456789abcdef0123456789abcdef\n")
    environ = os.environ | settings_of(connection)  # noqa: TID251  # a child needs PATH
    environ |= {
        "QUAYMARK_FOLDER": str(tmp_path),
        "QUAYMARK_INBOX_METRICS_PORT": str(free_port()),
        "QUAYMARK_RECEIVE_PORT": str(free_port()),
        "QUAYMARK_RECEIVE_TOKEN_FILE": str(tmp_path / "tokens"),
    }

    done = run(environ, command, room="producers")

    assert done.returncode == 2
    *_, last = done.stderr.splitlines()
    assert last.startswith(f"error: Kafka at {connection} refuses user worker: Authentication")
