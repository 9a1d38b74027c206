"""The file by which Prometheus finds a run's workers."""

import socket
from datetime import UTC, datetime

import msgspec

from contract.settings import Settings
from stack.runs.registry import ReplayRun, run_workers

RUN = ReplayRun("what-if", datetime(2026, 3, 1, tzinfo=UTC), ())


def targets(*addresses: str) -> list[str]:
    [listed] = msgspec.json.decode(run_workers(RUN, *addresses))
    assert listed["labels"] == {"run": "what-if"}
    return list(listed["targets"])


def test_workers_are_listed_where_they_listen() -> None:
    assert targets("127.0.0.1:7001", "127.0.0.1:7002") == ["127.0.0.1:7001", "127.0.0.1:7002"]


def test_a_worker_in_a_container_is_listed_by_the_containers_own_address() -> None:
    own = socket.gethostbyname(socket.gethostname())

    assert targets("0.0.0.0:7001") == [f"{own}:7001"]


def test_commands_ask_the_prometheus_that_the_settings_name() -> None:
    inside = {"QUAYMARK_PROMETHEUS_HOST": "prometheus", "QUAYMARK_PROMETHEUS_PORT": "9091"}

    assert Settings().prometheus == "http://127.0.0.1:9090"
    assert Settings.from_env(inside).prometheus == "http://prometheus:9091"
