"""The worker, its peers and the limit as a table in Markdown, with what is needed to read it."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from bench.results import Machine, Measurement, Spread, SystemResult

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
    note: str = ""

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """CPU time of one event."""
        return self.busy_cpu_seconds / self.events * 1e6


def results(rounds: Sequence[Sequence[BenchRun]]) -> tuple[SystemResult, ...]:
    """Each system over all rounds; in each round the first run is the limit."""
    found = []
    for runs in zip(*rounds, strict=True):
        shares = [run.rate / limits[0].rate for run, limits in zip(runs, rounds, strict=True)]
        found.append(
            SystemResult(
                system=runs[0].system,
                version=runs[0].version,
                does=runs[0].does,
                events_per_second=Spread.of([run.rate for run in runs]),
                share_of_limit=Spread.of(shares),
                cpu_microseconds=Spread.of([run.cpu_microseconds for run in runs]),
                cpu_seconds=Spread.of([run.cpu_seconds for run in runs]),
                peak_mb=Spread.of([run.peak_bytes / MB for run in runs]),
                exact=all(run.exact for run in runs),
                note=runs[0].note,
            )
        )
    return tuple(found)


def section(run: Measurement) -> str:
    """The systems beside the bare limit."""
    machine = run.machine
    lines = [
        f"{machine.cpu}, {machine.cores} cores, {machine.memory_gb} GB; {run.on}; Python "
        f"{run.python}, Kafka {run.kafka} on the same machine; {run.events:,} events of "
        f"{run.event_bytes:.0f} bytes on average, of which {run.repeats:,} repeat an id; "
        f"{run.rounds} rounds, median (lowest – highest).",
        "",
        "| system | events/s | of the limit | CPU µs an event | CPU s | peak MB | sums "
        "| does | version |",
        "|---|---:|---:|---:|---:|---:|---|---|---|",
        *(
            f"| {one.system}{f' ({one.note})' if one.note else ''} "
            f"| {one.events_per_second.shown(',.0f')} | {one.share_of_limit.shown('.2f')} "
            f"| {one.cpu_microseconds.shown('.1f')} | {one.cpu_seconds.shown('.1f')} "
            f"| {one.peak_mb.shown('.0f')} | {'exact' if one.exact else '**wrong**'} "
            f"| {one.does} | {one.version} |"
            for one in run.systems
        ),
    ]
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


def machine() -> Machine:
    """The one that this runs on."""
    cpu = _after_colon("/proc/cpuinfo", "model name") or platform.machine()
    memory = int(_after_colon("/proc/meminfo", "MemTotal").split()[0] or 0) * 1024
    return Machine(cpu, len(os.sched_getaffinity(0)), round(memory / (1 << 30)))


def _after_colon(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""
