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

READY_SECONDS = 180  # 4 s on an idle machine, half a minute on a busy one

Topics = Callable[..., None]

MORE_PROPERTIES = """
# this listener advertises another port, on which a test runs its TCP proxy
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
        """Start it with its ports and data folder, and wait until it answers."""
        self._child.start()
        deadline = time.monotonic() + READY_SECONDS
        while not kafka.answers(Connection(self.bootstrap)):
            assert self._child.alive, self._child.tail(40)
            assert time.monotonic() < deadline, self._child.tail(40)
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it with SIGTERM."""
        self._child.stop()

    def kill(self) -> None:
        """Kill it with SIGKILL, as in a crash."""
        self._child.kill()

    def pause(self) -> None:
        """Pause it with SIGSTOP, as a machine that swaps would."""
        os.kill(self._pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Continue it with SIGCONT."""
        os.kill(self._pid, signal.SIGCONT)

    @property
    def _pid(self) -> int:
        """The process id of the broker, which is the only child of the leash process."""
        leash = self._child.pid
        return int(Path(f"/proc/{leash}/task/{leash}/children").read_text("ascii").split()[0])

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child.alive
