"""A real Kafka with more properties than a plain one."""

import os
import time
from collections.abc import Mapping

from msgspec.structs import replace

from broker.connection import Connection
from stack.processes import kafka
from stack.processes.child import Child
from stack.processes.kafka import Broker
from tests.integration.support.running_broker import READY_SECONDS

JAAS = "org.apache.kafka.common.security"


class ConfiguredBroker:
    """A broker whose listener `PLAINTEXT`, for tests themselves, is at `at.bootstrap`."""

    def __init__(
        self, at: Broker, properties: Mapping[str, str], java_options: str = "", logging: str = ""
    ) -> None:
        """`logging` is added to its log4j2.properties."""
        self.at, self.bootstrap = at, at.bootstrap
        program = kafka.prepare(at, say=lambda line: None)
        with (at.folder / "server.properties").open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in properties.items())
        with (at.folder / "log4j2.properties").open("a", encoding="utf-8") as file:
            file.write(logging)
        environ = os.environ | {"JAVA_TOOL_OPTIONS": java_options}  # noqa: TID251  # a child needs PATH
        self._child = Child(replace(program, environ=environ), at.folder / "log")
        self.log = self._child.log

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child.alive

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it; do not wait."""
        self._child.start()

    def kill(self) -> None:
        """Kill it with SIGKILL, as in a crash."""
        self._child.kill()

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + READY_SECONDS
        while not kafka.answers(Connection(self.bootstrap)):
            assert self._child.alive, self._child.tail(40)
            assert time.monotonic() < deadline, self._child.tail(40)
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it with SIGTERM."""
        self._child.stop()


def plain_users(passwords: Mapping[str, str]) -> str:
    """Return the JAAS line of users who log in by `PLAIN`: user -> password."""
    users = " ".join(f'user_{user}="{password}"' for user, password in passwords.items())
    return f"{JAAS}.plain.PlainLoginModule required {users};"
