"""A group robot on loopback that keeps what it is sent, and answers as a test wants."""

import contextlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


class LoopbackRobot:
    """What came, as (path, body), and the answer."""

    def __init__(self) -> None:
        self.came: list[tuple[str, Any]] = []
        self.answer: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
        self.silent = Event()
        self.url = ""

    def answer_to(self, path: str, body: Any) -> dict[str, Any]:
        """What it answers to a message."""
        return self.answer

    @contextlib.contextmanager
    def running(self) -> Iterator["LoopbackRobot"]:
        robot, ended = self, Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                said_to = json.loads(body)
                robot.came.append((self.path, said_to))
                if robot.silent.is_set():
                    ended.wait(20)
                    return
                said = json.dumps(robot.answer_to(self.path, said_to)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}/send?key=hush"
        try:
            yield self
        finally:
            ended.set()
            server.shutdown()
            server.server_close()
