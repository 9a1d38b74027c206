"""What a service tells systemd about itself: that it is ready, and one line of what it does."""

import contextlib
import socket
from collections.abc import Mapping


def notify(environ: Mapping[str, str], status: str, *, ready: bool = False) -> None:
    """Tell systemd, if it started this process; sd_notify(3) describes the datagram.

    A service manager that does not listen is no reason to stop.
    """
    address = environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return
    if address[0] == "@":  # Linux's abstract namespace
        address = "\0" + address[1:]
    text = ("READY=1\n" if ready else "") + f"STATUS={status}"
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending,
    ):
        sending.connect(address)
        sending.sendall(text.encode())
