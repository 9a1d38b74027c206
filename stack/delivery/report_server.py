"""The HTTP server beside the reports: /metrics for Prometheus, /alerts/… for Alertmanager."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from stack.delivery.alert_bridge import AlertBridge

MOST_BYTES = 1 << 20
WAIT_SECONDS = 40.0


def serve(host: str, port: int, registry: CollectorRegistry, bridge: AlertBridge) -> int:
    """Answer requests in threads of their own; return the port.

    Raises:
        OSError: the port is in use.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = WAIT_SECONDS

        def do_GET(self) -> None:
            if self.path.partition("?")[0] == "/metrics":
                self._answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
            else:
                self._answer(404, b"/metrics, or POST /alerts/<receiver>/<robot>\n")

        def do_POST(self) -> None:
            given = self.headers.get("Content-Length", "")
            if not given.isdigit() or int(given) > MOST_BYTES:
                self._answer(413, b"expected a Content-Length of at most 1 MiB\n")
                return
            body = self.rfile.read(int(given))
            status, line = bridge.pass_on(self.path, self.headers.get("Authorization", ""), body)
            self._answer(status, f"{line}\n".encode())

        def log_message(self, *_: object) -> None:
            """Log nothing: each scrape would be a line."""

        def _answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="report-server", daemon=True).start()
    return int(server.server_address[1])
