"""Whether a worker reaches the brokers that it needs, by what aiokafka's client knows."""

from types import SimpleNamespace
from typing import Any

import pytest

from streams.transport.reach import reaches


def consumer(
    connections: dict[int, float | None], leaders: dict[str, int], coordinator: int | None = 1
) -> Any:
    """A consumer with connections: broker -> seconds of its silence; None if it is cut."""
    conns = {
        (node, "default"): SimpleNamespace(
            connected=lambda silent=silent: silent is not None, silent_seconds=silent or 0.0
        )
        for node, silent in connections.items()
    }
    cluster = SimpleNamespace(leader_for_partition=leaders.get)
    client = SimpleNamespace(_conns=conns, cluster=cluster)
    return SimpleNamespace(
        _client=client, _coordinator=SimpleNamespace(coordinator_id=coordinator)
    )


LEADERS = {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("connections", "leaders", "coordinator", "expected"),
    [
        ({1: 0.0, 2: 0.1}, LEADERS, 1, True),
        ({1: 0.0, 2: 0.1, 3: None}, LEADERS, 1, True),  # a broker that it does not need
        ({1: 0.0, 2: None}, LEADERS, 1, False),
        ({1: 0.0}, LEADERS, 1, False),  # the last of three answers, and leads only one
        ({1: 0.0, 2: 11.0}, LEADERS, 1, False),  # it hangs: no answer for 10 s
        ({1: 0.0, 2: 0.0}, LEADERS, None, False),
        ({1: 0.0, 2: 0.0}, {"a": 1}, 1, False),  # nobody leads b
        ({}, {}, 1, False),
    ],
)
def test_a_worker_needs_its_coordinator_and_the_leaders_of_its_partitions(
    connections: dict[int, float | None],
    leaders: dict[str, int],
    coordinator: int | None,
    expected: bool,
) -> None:
    assert reaches(consumer(connections, leaders, coordinator), ["a", "b"]) is expected


def test_a_worker_without_partitions_needs_one_broker_that_answers() -> None:
    assert reaches(consumer({3: 0.0}, {}), [])
    assert not reaches(consumer({3: None}, {}), [])
