"""A real systemd user manager, in a mount namespace and a control group of its own."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.integration.support.installation.manager_need import GROUPS, SYSTEMD
from tests.integration.support.workers import until

RUNTIME = "/run/user/0"
BOOT = f"""
for group in "$@"; do echo $$ > "$group/cgroup.procs"; done
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system {RUNTIME}
chmod 700 {RUNTIME}
exec {SYSTEMD} --user
"""


class UserManager:
    """A `systemd --user` with a home folder of its own; `power_off` kills all of it at once."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = home / "systemd.log"
        name = f"quaymark-{os.getpid()}-{home.name}"
        self._groups = [group / name for group in GROUPS[:2] if group.is_dir()] or [
            GROUPS[2] / name
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and with it every enabled unit."""
        for group in self._groups:
            group.mkdir(exist_ok=True)
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *("unshare", "--mount", "--propagation=private", "sh", "-ec", BOOT, "sh"),
                    *map(str, self._groups),
                ],
                env=self._environ({**os.environ}),  # noqa: TID251  a child needs PATH
                stdout=log,
                stderr=log,
            )
        until("systemd answers", lambda: self.run("systemctl", "--user", "list-units")[0] == 0)

    def run(
        self, *line: str, cwd: Path | None = None, environ: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Run a command in its namespace; return exit code, output and errors."""
        assert self._process is not None
        done = subprocess.run(
            [
                *("nsenter", f"--target={self._process.pid}", "--mount", f"--wd={cwd or '/'}"),
                *("--", *line),
            ],
            env=self._environ(environ or {**os.environ}),  # noqa: TID251  a child needs PATH
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def pids(self) -> list[int]:
        """Return the ids of its process and of all processes that it started."""
        found: list[int] = []
        for file in self._groups[0].rglob("cgroup.procs"):
            with suppress(OSError):
                found += map(int, file.read_text("ascii").split())
        return found

    def power_off(self) -> None:
        """Kill everything at once with SIGKILL, as in a power failure."""
        deadline = time.monotonic() + 20
        while self._process is not None and (left := self.pids()):
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.poll()
            assert time.monotonic() < deadline, f"still there: {left}"
            time.sleep(0.05)
        if self._process is not None:
            self._process.wait(10)
            self._process = None

    def close(self) -> None:
        """Kill everything, and remove its control groups."""
        self.power_off()
        for group in self._groups:
            for folder in sorted(group.rglob("*"), reverse=True):
                if folder.is_dir():
                    folder.rmdir()
            group.rmdir()

    def _environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {**environ, "HOME": str(self.home), "XDG_RUNTIME_DIR": RUNTIME}
