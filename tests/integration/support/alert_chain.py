"""A real Prometheus and Alertmanager with the rendered rules, and a recording webhook."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from contract.alerting import DEFAULT_RECEIVER, Alerting, Receiver, Webhook
from rules.config_files import ALERTMANAGER, Site, render
from stack.http_client import page
from stack.processes import monitoring
from stack.processes.child import Child
from tests.integration.support.ports import free_port
from tests.integration.support.workers import until


class ReceivedAlerts:
    """The alerts of every message that the webhook received, oldest first."""

    def __init__(self) -> None:
        self.alerts: list[dict[str, Any]] = []
        self.alertmanager_port = free_port()
        self.prometheus_port = free_port()

    def of(self, name: str, status: str = "firing", **labels: str) -> dict[str, Any] | None:
        """Return the newest received alert with this name, status and labels, or None."""
        found = [
            a
            for a in list(self.alerts)
            if (a["labels"]["alertname"], a["status"]) == (name, status)
            and a["labels"].items() >= labels.items()
        ]
        return found[-1] if found else None


@contextmanager
def watched(folder: Path, worker_port: int) -> Iterator[ReceivedAlerts]:
    """Run Prometheus and Alertmanager behind a worker; the rules are evaluated every second."""
    received = ReceivedAlerts()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.alerts.extend(json.loads(body)["alerts"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *said: Any) -> None:
            """Keep the test's output readable: log no request."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    hook = Webhook(url=f"http://127.0.0.1:{server.server_port}/alerts")
    site = Site(
        "local",
        worker_port=worker_port,
        prometheus=f"127.0.0.1:{received.prometheus_port}",
        alertmanager=f"127.0.0.1:{received.alertmanager_port}",
        alerting=Alerting(receiver=(Receiver(DEFAULT_RECEIVER, webhook=(hook,)),)),
        at_once=True,
    )
    for path, text in render(site).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    children = _children(folder, received)
    try:
        for child in children:
            child.start()
        for port in (received.alertmanager_port, received.prometheus_port):
            until("it is ready", lambda port=port: page(f"http://127.0.0.1:{port}/-/ready"))  # type: ignore[misc]
        yield received
    finally:
        for child in children:
            child.stop()
        server.shutdown()
        server.server_close()


def _children(folder: Path, received: ReceivedAlerts) -> tuple[Child, ...]:
    prometheus = monitoring.found(monitoring.PROMETHEUS)
    alertmanager = monitoring.found(monitoring.ALERTMANAGER)
    assert prometheus, monitoring.HOW_TO_GET["prometheus"]
    assert alertmanager, monitoring.HOW_TO_GET["alertmanager"]
    programs = (
        monitoring.alertmanager(
            alertmanager, folder / ALERTMANAGER, folder / "am", received.alertmanager_port
        ),
        monitoring.prometheus(
            prometheus,
            folder / "prometheus/prometheus.yml",
            folder / "tsdb",
            received.prometheus_port,
        ),
    )
    return tuple(Child(program, folder / "log") for program in programs)
