"""The metrics of the worker itself: pipeline counters, freshness and lag."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from contract.errors import Reason
from kpis import pipeline
from kpis.pipeline import Meter

__all__ = ["BackupCollector", "Lag", "LedgerTally", "OwnedCollector", "WorkerMetrics"]


class LedgerTally(Protocol):
    """The counts of a ledger for one batch."""

    events: int
    repeats: int
    amended: int
    retracted: int
    late: int
    uncounted: dict[str, int]
    flagged: dict[str, int]
    newest: datetime | None


class Lag(NamedTuple):
    """The events between the last one booked of a partition and its end."""

    topic: str
    partition: int
    events: int


class WorkerMetrics:
    """The counters and gauges of the pipeline; counters start at zero with the process.

    Events that are read again after a crash are counted again: the books are exact, these are not.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(meter: Meter) -> Counter:
            name = meter.name.removesuffix("_total")  # which the client appends
            return Counter(name, meter.help, meter.labels, registry=registry)

        def gauge(meter: Meter) -> Gauge:
            return Gauge(meter.name, meter.help, meter.labels, registry=registry)

        self._events = counter(pipeline.EVENTS)
        self._rejected = counter(pipeline.REJECTED)
        self._repeats = counter(pipeline.REPEATS)
        self._amended = counter(pipeline.AMENDED)
        self._retracted = counter(pipeline.RETRACTED)
        self._late = counter(pipeline.LATE)
        self._uncounted = counter(pipeline.UNCOUNTED)
        self._flagged = counter(pipeline.FLAGGED)
        latency = pipeline.LATENCY
        self._latency = Histogram(
            latency.name, latency.help, latency.labels, buckets=latency.bounds, registry=registry
        )
        self._event_time = gauge(pipeline.LAST_EVENT)
        self._received = gauge(pipeline.LAST_RECEIVED)
        self._forecast = gauge(pipeline.FORECAST)
        self._forecast_failures = counter(pipeline.FORECAST_FAILURES)
        self._newest: dict[str, float] = {}
        for reason in Reason:  # a series that exists from the start shows its first increase
            self._rejected.labels(reason.value)

    def read(self, topic: str, events: int, at: datetime) -> None:
        """Count events that were read from a topic."""
        if events:  # a compacted record batch may hold none
            self._events.labels(topic).inc(events)
            self._received.labels(topic).set(at.timestamp())

    def happened(self, topic: str, newest: datetime | None) -> None:
        """Set the newest event time of a topic, which never goes back."""
        if newest is not None and newest.timestamp() > self._newest.get(topic, 0.0):
            self._newest[topic] = newest.timestamp()
            self._event_time.labels(topic).set(self._newest[topic])

    def waited(self, topic: str, seconds: float) -> None:
        """Observe how long ago Kafka got the oldest event of a batch that is booked now."""
        self._latency.labels(topic).observe(seconds)

    def rejected(self, reason: Reason) -> None:
        """Count a rejected event."""
        self._rejected.labels(reason.value).inc()

    def booked(self, tally: LedgerTally) -> None:
        """Count a batch of moves that was booked."""
        self._repeats.inc(tally.repeats)
        self._amended.inc(tally.amended)
        self._retracted.inc(tally.retracted)
        self._late.inc(tally.late)
        for why, times in tally.uncounted.items():
            self._uncounted.labels(why).inc(times)
        for flag, times in tally.flagged.items():
            self.flagged(flag, times)

    def flagged(self, flag: str, times: int) -> None:
        """Count moves that were booked and flagged."""
        if times:
            self._flagged.labels(flag).inc(times)

    def forecast(self, at: datetime) -> None:
        """Set the time of the last forecast."""
        self._forecast.set(at.timestamp())

    def forecast_failed(self) -> None:
        """Count a forecast that failed."""
        self._forecast_failures.inc()


class OwnedCollector(Collector):
    """Gauges that are read from the worker at each scrape: only of partitions that it has."""

    def __init__(
        self,
        lags: Callable[[], Iterable[Lag]],
        facts: Callable[[], Iterable[tuple[int, int]]],
        owned: Callable[[], Iterable[tuple[str, int]]],
        ready: Callable[[], bool],
        refusals: Callable[[], int],
    ) -> None:
        self._lags, self._facts, self._owned = lags, facts, owned
        self._ready, self._refusals = ready, refusals

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield lag and facts by partition, partitions by topic, readiness, and refusals."""
        lag, facts, owned, ready, refused = map(
            _family,
            (pipeline.LAG, pipeline.FACTS, pipeline.OWNED, pipeline.READY, pipeline.REFUSED),
        )
        for topic, partition, events in self._lags():
            lag.add_metric((topic, str(partition)), events)
        for partition, rows in self._facts():
            facts.add_metric((str(partition),), rows)
        for topic, partitions in self._owned():
            owned.add_metric((topic,), partitions)
        ready.add_metric((), float(self._ready()))
        refused.add_metric((), self._refusals())
        yield from (lag, facts, owned, ready, refused)


class BackupCollector(Collector):
    """The time of the last backup, read at each scrape; no series where none is made."""

    def __init__(self, last: Callable[[], datetime | None]) -> None:
        self._last = last

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the time."""
        family = _family(pipeline.LAST_BACKUP)
        if (at := self._last()) is not None:
            family.add_metric((), at.timestamp())
        yield family


def _family(meter: Meter) -> GaugeMetricFamily:
    return GaugeMetricFamily(meter.name, meter.help, labels=meter.labels)
