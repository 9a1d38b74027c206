"""TCP ports on this machine: free, taken, and by whose setting."""

import socket
import time
from collections.abc import Collection

from msgspec import Struct

from contract.errors import StackError


class PortClaim(Struct, frozen=True):
    """A port that a child will listen on, and the setting that moves it elsewhere."""

    port: int
    child: str
    setting: str
    host: str = "127.0.0.1"


def listens(host: str, port: int) -> bool:
    """Whether somebody accepts connections there now."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A port that is free now, for tests."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def refuse_taken(claims: Collection[PortClaim], patience_seconds: float = 0) -> None:
    """Say which ports are taken before anything starts; they may still become free for a while.

    Raises:
        StackError: one line a taken port: which, who wants it, which setting changes it.
    """
    deadline = time.monotonic() + patience_seconds
    while taken := [claim for claim in claims if not _is_free(claim)]:
        if time.monotonic() < deadline:
            time.sleep(0.2)
            continue
        raise StackError(
            "\n".join(
                f"port {claim.port} is in use, {claim.child} needs it: "
                f"end its user or set {claim.setting}"
                for claim in taken
            )
        )


def _is_free(claim: PortClaim) -> bool:
    try:  # SO_REUSEADDR, as the servers do: connections of the last run may linger in TIME_WAIT
        with socket.create_server((claim.host, claim.port)):
            return True
    except OSError:
        return False
