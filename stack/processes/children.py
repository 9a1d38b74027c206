"""Several children looked after together: waited for, restarted, ended in order."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from contract.errors import StackError
from stack.processes.child import Child, ChildChange, Program
from stack.processes.jars import Say

LOOK_SECONDS = 0.1  # between two looks at the children


class Children:
    """The children of a town, in the order in which they were started.

    Ended in the opposite order: who writes before who reads, Kafka last.
    """

    def __init__(self, logs: Path, say: Say, clock: Callable[[], float] = time.monotonic) -> None:
        self._logs, self._say, self._clock = logs, say, clock
        self._all: list[Child] = []

    def __iter__(self) -> Iterator[Child]:
        return iter(tuple(self._all))

    @property
    def now(self) -> float:
        """The second that the children live by."""
        return self._clock()

    def pause(self) -> None:
        """Let them work until the next look."""
        time.sleep(LOOK_SECONDS)

    def start(self, program: Program) -> Child:
        """Start a program as a child of the town.

        Raises:
            StackError: it can't be started.
        """
        child = Child(program, self._logs)
        child.start(self._clock())
        self._all.append(child)
        return child

    def look(self) -> None:
        """One look at each child; what died is said, with its last lines, and started again."""
        for child in tuple(self._all):
            match child.watch(self._clock()):
                case ChildChange.DIED:
                    pause = (child.due or 0) - self._clock()
                    self._say(
                        f"{child.program.name} {_how(child)}; again in "
                        f"{max(0, pause):.0f} s.  The end of {child.log}:\n{_indented(child)}"
                    )
                case ChildChange.RESTARTED:
                    self._say(f"{child.program.name} started again")
                case ChildChange.FINISHED:
                    self._all.remove(child)

    def wait(
        self, child: Child, until: Callable[[], bool], seconds: float, restarts: int = 0
    ) -> None:
        """Return once `until` holds, looking after everyone meanwhile.

        Raises:
            StackError: it doesn't within `seconds`, or the child died more than `restarts` times.
        """
        name, deadline = child.program.name, self._clock() + seconds
        while not until():
            if not child.alive and child.exit_code and child.restarts >= restarts:
                raise StackError(
                    f"{name} {_how(child)}.  The end of {child.log}:\n{_indented(child)}"
                )
            if self._clock() > deadline:
                raise StackError(
                    f"{name} was not ready within {seconds:.0f} s.  The end of {child.log}:\n"
                    f"{_indented(child)}"
                )
            self.look()
            self.pause()

    def run(self, program: Program, seconds: float) -> None:
        """Run a program that ends by itself, and wait for its end.

        Raises:
            StackError: it failed, or didn't end within `seconds`.
        """
        child = self.start(program)
        self.wait(child, lambda: child.exit_code == 0, seconds)
        self.look()

    def stop(self) -> None:
        """End all, the newest first; each is given its grace, then killed."""
        while self._all:
            child = self._all.pop()
            child.stop()


def _how(child: Child) -> str:
    """How it ended; beyond 128 the leash passes on the number of the signal."""
    code = child.exit_code or 0
    number = -code if code < 0 else code - 128
    if number in set(signal.Signals):
        return f"was ended by {signal.Signals(number).name}"
    return f"ended (exit {code})"


def _indented(child: Child) -> str:
    lines = child.tail().splitlines()
    return "\n".join(f"    {line if len(line) < 200 else line[:199] + '…'}" for line in lines)
