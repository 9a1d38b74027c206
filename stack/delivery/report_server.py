"""The HTTP server beside the reports: /metrics for Prometheus, /alerts/… for Alertmanager."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from access.threaded_server import GuardedRequests, serve_guarded
from contract.http.access import HttpAccess
from stack.delivery.alert_bridge import ALERTS, AlertBridge

MOST_BYTES = 1 << 20


def serve(
    host: str, port: int, registry: CollectorRegistry, bridge: AlertBridge, access: HttpAccess
) -> int:
    """Answer requests in threads of their own; return the port.

    Raises:
        OSError: the port is in use.
        Misconfigured: a file of TLS or of the token can't be used.
    """

    class ReportHandler(GuardedRequests):
        def do_GET(self) -> None:  # noqa: N802  # the library's name
            if self.path.partition("?")[0] == "/metrics":
                self.answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
            else:
                self.answer(404, b"/metrics, or POST /alerts/<receiver>/<robot>\n")

        def do_POST(self) -> None:  # noqa: N802
            given = self.headers.get("Content-Length", "")
            if not given.isdigit() or int(given) > MOST_BYTES:
                self.answer(413, b"expected a Content-Length of at most 1 MiB\n")
                return
            body = self.rfile.read(int(given))
            status, line = bridge.pass_on(self.path, self.headers.get("Authorization", ""), body)
            self.answer(status, f"{line}\n".encode())

    return serve_guarded(ReportHandler, access, host, port, own_login=(ALERTS,))
