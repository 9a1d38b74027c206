"""A real Prometheus with the rendered configuration, and a /metrics page for it to scrape."""

import json
import os
import shutil
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rules.config_files import INTERVAL, Site, render
from tests.integration.support.ports import free_port
from tests.integration.support.workers import until


class Page:
    """An HTTP server that returns `text` as a worker would return its /metrics."""

    def __init__(self) -> None:
        self.text = ""
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = page.text.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(BrokenPipeError):  # Prometheus was stopped
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test's output readable: log no request."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


class Server:
    """A Prometheus in a folder, which a test can stop and start again."""

    def __init__(self, folder: Path, page: Page, *flags: str, user: int | None = None) -> None:
        program = shutil.which("prometheus")
        assert program, "prometheus is missing: apt-get install prometheus"
        port = free_port()
        site = Site("local", worker_port=page.port, prometheus=f"127.0.0.1:{port}")
        for name, text in render(site).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace(INTERVAL, "1s"))
        self.data = folder / "data"
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "prometheus.log"
        self._command = [
            program,
            f"--config.file={folder / 'prometheus/prometheus.yml'}",
            f"--storage.tsdb.path={self.data}",
            f"--web.listen-address=127.0.0.1:{port}",
            *(flags or ("--storage.tsdb.retention.time=100y", "--web.enable-admin-api")),
        ]
        self._user = user
        if user is not None:
            self.data.mkdir(exist_ok=True)
            os.chown(self.data, user, user)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=log,
                user=self._user,
                group=self._user,
                extra_groups=None if self._user is None else (),
            )
        until("Prometheus is ready", lambda: get(f"{self.url}/-/ready"))

    def stop(self) -> None:
        """Stop it with SIGTERM."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def ask(self, kind: str, query: str, **at: object) -> list[Any]:
        """Return the series in the answer to a query."""
        form = urllib.parse.urlencode({"query": query} | at)
        found: list[Any] = json.loads(get(f"{self.url}/api/v1/{kind}?{form}"))["data"]["result"]
        return found

    def value(self, query: str, at: float) -> float | None:
        """Return the value of the only series in an instant query's answer, or None."""
        found = self.ask("query", query, time=at)
        assert len(found) <= 1, found
        return float(found[0]["value"][1]) if found else None

    def log(self) -> str:
        """Return the text of its log."""
        return self._log.read_text()


@contextmanager
def running(folder: Path, page: Page, *flags: str) -> Iterator[Server]:
    """Run a Prometheus for the duration of the block."""
    server = Server(folder, page, *flags)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def get(address: str) -> str:
    """Return the body of the page at an address."""
    with urllib.request.urlopen(address, timeout=20) as answer:
        return str(answer.read().decode())
