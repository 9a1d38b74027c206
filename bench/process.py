"""A system under test as child processes, with their peak memory and CPU time."""

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
    """Memory and CPU time that processes and their children used in their whole life."""

    peak_bytes: int
    """Sum of the peaks of resident memory (VmHWM) of the processes that were alive together."""
    cpu_seconds: float
    peaks: dict[str, int] = {}
    """Program -> the greatest peak of one process of it."""


class Peaks:
    """The peak memory of processes and their children, sampled at each call of `look`."""

    def __init__(self) -> None:
        self.together = 0
        self.of: dict[str, int] = {}
        """Program -> the greatest peak of one process of it."""

    def look(self, pids: Iterable[int]) -> None:
        """Record the peaks that these processes have reached so far."""
        peaks = [_peak(pid) for pid in pids]
        for program, peak in peaks:
            self.of[program] = max(self.of.get(program, 0), peak)
        self.together = max(self.together, sum(peak for _, peak in peaks))


def so_far(child: Child) -> Spent:
    """Return what a child that still runs has used so far."""
    pids, peaks = list(_descendants(child.pid)), Peaks()
    peaks.look(pids)
    return Spent(peaks.together, sum(map(_cpu_seconds, pids)), peaks.of)


def run(
    programs: Sequence[Program], folder: Path, is_done: Callable[[], bool], seconds: float
) -> Spent:
    """Run programs until they end by themselves, or until `is_done` holds; then stop them.

    Raises:
        StackError: a program failed, or they took longer than `seconds`; it quotes the log's end.
    """
    children = [Child(program, folder) for program in programs]
    before, peaks = _cpu_of_ended_children(), Peaks()
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
    return Spent(peaks.together, _cpu_of_ended_children() - before, peaks.of)


def _descendants(pid: int) -> Iterator[int]:
    """Yield the processes below one, without it: `Child` starts a wrapper, not the system."""
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):  # each thread has its own list
        try:
            children = listed.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from _descendants(child)


def _peak(pid: int) -> tuple[str, int]:
    """Return a process's program and its peak in bytes; ("", 0) if it has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return "", 0
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return fields["Name"].strip(), int(fields.get("VmHWM", "0").split()[0]) * 1024


def _cpu_seconds(pid: int) -> float:
    """Return user and system time of a process and of its ended children, in seconds."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    ticks = stat.rpartition(")")[2].split()[11:15]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _cpu_of_ended_children() -> float:
    """Return the CPU seconds of all descendants that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
