"""An HTTP server in threads of its own behind the TLS and the tokens of the settings."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLError, SSLSocket
from threading import Thread
from typing import Any

from access.request_guard import RequestGuard
from access.server_tls import ServerTls
from contract.http.access import HttpAccess

WAIT_SECONDS = 40.0


class GuardedRequests(BaseHTTPRequestHandler):
    """A handler that refuses requests before its `do_…` is called, and answers /livez."""

    timeout = WAIT_SECONDS
    guard: RequestGuard

    def parse_request(self) -> bool:
        """Read a request; answer it, if nothing more is to be done."""
        if not super().parse_request():
            return False
        path, connection = self.path.partition("?")[0], self.connection
        shows = isinstance(connection, SSLSocket) and bool(connection.getpeercert())
        bearer = self.headers.get("Authorization", "")
        refused = self.guard.refusal(self.command, path, bearer, has_certificate=shows)
        if refused is not None:
            self.answer(refused.status, f"{refused.said}\n".encode())
            return False
        if path == "/livez":
            self.answer(200, b"alive\n")
            return False
        return True

    def answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        """Answer a request."""
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing: each scrape would be a line."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a caller who breaks off or fails the handshake, as asyncio does."""
        if not isinstance(sys.exception(), SSLError | OSError):
            super().handle_error(request, client_address)


def serve_guarded(
    handler: type[GuardedRequests],
    access: HttpAccess,
    host: str,
    port: int,
    own_login: tuple[str, ...] = (),
) -> int:
    """Answer requests in threads of their own; return the port.

    Raises:
        OSError: the port is in use.
        Misconfigured: a file of the settings can't be read, or is not what it should be.
    """
    guard = RequestGuard(access, own_login)
    tls = ServerTls(access) if access.tls_cert_file else None
    server = _Server((host, port), type("Guarded", (handler,), {"guard": guard}))
    if tls is not None:
        # the handshake is made in the request's thread, so that a silent caller holds up nobody
        server.socket = tls.listening.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    guard.warn_if_open(host, port)
    Thread(target=server.serve_forever, name="http-server", daemon=True).start()
    return int(server.server_address[1])
