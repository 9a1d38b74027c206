"""The metrics of the receiver; counters start at zero with the process."""

from collections.abc import Iterable
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from contract.book import NO_PARTNER, UNKNOWN_PARTNER
from kpis import receiver as meters
from kpis.pipeline import Meter
from producers.importing.tally import ImportTally

CONTENT_TYPE = CONTENT_TYPE_LATEST
RECORDS = ("counted", "flagged", "uncounted", "rejected", "skipped")


class RequestOutcome(StrEnum):
    """What became of a request: a metric label."""

    DONE = "done"
    """All of it is in."""
    PARTLY = "partly"
    """Some records were refused and are kept, and the rest is in."""
    FAILED = "failed"
    """Each record was refused and is kept."""
    REFUSED = "refused"
    """It was not read: nothing of it is in, and nothing is kept."""
    UNAUTHORIZED = "unauthorized"
    """It bears no valid token."""
    UNAVAILABLE = "unavailable"
    """Kafka was away, or the token file could not be read: its sender comes again."""


class ReceiverMetrics:
    """What the receiver shows to Prometheus; a partner's series exist from the start."""

    def __init__(self, partners: Iterable[str] = ()) -> None:
        self._registry = CollectorRegistry()
        self._requests = self._counter(meters.REQUESTS)
        self._records = self._counter(meters.POSTED_RECORDS)
        last = meters.LAST_POST
        self._last = Gauge(last.name, last.help, last.labels, registry=self._registry)
        for partner in dict.fromkeys((NO_PARTNER, UNKNOWN_PARTNER, *partners)):
            for outcome in RequestOutcome:  # only what exists before shows its first increase
                self._requests.labels(partner, outcome.value)

    def answered(self, partner: str, outcome: RequestOutcome) -> None:
        """Count a request."""
        self._requests.labels(partner, outcome.value).inc()

    def taken(self, partner: str, tally: ImportTally) -> None:
        """Count the records of a request that Kafka has."""
        numbers = (
            tally.counted,
            tally.flagged_records,
            tally.uncounted.total(),
            tally.rejected.total(),
            tally.skipped.total(),
        )
        for outcome, number in zip(RECORDS, numbers, strict=True):
            self._records.labels(partner, outcome).inc(number)
        self._last.labels(partner).set(tally.now.timestamp())

    def exposition(self) -> bytes:
        """Return all series as Prometheus reads them."""
        return generate_latest(self._registry)

    def _counter(self, meter: Meter) -> Counter:
        name = meter.name.removesuffix("_total")  # which the client appends
        return Counter(name, meter.help, meter.labels, registry=self._registry)
