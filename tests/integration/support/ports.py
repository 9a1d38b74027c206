"""Ports for servers that stop and start again while other processes run beside them."""

import random
import socket

PORTS = range(15_000, 32_000)  # below those that Linux gives to outgoing connections
_RANDOM = random.SystemRandom()  # several processes draw at a time, and not the same
_GIVEN: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on, and that no connection will be given as its own.

    A broker that is started again on a port of the kernel's own choice would find it taken now
    and then: by the near end of somebody's connection.
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
