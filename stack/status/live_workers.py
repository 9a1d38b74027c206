"""The workers of the live books: all addresses of their host, and what they show."""

import socket

from access.client import ask
from contract.settings import Settings


def worker_addresses(settings: Settings) -> tuple[str, ...]:
    """Return the address (host:port) of each worker; in containers a name has one for each.

    A name that is not known is returned as it is, so that a message can name it.
    """
    host, port = settings.worker_host or settings.own_host, settings.metrics_port
    try:
        found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        return (f"{host}:{port}",)
    return tuple(f"{at}:{port}" for at in sorted({str(address[0]) for *_, address in found}))


def live_exposition(settings: Settings) -> str | None:
    """Return the samples of all workers that answer, one text after another; None without any.

    Raises:
        AccessRefused: a worker and this machine don't take what the other shows.
    """
    access = settings.http_access
    found = (ask(access, address, "/metrics") for address in worker_addresses(settings))
    return "\n".join(shown for shown in found if shown is not None) or None
