"""An installed port in a folder of its own, run by `quaymark up` on free TCP ports."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.processes.tcp_ports import free_port
from tests.integration.support.workers import HERE, Running, until

QUAYMARK = Path(sys.executable).parent / "quaymark"
UP_SECONDS = 240  # start of Kafka, the servers and the worker on a busy machine


class PortFolder:
    """Files and settings of a port; all its processes end with the block of `up`."""

    def __init__(self, folder: Path, *, files: bool = True) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        if files:
            for name in ("quaymark.toml", "targets.toml"):
                shutil.copy(HERE / name, folder)
        self.kafka = f"127.0.0.1:{free_port()}"
        self.worker, self.prometheus_port, self.alertmanager_port = (free_port() for _ in range(3))
        self.environ = {
            **os.environ,  # noqa: TID251  a child needs PATH and HOME
            "QUAYMARK_KAFKA": self.kafka,
            "QUAYMARK_METRICS_PORT": str(self.worker),
            "QUAYMARK_INBOX_METRICS_PORT": str(free_port()),
            "QUAYMARK_WEB_PORT": str(free_port()),
            "QUAYMARK_REPORT_METRICS_PORT": str(free_port()),
            "QUAYMARK_REGISTER_METRICS_PORT": str(free_port()),
            "QUAYMARK_PROMETHEUS_PORT": str(self.prometheus_port),
            "QUAYMARK_ALERTMANAGER_PORT": str(self.alertmanager_port),
            "QUAYMARK_GRAFANA_PORT": str(free_port()),
        }
        self.prometheus = f"http://127.0.0.1:{self.prometheus_port}"
        self.alertmanager = f"http://127.0.0.1:{self.alertmanager_port}"

    def quaymark(self, *line: str) -> tuple[int, str]:
        """Run a command in the folder; return its exit code and its output."""
        done = subprocess.run(
            [str(QUAYMARK), *line],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    @contextmanager
    def up(self, *options: str) -> Iterator[Running]:
        """Run `quaymark up`, and yield its worker once everything runs."""
        printed = self.folder / "printed"
        with printed.open("wb") as out:
            process = subprocess.Popen(
                [str(QUAYMARK), "up", *options],
                cwd=self.folder,
                env=self.environ,
                stdout=out,
                stderr=out,
            )

        def is_up() -> bool:
            assert process.poll() is None, printed.read_text("utf-8")
            return "Everything runs" in printed.read_text("utf-8")

        try:
            until("everything runs", is_up, UP_SECONDS)
            yield Running(process, self.worker, printed)
        finally:
            process.terminate()
            process.wait(120)
