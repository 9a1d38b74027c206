"""A real Prometheus that scrapes a test's workers every second."""

import json
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.support.ports import free_port
from tests.integration.support.workers import ANSWER_SECONDS, Running, until

CONFIG = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: quaymark
    static_configs: [{{targets: [{targets}]}}]
"""


@contextmanager
def scraping(folder: Path, *workers: Running) -> Iterator[str]:
    """Run a Prometheus that scrapes these workers, and yield its address."""
    targets = ", ".join(f'"127.0.0.1:{one.port}"' for one in workers)
    config = folder / "prometheus.yml"
    config.write_text(CONFIG.format(targets=targets))
    with running(folder, config) as url:
        yield url


@contextmanager
def running(folder: Path, config: Path) -> Iterator[str]:
    """Run a Prometheus with this configuration file, and yield its address."""
    program = shutil.which("prometheus")
    assert program, "prometheus is missing: apt-get install prometheus"
    port = free_port()
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        until("Prometheus is ready", lambda: _get(f"{url}/-/ready"))
        yield url
    finally:
        process.terminate()
        process.wait(20)


def query(url: str, expression: str, by: str = "") -> dict[str, float]:
    """Answer of an instant query: value of the label `by` -> sample value."""
    answer = json.loads(
        _get(f"{url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}")
    )
    return {
        line["metric"].get(by, ""): float(line["value"][1]) for line in answer["data"]["result"]
    }


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=ANSWER_SECONDS) as answer:
        return str(answer.read().decode())
