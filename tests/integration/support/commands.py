"""The commands of a package, run as a user runs them: `python -m <room>`."""

import subprocess
import sys

from tests.integration.support.workers import HERE, PATIENCE_SECONDS


def run(
    environ: dict[str, str], *line: str, room: str = "stack"
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", room, *line],
        cwd=HERE,
        env=environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def verified(environ: dict[str, str], *options: str) -> "subprocess.CompletedProcess[str]":
    return run(environ, "books", "verify", *options)


def ok(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
