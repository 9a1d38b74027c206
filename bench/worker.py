"""The worker with all of its functions on, watched and checked through its own /metrics."""

import re
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from bench.recount import Truth
from contract.topics import MOVES
from stack.processes.child import Program
from stack.processes.tcp_ports import free_port

POLL_SECONDS = 0.2  # between two reads of one counter, which cost the worker a millisecond each
SCRAPE_SECONDS = 15.0  # between two reads of all /metrics, as by Prometheus: 20 to 60 ms each
SETTLE_SECONDS = 60.0  # the most from the last event booked until the KPIs show it
COUNTER = "pipeline_events_total"
EVENTS = f'{COUNTER}{{topic="{MOVES.name}"}}'
CPU = "process_cpu_seconds_total"
TEU = re.compile(r"port_throughput_ytd_teu\{(.*)\} (\S+)")
LABEL = re.compile(r'(\w+)="([^"]*)"')


class WorkerSample(NamedTuple):
    """How many events each worker had booked at one moment."""

    at: float
    booked: tuple[float, ...]

    @property
    def events(self) -> float:
        """Events that all workers together had booked."""
        return sum(self.booked)


class Watch:
    """The watch over the workers of one group, until the KPIs show that all events are booked."""

    def __init__(self, truth: Truth, ports: Sequence[int]) -> None:
        self._truth = truth
        self._ports = ports
        self._poll_due = self._scrape_due = self._deadline = 0.0
        self._spent: list[tuple[float, float]] = []
        """(events booked, CPU seconds of all workers) at each scrape since the first event."""
        self.samples: list[WorkerSample] = []
        self.exact = False
        self.teu: dict[tuple[str, str], int] = {}
        """(terminal, year) -> hundredths of a TEU at the last scrape."""

    def is_done(self) -> bool:
        """Poll the workers if a poll is due, and return whether the run is over."""
        now = time.monotonic()
        if now < self._poll_due:
            return False
        self._poll_due = now + POLL_SECONDS
        pages = [_page(port, f"?name[]={COUNTER}") for port in self._ports]
        booked = tuple(_value(page, EVENTS) for page in pages)
        self.samples.append(WorkerSample(time.monotonic(), booked))
        done = self.samples[-1].events >= self._truth.events
        if self.samples[-1].events and (done or now >= self._scrape_due):
            self._scrape_due = now + SCRAPE_SECONDS
            self._scrape()
        if not done:
            return False
        self._deadline = self._deadline or now + SETTLE_SECONDS
        return self.exact or now > self._deadline

    def _scrape(self) -> None:
        pages = [_page(port) for port in self._ports]
        booked = sum(_value(page, EVENTS) for page in pages)
        self._spent.append((booked, sum(_value(page, CPU) for page in pages)))
        self.teu = _teu("\n".join(pages))
        self.exact = self.teu == self._truth.books

    def seconds(self) -> float:
        """Return the seconds from the first event booked to the last, interpolated linearly."""
        return seconds(self.samples, self._truth.events)

    def cpu_seconds(self) -> float:
        """Return the CPU seconds of all events, extrapolated from those between two scrapes.

        The scrapes are the first one after an event, and the first one after all events.
        """
        booked, before = self._spent[0]
        after = next(cpu for events, cpu in self._spent if events >= self._truth.events)
        rest = self._truth.events - booked
        return (after - before) / rest * self._truth.events if rest else before

    def shares(self) -> str:
        """Return the share of the events that each worker booked, as text."""
        last = self.samples[-1]
        return " + ".join(f"{100 * booked / last.events:.0f} %" for booked in last.booked)


def seconds(samples: Sequence[WorkerSample], events: int) -> float:
    """Return how long the events took, from samples that begin at no event and end at all."""
    busy = _busy(samples)
    first, last = busy[0], busy[-1]
    before_first = max(s.at for s in samples if s.at < first.at)
    before_last = max((s for s in samples if s.at < last.at), key=lambda s: s.at)
    if len(busy) < 3:
        return last.at - before_first
    pace = (before_last.events - first.events) / (before_last.at - first.at)
    begun = max(before_first, first.at - first.events / pace)
    return min(last.at, before_last.at + (events - before_last.events) / pace) - begun


def _busy(samples: Sequence[WorkerSample]) -> list[WorkerSample]:
    """Return the samples that show more events than the sample before."""
    return [sample for before, sample in pairwise(samples) if sample.events > before.events]


def program(
    environ: Mapping[str, str], bootstrap: str, folder: Path, group: str, port: int
) -> Program:
    """Return the program that runs one worker of a group."""
    return Program(
        f"worker-{port}",
        (sys.executable, "-m", "streams"),
        environ={
            **environ,
            "QUAYMARK_KAFKA": bootstrap,
            "QUAYMARK_FOLDER": str(folder.absolute()),
            "QUAYMARK_WORKER_ID": group,
            "QUAYMARK_METRICS_PORT": str(port),
        },
    )


def ports(workers: int) -> list[int]:
    """Return free ports for the workers' metrics."""
    return [free_port() for _ in range(workers)]


def _page(port: int, of: str = "") -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics{of}", timeout=5) as answer:
            page: bytes = answer.read()
    except OSError:
        return ""
    return page.decode()


def _value(page: str, series: str) -> float:
    for line in page.splitlines():
        if line.startswith(series):
            return float(line.rpartition(" ")[2])
    return 0.0


def _teu(page: str) -> dict[tuple[str, str], int]:
    sums = Counter[tuple[str, str]]()
    for labels, value in TEU.findall(page):
        of = dict(LABEL.findall(labels))
        sums[of["terminal"], of["year"]] += round(float(value) * 100)
    return {name: teu for name, teu in sums.items() if teu}
