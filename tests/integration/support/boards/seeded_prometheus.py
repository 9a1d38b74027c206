"""A Prometheus server that holds the seeded samples."""

import json
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from contract.book import read_book
from contract.target_file import read_targets
from tests.integration.support.boards.seeded_years import Story
from tests.integration.support.ports import free_port

ROOT = Path(__file__).parents[4]
READY_SECONDS = 60
BOOK = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
TARGETS = read_targets((ROOT / "targets.toml").read_text(encoding="utf-8"), "targets.toml")


class Prometheus:
    """A running Prometheus that holds the seeded samples until it is stopped."""

    def __init__(self, folder: Path, now: datetime, *, hourly: int, zone_days: int) -> None:
        samples = folder / "story.om"
        story = Story(BOOK, TARGETS, now, hourly=hourly, zone_days=zone_days)
        with samples.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in story.tell())
        blocks = ("tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=744h")
        subprocess.run(
            ["promtool", *blocks, str(samples), str(folder / "data")],
            check=True,
            capture_output=True,
        )
        (folder / "prometheus.yml").write_text("{}\n")
        self.address = f"127.0.0.1:{free_port()}"
        self._process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                "--storage.tsdb.retention.time=100y",
                f"--web.listen-address={self.address}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                with urlopen(f"http://{self.address}/-/ready", timeout=5):
                    return
            except URLError:
                assert self._process.poll() is None, "prometheus ended"
                assert time.monotonic() < deadline, "prometheus does not answer"
                time.sleep(0.1)

    def ask(self, kind: str, expr: str, **at: object) -> list[Any]:
        """Return the series in the answer to a query."""
        query = urlencode({"query": expr} | at).encode()
        with urlopen(f"http://{self.address}/api/v1/{kind}", query, timeout=60) as answer:
            found: list[Any] = json.load(answer)["data"]["result"]
        return found

    def stop(self) -> None:
        """Stop it with SIGTERM."""
        self._process.terminate()
        self._process.wait(timeout=30)
