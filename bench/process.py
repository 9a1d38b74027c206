"""One system under test as a child process: its peak memory, its CPU time, its end."""

import os
import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from contract.errors import StackError
from stack.processes.child import Child, Program

SAMPLE_SECONDS = 0.05


class Spent(Struct, frozen=True):
    """What processes and their children took in their whole life."""

    peak_bytes: int
    """Of those that lived at one time, the sum of each one's peak of resident memory (VmHWM)."""
    cpu_seconds: float
    peaks: dict[str, int] = {}
    """Program -> the greatest peak of one process of it."""


class Peaks:
    """The memory of processes and their children, as far as one looks."""

    def __init__(self) -> None:
        self.together = 0
        self.of: dict[str, int] = {}
        """Program -> the greatest peak of one process of it."""

    def look(self, pids: Iterable[int]) -> None:
        """Take notice of what these and their children have taken so far."""
        peaks = [_peak(pid) for pid in pids]
        for program, peak in peaks:
            self.of[program] = max(self.of.get(program, 0), peak)
        self.together = max(self.together, sum(peak for _, peak in peaks))


def so_far(child: Child) -> Spent:
    """What a child that still runs has taken."""
    pids, peaks = list(_descendants(child.pid)), Peaks()
    peaks.look(pids)
    return Spent(peaks.together, sum(map(_cpu_seconds, pids)), peaks.of)


def run(
    programs: Sequence[Program], folder: Path, is_done: Callable[[], bool], seconds: float
) -> Spent:
    """Run programs until they have ended by themselves, or until `is_done` and then end them.

    Raises:
        StackError: one failed, or they took longer than `seconds`; with the end of its log.
    """
    children = [Child(program, folder) for program in programs]
    before, peaks = _cpu_of_the_dead(), Peaks()
    deadline = time.monotonic() + seconds
    try:
        for child in children:
            child.start()
        while any(child.alive for child in children):
            peaks.look([pid for child in children for pid in _descendants(child.pid)])
            if is_done():
                break
            if time.monotonic() > deadline:
                raise StackError(
                    f"{children[0].program.name} was not done after {seconds:.0f} s:\n"
                    f"{children[0].tail(20)}"
                )
            time.sleep(SAMPLE_SECONDS)
        for child in children:
            if not child.alive and (child.exit_code or not child.program.once):
                raise StackError(
                    f"{child.program.name} ended with {child.exit_code}:\n{child.tail(20)}"
                )
    finally:
        for child in children:
            child.stop()
    return Spent(peaks.together, _cpu_of_the_dead() - before, peaks.of)


def _descendants(pid: int) -> Iterator[int]:
    """Processes below one, not itself: the leash that holds a child is not the system's."""
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):  # each thread has its own
        try:
            children = listed.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from _descendants(child)


def _peak(pid: int) -> tuple[str, int]:
    """The program of a process and its peak in bytes; nothing of one that has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return "", 0
    said = dict(line.split(":", 1) for line in status.splitlines())
    return said["Name"].strip(), int(said.get("VmHWM", "0").split()[0]) * 1024


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process, and of its children that have ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    ticks = stat.rpartition(")")[2].split()[11:15]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _cpu_of_the_dead() -> float:
    """CPU seconds of all children, and theirs, that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
