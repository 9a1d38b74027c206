"""The command `quaymark history`, run against a Prometheus of the test."""

import subprocess
import sys

from tests.integration.support.prometheus_server import Server
from tests.integration.support.workers import HERE


def history(environ: dict[str, str], server: Server, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "stack", "history", *arguments],
        cwd=HERE,
        env=environ | {"QUAYMARK_PROMETHEUS_PORT": server.url.rpartition(":")[2]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
