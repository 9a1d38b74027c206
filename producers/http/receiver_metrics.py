"""The metrics of the receiver: requests by status, and records by what became of them."""

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from producers.importing.tally import ImportTally

CONTENT_TYPE = CONTENT_TYPE_LATEST
STATUSES = (200, 207, 400, 401, 408, 413, 415, 503)
OUTCOMES = ("counted", "flagged", "uncounted", "rejected", "skipped")


class ReceiverMetrics:
    """What the receiver shows to Prometheus; every series exists from the start."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "receiver_requests",
            "Requests that posted events, by the status of the answer.",
            ("status",),
            registry=self._registry,
        )
        self._records = Counter(
            "receiver_records",
            "Records posted, by what became of them.",
            ("outcome",),
            registry=self._registry,
        )
        self._last = Gauge(
            "receiver_last_post_timestamp_seconds",
            "When events were last taken, in Unix seconds; 0 before.",
            registry=self._registry,
        )
        for status in STATUSES:
            self._requests.labels(str(status))
        for outcome in OUTCOMES:
            self._records.labels(outcome)

    def answered(self, status: int) -> None:
        """Count a request."""
        self._requests.labels(str(status)).inc()

    def taken(self, tally: ImportTally) -> None:
        """Count the records of a request that Kafka has."""
        numbers = (
            tally.counted,
            tally.flagged_records,
            tally.uncounted.total(),
            tally.rejected.total(),
            tally.skipped.total(),
        )
        for outcome, number in zip(OUTCOMES, numbers, strict=True):
            self._records.labels(outcome).inc(number)
        self._last.set(tally.now.timestamp())

    def exposition(self) -> bytes:
        """Return all series as Prometheus reads them."""
        return generate_latest(self._registry)
