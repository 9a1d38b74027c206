"""History points turned into series by time windows, and each window as OpenMetrics text.

A window becomes one block of Prometheus: 486 hours, the longest block that it compacts to itself.
A value is held: it has a sample at its point and then every few minutes until the next point, so
that a query at any instant finds one.  Averages over time are thereby weighted by time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from math import ceil
from typing import NamedTuple

from kpis.model.kpi import Labels, Reading, Unit, hourly, recorded, summed_over, total
from kpis.past.history import HistoryPoint
from kpis.pipeline import INSTANCE, JOB, RUN_JOB

WINDOW_SECONDS = 486 * 3600
NEAR = 0.001  # as in the rule of the thinned series: the width of a line on a chart
NEAR_SECONDS = 3600.0
THIN_SECONDS = 86_400  # the thinned series has a sample a day at least; boards bridge 26 hours
FORM = 2  # version of a window's text; a new one makes every window again


class SeriesNames(NamedTuple):
    """The series that share one value: scraped, recorded, and thinned if there is one."""

    held: tuple[str, ...]
    """`name{labels}` of each."""
    thinned: str = ""
    near: float = NEAR
    """How far a thinned value may be off, as a share of it; 0 stands for `NEAR_SECONDS`."""


Values = Mapping[SeriesNames, float]


class _HeldValues(NamedTuple):
    at: float
    values: Values
    step_seconds: int


class _Span(NamedTuple):
    """A value and the times of its samples."""

    value: float
    times: list[str]
    """Unix seconds, each with the end of its line."""

    def lines(self, name: str) -> str:
        """Return one line for each sample."""
        head = f"{name} {self.value!r} "
        return head + head.join(self.times)


class SeriesText(NamedTuple):
    """One series of a window: its samples as lines of OpenMetrics."""

    name: str
    samples: int
    text: str


class BlockWindow:
    """The values of one window by subject; `advance` goes on to the next window."""

    def __init__(self, start: int, end: float) -> None:
        self.start = start
        self._until = end
        self._held: dict[str, list[_HeldValues]] = {}

    @property
    def end(self) -> float:
        """The first instant that no longer belongs to the window."""
        return min(self.start + WINDOW_SECONDS, self._until)

    def add(self, at: float, subject: str, values: Values, step_seconds: int) -> None:
        """Add the values that hold from an instant of this window on."""
        self._held.setdefault(subject, []).append(_HeldValues(at, values, step_seconds))

    @property
    def is_empty(self) -> bool:
        """Whether the window has no values."""
        return not any(one.values for held in self._held.values() for one in held)

    def advance(self) -> None:
        """Go on to the next window; the last values of each subject still hold there."""
        self.start += WINDOW_SECONDS
        self._held = {
            subject: [held[-1]] for subject, held in self._held.items() if held[-1].values
        }

    @property
    def digest(self) -> str:
        """A digest of the window's text; equal texts have equal digests."""
        hash_ = blake2b(f"{FORM} {self.start} {self.end}".encode(), digest_size=16)
        for subject in sorted(self._held):
            for one in self._held[subject]:
                hash_.update(f"{max(one.at, self.start)} {one.step_seconds}".encode())
                lines = sorted((names.held[0], value) for names, value in one.values.items())
                hash_.update(repr(lines).encode())
        return hash_.hexdigest()

    def series(self) -> Iterator[SeriesText]:
        """Iterate over the series of the window, by name."""
        spans: dict[SeriesNames, list[_Span]] = {}
        for held in self._held.values():
            for one, end in zip(held, [*(next_.at for next_ in held[1:]), self.end], strict=True):
                if times := [f"{second}\n" for second in self._times(one, end)]:
                    for names, value in one.values.items():
                        spans.setdefault(names, []).append(_Span(value, times))
        written = [
            (name, name == names.thinned, names)
            for names in spans
            for name in (*names.held, names.thinned)
            if name
        ]
        for name, is_thinned, names in sorted(written):
            kept = list(_thin(spans[names], names.near)) if is_thinned else spans[names]
            yield SeriesText(
                name,
                sum(len(span.times) for span in kept),
                "".join(span.lines(name) for span in kept),
            )

    def _times(self, one: _HeldValues, end: float) -> range:
        """Return the seconds at which held values have samples in this window."""
        first = ceil(one.at)
        if first < self.start:
            first += -(-(self.start - first) // one.step_seconds) * one.step_seconds
        return range(first, ceil(end), one.step_seconds)


class SeriesValues(NamedTuple):
    """The values of one history point, its subject, and the seconds between two samples."""

    subject: str
    values: Values
    step_seconds: int


def windows(
    points: Iterable[HistoryPoint],
    name_values: Callable[[HistoryPoint], Iterable[SeriesValues]],
    until: float,
) -> Iterator[BlockWindow]:
    """Iterate over the windows that have values.

    It is one object that advances, so a caller must use a window before it asks for the next.
    """
    window: BlockWindow | None = None
    for one in points:
        if window is None:
            window = BlockWindow(int(one.at // WINDOW_SECONDS) * WINDOW_SECONDS, until + 1)
        while one.at >= window.start + WINDOW_SECONDS:
            if not window.is_empty:
                yield window
            window.advance()
        for held in name_values(one):
            window.add(one.at, held.subject, held.values, held.step_seconds)
    while window is not None and window.start <= until:
        if not window.is_empty:
            yield window
        window.advance()


def _thin(spans: Iterable[_Span], near: float) -> Iterator[_Span]:
    """Keep the samples that differ from the last one kept, or come a day after it."""
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
    """Gives readings the names and labels under which Prometheus scrapes and records them.

    The series of a replay run have the label `run`, which live series do not have.
    """

    def __init__(self, run: str = "") -> None:
        self._run = (("run", run),) if run else ()
        self._names: dict[tuple[int, Labels], tuple[SeriesNames, SeriesNames | None]] = {}
        """(identity of a KPI of the catalogue, labels) -> its series, and that of its sum."""

    def name_values(self, point: HistoryPoint) -> Iterator[SeriesValues]:
        """Return the values of a history point under the names of their series."""
        yield SeriesValues(point.subject, self.values(point), point.step_seconds)

    def values(self, point: HistoryPoint) -> dict[SeriesNames, float]:
        """Return the values of a point, and the recorded sums of those that add up."""
        values: dict[SeriesNames, float] = {}
        sums: dict[SeriesNames, float] = {}
        for reading in point.readings:
            key = (id(reading.kpi), reading.labels)
            known = self._names.get(key)
            if known is None:
                known = self._names[key] = self._series_names(reading), self._sum(reading)
            names, summed = known
            values[names] = reading.value
            if summed:
                sums[summed] = sums.get(summed, 0.0) + reading.value
        return values | sums

    def series(self, name: str, labels: Iterable[tuple[str, str]]) -> str:
        """`name{labels}`, with the run's label where there is one."""
        pairs = sorted((*labels, *self._run))
        return name + "{" + ",".join(f'{label}="{_quoted(value)}"' for label, value in pairs) + "}"

    def _series_names(self, reading: Reading) -> SeriesNames:
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
