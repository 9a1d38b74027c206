"""The result as a table in Markdown, with all that is needed to read it."""

import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median

from msgspec import Struct

from bench.recount import Truth
from stack.processes.jars import KAFKA_VERSION

MB = 1 << 20


class BenchRun(Struct, frozen=True):
    """One run of one system."""

    system: str
    version: str
    does: str
    events: int
    seconds: float
    peak_bytes: int
    busy_cpu_seconds: float
    """From the first event to the last."""
    cpu_seconds: float
    """In its whole life."""
    exact: bool

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """CPU time of one event."""
        return self.busy_cpu_seconds / self.events * 1e6


def table(rounds: Sequence[Sequence[BenchRun]], truth: Truth, on: date) -> str:
    """The page; in each round the first run is the limit."""
    lines = [
        "# Bench",
        "",
        f"{_machine()}; {on}; Python {platform.python_version()}, Kafka {KAFKA_VERSION} on the "
        f"same machine; {truth.events:,} events of {truth.value_bytes / truth.events:.0f} bytes "
        f"on average, of which {truth.repeats:,} repeat an id; {len(rounds)} rounds, median "
        "(lowest – highest).",
        "",
        "| system | events/s | of the limit | CPU µs an event | CPU s | peak MB | sums "
        "| does | version |",
        "|---|---:|---:|---:|---:|---:|---|---|---|",
    ]
    for runs in zip(*rounds, strict=True):
        shares = [run.rate / limits[0].rate for run, limits in zip(runs, rounds, strict=True)]
        lines.append(
            f"| {runs[0].system} | {spread([run.rate for run in runs], ',.0f')} "
            f"| {spread(shares, '.2f')} "
            f"| {spread([run.cpu_microseconds for run in runs], '.1f')} "
            f"| {spread([run.cpu_seconds for run in runs], '.1f')} "
            f"| {spread([run.peak_bytes / MB for run in runs], '.0f')} "
            f"| {'exact' if all(run.exact for run in runs) else '**wrong**'} "
            f"| {runs[0].does} | {runs[0].version} |"
        )
    return "\n".join([*lines, "", *NOTES, ""])


NOTES = (
    "Events/s and CPU µs an event are taken from the first event in hand to the last one done: "
    "start and end of the process are left out. CPU s is user and system time of its whole life "
    "(a Java program compiles itself in it).",
    "Events/s times CPU µs an event is what a system takes of the CPUs, and the broker takes its "
    "own: several workers make more than one only where there are cores for that.",
    "Peak MB is the peak resident memory of the system's processes, added up.",
    "The share of the limit compares runs of the same round.",
    "Sums are compared with a recount of the topic by plain code: by terminal and day after each "
    "system's own rule, the worker's by terminal and year as its /metrics show them.",
)


def spread(values: Sequence[float], form: str) -> str:
    """The median, and the lowest and highest where there are several."""
    middle = format(median(values), form)
    if len(values) == 1:
        return middle
    return f"{middle} ({format(min(values), form)} – {format(max(values), form)})"


def _machine() -> str:
    cpu = _after_colon("/proc/cpuinfo", "model name") or platform.machine()
    memory = int(_after_colon("/proc/meminfo", "MemTotal").split()[0] or 0) * 1024
    return f"{cpu}, {_cores()} cores, {memory / (1 << 30):.0f} GB"


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def _after_colon(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""
