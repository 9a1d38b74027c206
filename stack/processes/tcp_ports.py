"""TCP ports on this machine: which are free, which are in use, and which setting moves them."""

import socket
import time
from collections.abc import Collection

from msgspec import Struct

from contract.errors import StackError


class PortClaim(Struct, frozen=True):
    """A port on which a child will listen, and the setting that changes it."""

    port: int
    child: str
    setting: str
    host: str = "127.0.0.1"


def listens(host: str, port: int) -> bool:
    """Return whether a server accepts connections on the port now."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def refuse_taken(claims: Collection[PortClaim], patience_seconds: float = 0) -> None:
    """Make sure that all ports are free, or become free within `patience_seconds`.

    Raises:
        StackError: a port is in use; one line for each names the port, the child and the setting.
    """
    deadline = time.monotonic() + patience_seconds
    while taken := [claim for claim in claims if not _is_free(claim)]:
        if time.monotonic() < deadline:
            time.sleep(0.2)
            continue
        raise StackError(
            "\n".join(
                f"port {claim.port} is in use, but {claim.child} needs it: "
                f"stop the other program, or change {claim.setting}"
                for claim in taken
            )
        )


def _is_free(claim: PortClaim) -> bool:
    try:  # with SO_REUSEADDR, as the servers: connections of the last run may be in TIME_WAIT
        with socket.create_server((claim.host, claim.port)):
            return True
    except OSError:
        return False
