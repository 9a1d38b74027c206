"""One system under test as a child process: its peak memory, its CPU time, its end."""

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from contract.errors import StackError
from stack.child import Child, Program

SAMPLE_SECONDS = 0.05


class Spent(Struct, frozen=True):
    """What processes took in their whole life."""

    peak_bytes: int
    """Sum over them, children too, of each one's peak of resident memory (VmHWM)."""
    cpu_seconds: float


def run(
    programs: Sequence[Program], folder: Path, is_done: Callable[[], bool], seconds: float
) -> Spent:
    """Run programs until they have ended by themselves, or until `is_done` and then end them.

    Raises:
        StackError: one failed, or they took longer than `seconds`; with the end of its log.
    """
    children = [Child(program, folder) for program in programs]
    before, peaks = _cpu_of_the_dead(), dict[int, int]()
    deadline = time.monotonic() + seconds
    try:
        for child in children:
            child.start()
        while any(child.alive for child in children):
            for child in children:
                for pid in _descendants(child.pid):
                    peaks[pid] = max(peaks.get(pid, 0), _peak_bytes(pid))
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
    return Spent(sum(peaks.values()), _cpu_of_the_dead() - before)


def _descendants(pid: int) -> Iterator[int]:
    """Processes below one, not itself: the leash that holds a child is not the system's."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from _descendants(child)


def _peak_bytes(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _cpu_of_the_dead() -> float:
    """CPU seconds of all children, and theirs, that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
