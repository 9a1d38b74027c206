"""The Markdown table of the worker, its peers and the bare limit, with notes that explain it."""

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
    """CPU time from the first event to the last."""
    cpu_seconds: float
    """CPU time of the whole life of the processes."""
    exact: bool
    note: str = ""

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """CPU time per event, in microseconds."""
        return self.busy_cpu_seconds / self.events * 1e6


def results(rounds: Sequence[Sequence[BenchRun]]) -> tuple[SystemResult, ...]:
    """Return each system's result over all rounds; the first run of each round is the limit."""
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
    """Return the section of docs/bench.md that compares the systems with the bare limit."""
    machine = run.machine
    lines = [
        f"{machine.cpu}, {machine.cores} cores, {machine.memory_gb} GB; {run.on}; Python "
        f"{run.python}, Kafka {run.kafka} on the same machine; {run.events:,} events of "
        f"{run.event_bytes:.0f} bytes on average, of which {run.repeats:,} repeat an id; "
        f"{run.rounds} rounds, median (lowest – highest).",
        "",
        "| system | events/s | share of the limit | CPU µs per event | CPU s | peak MB | sums "
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
    "Events/s and CPU µs per event are measured from the first event received to the last one "
    "counted, without the start and the end of the process. CPU s is the user and system time of "
    "the process's whole life (a Java program compiles itself in that time).",
    "Events/s times CPU µs per event is the CPU time per second that a system uses. The broker "
    "uses CPU time, too, so several workers are faster than one only where there are free cores.",
    "Peak MB is the sum of the peak resident memory of the system's processes.",
    "The share of the limit compares runs of the same round.",
    "Sums are compared with a recount of the topic by plain code. The limit and the peers are "
    "compared by terminal and day, each by its own counting rule; the worker is compared by "
    "terminal and year, as its /metrics show the sums.",
)


def machine() -> Machine:
    """Return the machine that this process runs on."""
    cpu = _after_colon("/proc/cpuinfo", "model name") or platform.machine()
    memory = int(_after_colon("/proc/meminfo", "MemTotal").split()[0] or 0) * 1024
    return Machine(cpu, len(os.sched_getaffinity(0)), round(memory / (1 << 30)))


def _after_colon(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""
