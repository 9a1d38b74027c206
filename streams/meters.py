"""What the worker counts of its own work: pipeline counters, freshness, lag."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from contract.errors import Reason

__all__ = ["Lag", "Meters", "OwnedCollector", "Tally"]


class Tally(Protocol):
    """What a ledger says of one batch."""

    events: int
    repeats: int
    amended: int
    retracted: int
    late: int
    uncounted: dict[str, int]
    flagged: dict[str, int]
    newest: datetime | None


class Lag(NamedTuple):
    """How far a partition's reader is behind its end."""

    topic: str
    partition: int
    events: int


class Meters:
    """The pipeline's counters; they start at zero with the process, as Prometheus counters do.

    Events that come again after a crash are counted again: the books are exact, these are not.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"pipeline_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"pipeline_{name}", text, labels, registry=registry)

        self._events = counter("events", "Events read, by topic.", "topic")
        self._rejected = counter(
            "rejected", "Events set aside in the dead-letter topic, by reason.", "reason"
        )
        self._repeats = counter("repeats", "Moves that came again and changed nothing.")
        self._amended = counter("amended", "Moves replaced by a newer record of theirs.")
        self._retracted = counter("retracted", "Moves taken back.")
        self._late = counter("late", "Moves that came on a later day than the one they belong to.")
        self._uncounted = counter(
            "uncounted", "Moves booked that are no throughput, by why.", "why"
        )
        self._flagged = counter("flagged", "Moves counted in spite of a flaw, by flag.", "flag")
        self._event_time = gauge(
            "last_event_timestamp_seconds", "When the newest event of a topic happened.", "topic"
        )
        self._received = gauge(
            "last_received_timestamp_seconds", "When an event of a topic was last read.", "topic"
        )
        self._newest: dict[str, float] = {}
        for reason in Reason:  # a series that is there from the start shows its first increase
            self._rejected.labels(reason.value)

    def read(self, topic: str, events: int, at: datetime) -> None:
        """Events of a topic were read."""
        self._events.labels(topic).inc(events)
        self._received.labels(topic).set(at.timestamp())

    def happened(self, topic: str, newest: datetime | None) -> None:
        """The newest event time of what was read; never goes back."""
        if newest is not None and newest.timestamp() > self._newest.get(topic, 0.0):
            self._newest[topic] = newest.timestamp()
            self._event_time.labels(topic).set(self._newest[topic])

    def rejected(self, reason: Reason) -> None:
        """An event was set aside."""
        self._rejected.labels(reason.value).inc()

    def booked(self, tally: Tally) -> None:
        """A batch of moves was booked."""
        self._repeats.inc(tally.repeats)
        self._amended.inc(tally.amended)
        self._retracted.inc(tally.retracted)
        self._late.inc(tally.late)
        for why, times in tally.uncounted.items():
            self._uncounted.labels(why).inc(times)
        for flag, times in tally.flagged.items():
            self._flagged.labels(flag).inc(times)


class OwnedCollector(Collector):
    """Gauges read from the worker at the moment of a scrape: what it lost is not there."""

    def __init__(
        self,
        lags: Callable[[], Iterable[Lag]],
        facts: Callable[[], Iterable[tuple[int, int]]],
        owned: Callable[[], Iterable[tuple[str, int]]],
        ready: Callable[[], bool],
    ) -> None:
        self._lags, self._facts, self._owned, self._ready = lags, facts, owned, ready

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Lag by partition, facts by partition, partitions held by topic, readiness."""
        lag = GaugeMetricFamily(
            "pipeline_lag_events",
            "Events between the end of a partition and the last one booked.",
            labels=("topic", "partition"),
        )
        for topic, partition, events in self._lags():
            lag.add_metric((topic, str(partition)), events)
        facts = GaugeMetricFamily(
            "pipeline_facts", "Facts that a ledger holds, by raw partition.", labels=("partition",)
        )
        for partition, rows in self._facts():
            facts.add_metric((str(partition),), rows)
        owned = GaugeMetricFamily(
            "pipeline_owned_partitions",
            "Partitions of a topic that this worker holds.",
            labels=("topic",),
        )
        for topic, partitions in self._owned():
            owned.add_metric((topic,), partitions)
        ready = GaugeMetricFamily(
            "pipeline_ready", "1 once the books are recovered and partitions are assigned, else 0."
        )
        ready.add_metric((), float(self._ready()))
        yield from (lag, facts, owned, ready)
