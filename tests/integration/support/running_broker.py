"""A real Kafka in a temporary folder, on free ports."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from broker.connection import Connection
from stack.processes import kafka
from stack.processes.child import Child
from stack.processes.kafka import Broker
from tests.integration.support.ports import free_port

READY_SECONDS = 180  # 4 s on an idle machine, half a minute on one where all are busy

Topics = Callable[..., None]

MORE_PROPERTIES = """
# a listener that tells its clients to come by another port: there a test puts a bad line
listeners=PLAINTEXT://127.0.0.1:{port},FAR://127.0.0.1:{far},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},FAR://127.0.0.1:{line}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,FAR:PLAINTEXT,CONTROLLER:PLAINTEXT
log.cleaner.backoff.ms=300
"""


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
