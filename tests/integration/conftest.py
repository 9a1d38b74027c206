"""A real Kafka for the session, in a temporary folder on free ports."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.admin import create_topics
from broker.connection import Connection
from contract.topics import TOPICS, Topic
<<<<<<< HEAD
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.plugins.last_lines import also_look_in
=======
from stack.processes import kafka
from stack.processes.child import Child
from stack.processes.kafka import Broker
from stack.processes.tcp_ports import free_port
from tests.integration.every_topic import delete_all_topics
>>>>>>> main

TIMEOUT_SECONDS = 600  # the longest takes a minute alone, and five where all is busy
HERE = Path(__file__).parent


<<<<<<< HEAD
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that wait for servers are given more time before they count as hanging."""
    for item in items:
        if item.path.is_relative_to(HERE) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))
=======
class RunningBroker:
    """The session's broker.  A test that stops or kills it starts it again."""

    def __init__(self, folder: Path) -> None:
        self.at = Broker(folder, free_port(), free_port(), heap_mb=512)
        self.bootstrap = self.at.bootstrap
        self.far_port, self.line_port = free_port(), free_port()
        program = kafka.prepare(self.at, say=lambda line: None)
        with (folder / "server.properties").open("a", encoding="utf-8") as properties:
            properties.write(
                MORE_PROPERTIES.format(
                    port=self.at.port,
                    controller=self.at.controller_port,
                    far=self.far_port,
                    line=self.line_port,
                )
            )
        self._child = Child(program, folder / "log")

    def start(self) -> None:
        """Start it on its ports and its data, and wait until it answers."""
        self._child.start()
        deadline = time.monotonic() + READY_SECONDS
        while not kafka.answers(Connection(self.bootstrap)):
            assert self._child.alive, self._child.tail(40)
            assert time.monotonic() < deadline, self._child.tail(40)
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it in an orderly way."""
        self._child.stop()

    def kill(self) -> None:
        """kill -9: what a crash does."""
        self._child.kill()

    def pause(self) -> None:
        """SIGSTOP: what a swapping machine does."""
        os.kill(self._pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self._pid, signal.SIGCONT)

    @property
    def _pid(self) -> int:
        """The broker's own process, behind its leash."""
        leash = self._child.pid
        return int(Path(f"/proc/{leash}/task/{leash}/children").read_text("ascii").split()[0])

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._child.alive
>>>>>>> main


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
    """`topics()` empties the broker and makes the contract's topics; `topics(A, B)` makes those.

    Every other topic goes, changelogs too, so each test that calls it starts from nothing.
    """

    def make(*wanted: Topic) -> None:
        connection = Connection(broker.bootstrap)
        delete_all_topics(connection)
        create_topics(connection, wanted or TOPICS)

    return make


@pytest.fixture
def environ(broker: RunningBroker, tmp_path: Path) -> dict[str, str]:
    """An environment for child processes: ours, with this broker and the test's own folder."""
    return {
        **os.environ,  # noqa: TID251  a child needs PATH and HOME
        "QUAYMARK_KAFKA": broker.bootstrap,
        "QUAYMARK_FOLDER": str(tmp_path),
    }
