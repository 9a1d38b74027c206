"""A server of archives on loopback, and an archive whose server records how it is started."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RECORDER = '#!/bin/sh\nenv > "$0.environ"\necho "$@" > "$0.arguments"\nexec sleep 600\n'
"""Stands in for Grafana: it writes down what it is started with, and runs on."""


def archive(top: str = "grafana-12.1.1", **more: str) -> bytes:
    """An archive as Grafana's are: one folder, with bin/grafana; `more` is link -> target."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as packed:
        for name, text in (("bin/grafana", RECORDER), ("conf/defaults.ini", "[server]\n")):
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size, member.mode = len(text), 0o755
            packed.addfile(member, io.BytesIO(text.encode()))
        for name, target in more.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            packed.addfile(member)
    return made.getvalue()


class Shop:
    """What a server offers, and what it was asked."""

    def __init__(self, content: bytes) -> None:
        self.content, self.digest = content, hashlib.sha256(content).hexdigest()
        self.asked: list[str] = []
        self.cuts: list[int] = []
        """After how many bytes the next answers are cut off."""
        self.takes_ranges = True
        self.wait: Callable[[], object] = lambda: None
        """Called before each answer."""
        self.url = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = request.headers.get("Range", "")
        self.asked.append(f"{request.path.rpartition('.')[2]} {asked}".strip())
        self.wait()
        if request.path.endswith(".sha256"):
            request.send_response(200)
            request.end_headers()
            request.wfile.write(self.digest.encode())
            return
        begin = int(asked[6:-1]) if asked and self.takes_ranges else 0
        body = self.content[begin:]
        request.send_response(206 if begin else 200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body[: self.cuts.pop(0)] if self.cuts else body)


@contextmanager
def serving(content: bytes) -> Iterator[Shop]:
    """Serve an archive on a free port of loopback."""
    shop = Shop(content)

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_address[1]}/oss"
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
