"""A real Kafka for the session, in a temporary folder on free ports."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.admin import create_topics, delete_all_topics
from contract.topics import TOPICS, Topic
from tests.integration.support.running_broker import RunningBroker, Topics


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    """A running Kafka: `.bootstrap`, `.stop()`, `.start()`, `.kill()`."""
    running = RunningBroker(tmp_path_factory.mktemp("kafka"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def topics(broker: RunningBroker) -> Topics:
    """`topics()` empties the broker and makes the contract's topics; `topics(A, B)` makes those.

    Every other topic goes, changelogs too, so each test that calls it starts from nothing.
    """

    def make(*wanted: Topic) -> None:
        delete_all_topics(broker.bootstrap)
        create_topics(broker.bootstrap, wanted or TOPICS)

    return make


@pytest.fixture
def environ(broker: RunningBroker, tmp_path: Path) -> dict[str, str]:
    """An environment for child processes: ours, with this broker and the test's own folder."""
    return {
        **os.environ,  # noqa: TID251  a child needs PATH and HOME
        "QUAYMARK_KAFKA": broker.bootstrap,
        "QUAYMARK_FOLDER": str(tmp_path),
    }
