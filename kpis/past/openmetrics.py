"""Tellings of the past woven into series by windows of time, and each window as OpenMetrics text.

A window is one block of Prometheus: 486 hours, the longest that it makes of itself.  Values are
held: a sample at each telling and then every few minutes until the next, so that a query at any
instant finds one.  Averages over time are thereby weighted by time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from math import ceil
from typing import NamedTuple

from kpis.model.kpi import Labels, Reading, Unit, hourly, recorded, summed_over, total
from kpis.past.history import HistoryPoint
from kpis.pipeline import INSTANCE, JOB, RUN_JOB

WINDOW_SECONDS = 486 * 3600
NEAR = 0.001  # as the rule of the thinned series: the width of a line on a chart
NEAR_SECONDS = 3600.0
THIN_SECONDS = 86_400  # the thinned series has a sample a day at least; boards bridge 26 hours
FORM = 2  # of a window's text: another one makes every window anew


class SeriesNames(NamedTuple):
    """The series that share one value: as scraped and as recorded, and thinned where it is."""

    held: tuple[str, ...]
    """`name{labels}` of each."""
    thinned: str = ""
    near: float = NEAR
    """How far a thinned value may be off: a share of it, or 0 for `NEAR_SECONDS`."""


Values = Mapping[SeriesNames, float]


class _ToldValue(NamedTuple):
    at: float
    values: Values
    every: int


class _Span(NamedTuple):
    """A value, and the seconds of its samples."""

    value: float
    times: list[str]
    """Each with the end of its line."""

    def lines(self, name: str) -> str:
        """A line for each sample."""
        head = f"{name} {self.value!r} "
        return head + head.join(self.times)


class SeriesText(NamedTuple):
    """One series of a window: its samples as lines of OpenMetrics."""

    name: str
    samples: int
    text: str


class BlockWindow:
    """The values of one window, by what they were told of; `advance` goes on to the next."""

    def __init__(self, start: int, end: float) -> None:
        self.start = start
        self._until = end
        self._told: dict[str, list[_ToldValue]] = {}

    @property
    def end(self) -> float:
        """The first instant that no longer belongs to the window."""
        return min(self.start + WINDOW_SECONDS, self._until)

    def tell(self, at: float, of: str, values: Values, every: int) -> None:
        """What stands from an instant of this window on."""
        self._told.setdefault(of, []).append(_ToldValue(at, values, every))

    @property
    def is_empty(self) -> bool:
        """Is there nothing to say in this window?"""
        return not any(one.values for told in self._told.values() for one in told)

    def advance(self) -> None:
        """Go on to the window after this; what stands at its beginning goes on standing."""
        self.start += WINDOW_SECONDS
        self._told = {of: [told[-1]] for of, told in self._told.items() if told[-1].values}

    @property
    def digest(self) -> str:
        """A name for all that the window's text says; equal texts have equal digests."""
        seal = blake2b(f"{FORM} {self.start} {self.end}".encode(), digest_size=16)
        for of in sorted(self._told):
            for one in self._told[of]:
                seal.update(f"{max(one.at, self.start)} {one.every}".encode())
                lines = sorted((strand.held[0], value) for strand, value in one.values.items())
                seal.update(repr(lines).encode())
        return seal.hexdigest()

    def series(self) -> Iterator[SeriesText]:
        """Each series of the window, by name."""
        spans: dict[SeriesNames, list[_Span]] = {}
        for told in self._told.values():
            for one, end in zip(told, [*(next_.at for next_ in told[1:]), self.end], strict=True):
                if times := [f"{second}\n" for second in self._times(one, end)]:
                    for strand, value in one.values.items():
                        spans.setdefault(strand, []).append(_Span(value, times))
        written = [
            (name, name == strand.thinned, strand)
            for strand in spans
            for name in (*strand.held, strand.thinned)
            if name
        ]
        for name, is_thinned, strand in sorted(written):
            kept = list(_thin(spans[strand], strand.near)) if is_thinned else spans[strand]
            yield SeriesText(
                name,
                sum(len(span.times) for span in kept),
                "".join(span.lines(name) for span in kept),
            )

    def _times(self, one: _ToldValue, end: float) -> range:
        """The seconds of a telling's samples in this window."""
        first = ceil(one.at)
        if first < self.start:
            first += -(-(self.start - first) // one.every) * one.every
        return range(first, ceil(end), one.every)


class SeriesValues(NamedTuple):
    """The values of one telling, of what they were told, and the seconds between two samples."""

    of: str
    values: Values
    every: int


def windows(
    tellings: Iterable[HistoryPoint],
    spin: Callable[[HistoryPoint], Iterable[SeriesValues]],
    until: float,
) -> Iterator[BlockWindow]:
    """Each window that has something to say; the loom goes on, so look at it at once."""
    loom: BlockWindow | None = None
    for one in tellings:
        if loom is None:
            loom = BlockWindow(int(one.at // WINDOW_SECONDS) * WINDOW_SECONDS, until + 1)
        while one.at >= loom.start + WINDOW_SECONDS:
            if not loom.is_empty:
                yield loom
            loom.advance()
        for thread in spin(one):
            loom.tell(one.at, thread.of, thread.values, thread.every)
    while loom is not None and loom.start <= until:
        if not loom.is_empty:
            yield loom
        loom.advance()


def _thin(spans: Iterable[_Span], near: float) -> Iterator[_Span]:
    """The samples where the last one is a day old, or another value."""
    last, at = None, 0
    for value, times in spans:
        kept = []
        width = near * abs(value) if near else NEAR_SECONDS
        if last is None or abs(value - last) > width:
            kept.append(times[0])
            last, at = value, int(times[0])
        if int(times[-1]) - at >= THIN_SECONDS:
            for time in times:
                if int(time) - at >= THIN_SECONDS:
                    kept.append(time)
                    last, at = value, int(time)
        if kept:
            yield _Span(value, kept)


class SeriesNamer:
    """Readings as strands: the names and labels under which Prometheus scrapes and records them.

    A run of its own bears a label that the live books don't have.
    """

    def __init__(self, run: str = "") -> None:
        self._run = (("run", run),) if run else ()
        self._strands: dict[tuple[int, Labels], tuple[SeriesNames, SeriesNames | None]] = {}
        """Identity of a KPI (a constant of the catalogue), labels -> its strand, its sum."""

    def spin(self, telling: HistoryPoint) -> Iterator[SeriesValues]:
        """A telling's values as one thread."""
        yield SeriesValues(telling.of, self.values(telling), telling.every)

    def values(self, telling: HistoryPoint) -> dict[SeriesNames, float]:
        """A telling's values, and the recorded sums of those that add up."""
        values: dict[SeriesNames, float] = {}
        sums: dict[SeriesNames, float] = {}
        for reading in telling.readings:
            key = (id(reading.kpi), reading.labels)
            strands = self._strands.get(key)
            if strands is None:
                strands = self._strands[key] = self._strand(reading), self._sum(reading)
            strand, summed = strands
            values[strand] = reading.value
            if summed:
                sums[summed] = sums.get(summed, 0.0) + reading.value
        return values | sums

    def series(self, name: str, labels: Iterable[tuple[str, str]]) -> str:
        """`name{labels}`, with the run's label where there is one."""
        pairs = sorted((*labels, *self._run))
        return name + "{" + ",".join(f'{label}="{_quoted(value)}"' for label, value in pairs) + "}"

    def _strand(self, reading: Reading) -> SeriesNames:
        kpi, own = reading.kpi, tuple(reading.labelled.items())
        scraped = (*own, ("instance", INSTANCE), ("job", RUN_JOB if self._run else JOB))
        return SeriesNames(
            (self.series(kpi.series, scraped), self.series(recorded(kpi), own)),
            self.series(hourly(kpi), own),
            0 if kpi.unit is Unit.TIMESTAMP else NEAR,
        )

    def _sum(self, reading: Reading) -> SeriesNames | None:
        summed, over = total(reading.kpi), summed_over(reading.kpi)
        if summed is None:
            return None
        kept = [(name, value) for name, value in reading.labelled.items() if name not in over]
        return SeriesNames((self.series(summed, kept),))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
