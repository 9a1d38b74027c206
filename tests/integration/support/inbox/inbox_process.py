"""An inbox as a process of its own, which is started, killed and asked for its metrics."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from tests.integration.support.ports import free_port
from tests.integration.support.workers import HERE

PROFILE = '\n[[partner]]\nname = "east"\ntime_zone = "Asia/Shanghai"\nexpect_every = "1d"\n'


class InboxProcess:
    """`python -m producers inbox` on a folder, by a book in which `east` is a partner."""

    def __init__(self, bootstrap: str, folder: Path, inbox: Path | None = None) -> None:
        self.inbox = inbox or folder / "inbox"
        self.book = folder / "book.toml"
        self.book.write_text((HERE / "quaymark.toml").read_text("utf-8") + PROFILE, "utf-8")
        self._port, self.log = free_port(), folder / "inbox.log"
        self.environ = {
            **os.environ,  # noqa: TID251  # a child needs PATH
            "QUAYMARK_KAFKA": bootstrap,
            "QUAYMARK_FOLDER": str(folder),
            "QUAYMARK_BOOK": str(self.book),
            "QUAYMARK_INBOX": str(self.inbox),
            "QUAYMARK_INBOX_SETTLE_SECONDS": "1",
            "QUAYMARK_INBOX_METRICS_PORT": str(self._port),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; what it logs goes to a file."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "producers", "inbox"],
                cwd=HERE,
                env=self.environ,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """Kill it, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def refusal(self) -> tuple[int, str]:
        """Start one that must end by itself; return its exit code and what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "producers", "inbox"],
            cwd=HERE,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stderr

    def page(self) -> str:
        """Return its /metrics.

        Raises:
            OSError: it does not answer.
        """
        with urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=30) as answer:
            return str(answer.read().decode())

    def shows(self, line: str) -> bool:
        """Return whether /metrics has this line."""
        return line in self.page().splitlines()
