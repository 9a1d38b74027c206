"""Fixtures: one real Kafka per session, in a temporary folder on free ports."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.admin import create_topics
from broker.connection import Connection
from contract.topics import TOPICS, Topic
from stack.processes.tcp_ports import free_port
from tests.integration.support.every_topic import delete_all_topics
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.plugins.last_lines import also_look_in

TIMEOUT_SECONDS = 600  # the longest test takes 1 minute on an idle machine and 5 on a busy one
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give integration tests a longer timeout, because they wait for servers."""
    for item in items:
        if item.path.is_relative_to(HERE) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    """A running Kafka: `.bootstrap`, `.stop()`, `.start()`, `.kill()`."""
    folder = tmp_path_factory.mktemp("kafka")
    also_look_in(folder / "log")
    running = RunningBroker(folder)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def topics(broker: RunningBroker) -> Topics:
    """Return a function that empties the broker and creates the contract's topics, or those given.

    It deletes every other topic too, changelogs included, so the test starts with an empty broker.
    """

    def make(*wanted: Topic) -> None:
        connection = Connection(broker.bootstrap)
        delete_all_topics(connection)
        create_topics(connection, wanted or TOPICS)

    return make


@pytest.fixture
def environ(broker: RunningBroker, tmp_path: Path) -> dict[str, str]:
    """Environment variables for child processes: ours, this broker and the test's own folder.

    No worker listens on the port: one of a stack that runs on the machine is never asked.
    """
    return {
        **os.environ,  # noqa: TID251  a child needs PATH and HOME
        "QUAYMARK_KAFKA": broker.bootstrap,
        "QUAYMARK_METRICS_PORT": str(free_port()),
        "QUAYMARK_FOLDER": str(tmp_path),
    }
