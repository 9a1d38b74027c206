"""Several child processes that are waited for, restarted and stopped together."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from contract.errors import StackError
from stack.context import Say
from stack.processes.child import Child, ChildChange, Program
from stack.processes.load_progress import GrowingLog

POLL_SECONDS = 0.1  # between two checks of the children


class Children:
    """Child processes in the order in which they were started.

    They are stopped in the opposite order: writers before readers, and Kafka last.
    """

    def __init__(self, logs: Path, say: Say, clock: Callable[[], float] = time.monotonic) -> None:
        self._logs, self._say, self._clock = logs, say, clock
        self._all: list[Child] = []
        self._told: dict[Child, GrowingLog] = {}
        """The children that tell something -> their logs, read as far as it was said."""

    def __iter__(self) -> Iterator[Child]:
        return iter(tuple(self._all))

    @property
    def now(self) -> float:
        """The current second of the clock by which restarts are timed."""
        return self._clock()

    def pause(self) -> None:
        """Wait until the next check."""
        time.sleep(POLL_SECONDS)

    def start(self, program: Program) -> Child:
        """Start a program as a child.

        Raises:
            StackError: the program can't be started.
        """
        child = Child(program, self._logs)
        if program.tells:
            self._told[child] = GrowingLog(child.log)
        child.start(self._clock())
        self._all.append(child)
        return child

    def check(self) -> None:
        """Check each child; one that died is reported with its last lines, and started again."""
        for child in tuple(self._all):
            self._tell(child)
            match child.watch(self._clock()):
                case ChildChange.DIED:
                    pause = (child.due or 0) - self._clock()
                    self._say(
                        f"{child.program.name} {_ending(child)}; again in "
                        f"{max(0, pause):.0f} s.  The end of {child.log}:\n{_indented(child)}"
                    )
                case ChildChange.RESTARTED:
                    self._say(f"{child.program.name} started again")
                case ChildChange.FINISHED:
                    self._tell(child)
                    self._all.remove(child)

    def _tell(self, child: Child) -> None:
        """Say the new lines of a child's log that are meant for the person."""
        if child in self._told:
            for line in self._told[child].lines():
                if line.startswith(child.program.tells):
                    self._say(line.removeprefix(child.program.tells))

    def wait(
        self, child: Child, until: Callable[[], bool], seconds: float, restarts: int = 0
    ) -> None:
        """Return once `until` is true, and check all children meanwhile.

        Raises:
            StackError: it is not true within `seconds`, or the child died more than `restarts`
                times.
        """
        name, deadline = child.program.name, self._clock() + seconds
        while not until():
            if not child.alive and child.exit_code and child.restarts >= restarts:
                raise StackError(
                    f"{name} {_ending(child)}.  The end of {child.log}:\n{_indented(child)}"
                )
            if self._clock() > deadline:
                raise StackError(
                    f"{name} was not ready within {seconds:.0f} s.  The end of {child.log}:\n"
                    f"{_indented(child)}"
                )
            self.check()
            self.pause()

    def run(self, program: Program, seconds: float) -> None:
        """Run a program that ends by itself, and wait until it has ended.

        Raises:
            StackError: it failed, or did not end within `seconds`.
        """
        child = self.start(program)
        self.wait(child, lambda: child.exit_code == 0, seconds)
        self.check()

    def stop(self) -> None:
        """Stop all children, the newest first; one that outlasts its grace period is killed."""
        while self._all:
            child = self._all.pop()
            child.stop()


def _ending(child: Child) -> str:
    """Return how a child ended; `timeout` reports the end by a signal as 128 + its number."""
    code = child.exit_code or 0
    number = -code if code < 0 else code - 128
    if number in set(signal.Signals):
        return f"was ended by {signal.Signals(number).name}"
    return f"ended (exit {code})"


def _indented(child: Child) -> str:
    lines = child.tail().splitlines()
    return "\n".join(f"    {line if len(line) < 200 else line[:199] + '…'}" for line in lines)
