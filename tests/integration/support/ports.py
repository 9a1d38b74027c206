"""Free ports that a server can use again after it was stopped and started."""

import os
import random
import socket

CONTROLLER = 1000
"""A broker's controller listens so much above its broker."""
PORTS = range(15_000, 31_000)
"""With the controllers below the ephemeral ports that Linux gives to outgoing connections."""
_ENVIRON = os.environ  # noqa: TID251  # a test is a door
_PROCESS = int(_ENVIRON.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PROCESSES = int(_ENVIRON.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_OWN = [port for port in PORTS if port % CONTROLLER % _PROCESSES == _PROCESS]
"""The ports of this test process: a port waits, maybe a minute, until its server starts."""
_RANDOM = random.SystemRandom()  # other runs on this machine draw, too
_GIVEN: set[int] = set()


def free_port() -> int:
    """Return a port on which nothing listens, nor on that of its controller, if it is a broker's.

    It is not in the ephemeral range: a broker that restarts there sometimes finds its port taken,
    because the kernel has given it to an outgoing connection of another process.
    """
    while True:
        port = _RANDOM.choice(_OWN)
        near = {port - CONTROLLER, port, port + CONTROLLER}
        if not near & _GIVEN and _is_free(port) and _is_free(port + CONTROLLER):
            _GIVEN.add(port)
            return port


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False
