"""Free ports that a server can use again after it was stopped and started."""

import random
import socket

PORTS = range(15_000, 32_000)  # below the ephemeral ports that Linux gives to outgoing connections
_RANDOM = random.SystemRandom()  # test processes run in parallel and must not draw the same ports
_GIVEN: set[int] = set()


def free_port() -> int:
    """Return a port on which nothing listens and that is not in the ephemeral range.

    A broker that restarts on an ephemeral port sometimes finds it taken, because the kernel has
    given it to an outgoing connection of another process.
    """
    while True:
        port = _RANDOM.choice(PORTS)
        if port not in _GIVEN and _is_free(port):
            _GIVEN.add(port)
            return port


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False
