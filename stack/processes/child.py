"""A supervised child process with its log file and restarts, which never becomes an orphan."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from contract.errors import StackError

GRACE_SECONDS = 20  # Kafka's controlled shutdown takes 2-6 s on 2 busy cores
LOG_BYTES = 10_000_000  # a larger log file is rotated; OLD_LOGS old ones are kept
OLD_LOGS = 3
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
STEADY_SECONDS = 60.0  # after a run this long the next restart has the shortest pause


class Program(Struct, frozen=True):
    """A program: what to run, and how to end it."""

    name: str
    command: tuple[str, ...]
    folder: Path | None = None
    environ: Mapping[str, str] | None = None
    """The environment variables; None passes on those of this process."""
    grace_seconds: int = GRACE_SECONDS
    """How long it may take to end after SIGTERM before it is killed."""
    once: bool = False
    """Whether it ends by itself: after exit code 0 it is not started again."""
    tells: str = ""
    """What begins those lines of its log that are said to the person; empty says none."""


class ChildChange(StrEnum):
    """What `Child.watch` found."""

    DIED = "died"
    RESTARTED = "restarted"
    FINISHED = "finished"


class Child:
    """A process of a `Program`, which logs to `<log folder>/<name>.log`.

    Two parent-death signals end the process even after kill -9 of its starter: the kernel sends
    SIGTERM to `timeout` when the starter is gone, and `timeout` ends the program, by SIGKILL after
    the grace period; and the kernel kills the program if `timeout` itself is gone.  `timeout` also
    makes a process group, so that Ctrl-C in the terminal reaches only the starter.
    """

    def __init__(self, program: Program, logs: Path) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        self.restarts = 0
        self.due: float | None = None
        """While the process is dead: the second of its next restart, by a monotonic clock."""
        self._process: subprocess.Popen[bytes] | None = None
        self._is_finished = False
        self._since = 0.0
        self._pause = FIRST_PAUSE_SECONDS

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while the process runs and before its first start."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int:
        """The process id of `timeout`, whose only child is the program."""
        if self._process is None:
            raise StackError(f"{self.program.name} was never started")
        return self._process.pid

    def start(self, now: float = 0.0) -> None:
        """Start the process, and append its output to the log file.

        Raises:
            StackError: the program does not exist, or can't be run.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        rotate(self.log)
        try:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [*_parent_death_guard(self.program.grace_seconds), *self.program.command],
                    cwd=self.program.folder,
                    env=self.program.environ,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
        except OSError as error:
            raise StackError(f"{self.program.name} can't be started: {error}") from None
        self.due, self._since = None, now

    def watch(self, now: float) -> ChildChange | None:
        """Restart the process if it died and its pause is over, and rotate its log."""
        if self.due is not None:
            if now < self.due:
                return None
            self.start(now)
            self.restarts += 1
            return ChildChange.RESTARTED
        if self._process is None or self.alive or self._is_finished:
            rotate(self.log)
            return None
        if self.program.once and self.exit_code == 0:
            self._is_finished = True
            return ChildChange.FINISHED
        if now - self._since >= STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        self.due = now + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        return ChildChange.DIED

    def ask_to_stop(self) -> None:
        """Send SIGTERM without waiting; the process is not started again."""
        self.due = None
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """Stop the process: SIGTERM, and SIGKILL after its grace period."""
        self.ask_to_stop()
        self._wait(self.program.grace_seconds + 5)

    def kill(self) -> None:
        """Kill the process at once, as a crash or the kernel's out-of-memory killer would."""
        self.due = None
        if self._process is not None:
            self._kill_group(self._process)

    def tail(self, lines: int = 8) -> str:
        """Return the last lines of the log."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - 8192))
                text = log.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _wait(self, seconds: float) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._kill_group(self._process)

    def _kill_group(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the process group, and wait until none of it holds a port or a lock."""
        process.kill()
        deadline = time.monotonic() + 10
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < deadline:
                os.killpg(process.pid, signal.SIGKILL)
                process.poll()
                time.sleep(0.01)
        process.wait()


def rotate(log: Path, limit: int = LOG_BYTES, keep: int = OLD_LOGS) -> None:
    """Copy a log of more than `limit` bytes to `.1` (`.1` to `.2` …), and empty it.

    The log is copied, not renamed, because the child holds the file open and appends to it.
    """
    try:
        if log.stat().st_size <= limit:
            return
    except FileNotFoundError:
        return
    for number in range(keep - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    with log.open("r+b") as file:
        file.truncate(0)


def _parent_death_guard(grace_seconds: int) -> tuple[str, ...]:
    """Return the command prefix that ends a program when its starter is gone; see `Child`."""
    if shutil.which("setpriv") is None or shutil.which("timeout") is None:
        raise StackError(
            "setpriv and timeout are missing (Linux: packages util-linux and coreutils): "
            "without them a crash could leave processes behind"
        )
    return (
        *("setpriv", "--pdeathsig", "TERM"),
        *("timeout", f"--kill-after={grace_seconds}", "0"),
        *("setpriv", "--pdeathsig", "KILL", "--"),
    )
