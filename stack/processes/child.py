"""A supervised child process: its log file, its restarts, its end; never an orphan."""

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

GRACE_SECONDS = 20  # Kafka's controlled stop takes 2-6 s on 2 busy cores
LOG_BYTES = 10_000_000  # a log file is rotated above this size; three old ones are kept
OLD_LOGS = 3
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
STEADY_SECONDS = 60.0  # a child that ran this long starts again with the shortest pause


class Program(Struct, frozen=True):
    """What to run and how to end it."""

    name: str
    command: tuple[str, ...]
    folder: Path | None = None
    environ: Mapping[str, str] | None = None
    """None inherits ours."""
    grace_seconds: int = GRACE_SECONDS
    """How long it may take to end itself before it is killed."""
    once: bool = False
    """It is meant to end: exit 0 is its success, and it is not started again."""


class ChildChange(StrEnum):
    """What a look at a child found."""

    DIED = "died"
    RESTARTED = "restarted"
    FINISHED = "finished"


class Child:
    """One process of a `Program`, with the log file `<log folder>/<name>.log`.

    The process is on two leashes, so that even kill -9 of its starter leaves nothing behind: the
    kernel tells `timeout` when the starter is gone, and `timeout` ends the program, by force after
    its grace; and the kernel kills the program itself should `timeout` vanish.  `timeout` also
    makes a process group, so that Ctrl-C in the terminal reaches the starter alone.
    """

    def __init__(self, program: Program, logs: Path) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        self.restarts = 0
        self.due: float | None = None
        """Monotonic second of the next restart, while dead."""
        self._process: subprocess.Popen[bytes] | None = None
        self._since = 0.0
        self._pause = FIRST_PAUSE_SECONDS

    @property
    def alive(self) -> bool:
        """Whether the process runs now."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The code it ended with; None while it runs or before it ran."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int:
        """The leash's process id; the program's own is its only child's."""
        if self._process is None:
            raise StackError(f"{self.program.name} was never started")
        return self._process.pid

    def start(self, now: float = 0.0) -> None:
        """Start it, with its output appended to the log file.

        Raises:
            StackError: the program is not there, or can't be run.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        rotate(self.log)
        try:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [*_leash(self.program.grace_seconds), *self.program.command],
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
        """Look after it: restart it when it died and its pause is over; rotate its log."""
        if self.due is not None:
            if now < self.due:
                return None
            self.start(now)
            self.restarts += 1
            return ChildChange.RESTARTED
        if self._process is None or self.alive:
            rotate(self.log)
            return None
        if self.program.once and self.exit_code == 0:
            self._process = None
            return ChildChange.FINISHED
        if now - self._since >= STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        self.due = now + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        return ChildChange.DIED

    def ask_to_stop(self) -> None:
        """Send SIGTERM and don't wait; it is not started again."""
        self.due = None
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """End it: SIGTERM, its grace, SIGKILL."""
        self.ask_to_stop()
        self._wait(self.program.grace_seconds + 5)

    def kill(self) -> None:
        """End it at once, as a crash or the kernel's out-of-memory killer would."""
        self.due = None
        if self._process is not None:
            self._kill_group(self._process)

    def tail(self, lines: int = 8) -> str:
        """The last lines of its log."""
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
        """Kill the leash and what is on it, and wait until none of them holds a port or a lock."""
        process.kill()
        deadline = time.monotonic() + 10
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < deadline:
                os.killpg(process.pid, signal.SIGKILL)
                process.poll()
                time.sleep(0.01)
        process.wait()


def rotate(log: Path, limit: int = LOG_BYTES, keep: int = OLD_LOGS) -> None:
    """Copy a log above `limit` bytes to `.1` (`.1` to `.2` …) and empty it.

    Copied, not renamed: the child holds the file open and appends to it.
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


def _leash(grace_seconds: int) -> tuple[str, ...]:
    """The command prefix that ties a program to us; see `Child`."""
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
