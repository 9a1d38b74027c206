"""The metrics of the inbox; counters start at zero with the process, receipts are exact."""

from collections import Counter
from collections.abc import Mapping

import prometheus_client
from prometheus_client import CollectorRegistry, Gauge, MetricsHandler

from access.threaded_server import GuardedRequests, serve_guarded
from contract.book import NO_PARTNER, UNKNOWN_PARTNER, Partner
from contract.errors import StackError
from contract.settings import Settings
from kpis import inbox as meters
from kpis.pipeline import Meter
from producers.inbox.receipt import FileOutcome, Receipt
from producers.inbox.scan import WaitingFile, Waits
from producers.inbox.service import Blocked, Obstacle


class InboxMetrics:
    """What the inbox shows to Prometheus."""

    def __init__(self, partners: tuple[Partner, ...], last_files: Mapping[str, float]) -> None:
        """`last_files`: partner -> when its last file came, in Unix seconds."""
        self.registry = registry = CollectorRegistry()

        def gauge(meter: Meter) -> Gauge:
            return Gauge(meter.name, meter.help, meter.labels, registry=registry)

        def counter(meter: Meter) -> prometheus_client.Counter:
            name = meter.name.removesuffix("_total")  # which the client appends
            return prometheus_client.Counter(name, meter.help, meter.labels, registry=registry)

        self._waiting, self._oldest = gauge(meters.FILES_WAITING), gauge(meters.OLDEST)
        self._files, self._records = counter(meters.FILES), counter(meters.FILE_RECORDS)
        self._last, self._blocked = gauge(meters.LAST_FILE), gauge(meters.BLOCKED)
        expected = gauge(meters.EXPECTED)
        for partner in partners:
            if partner.expect_every_seconds:
                expected.labels(partner.name).set(partner.expect_every_seconds)
        for name in (NO_PARTNER, UNKNOWN_PARTNER, *(partner.name for partner in partners)):
            for outcome in FileOutcome:  # a series that exists from the start shows its increase
                self._files.labels(name, outcome.value)
        for name, at in last_files.items():
            self._last.labels(name).set(at)
        self.waiting([])
        self.blocked(Blocked(Obstacle.KAFKA))

    def waiting(self, files: list[WaitingFile]) -> None:
        """Show what waits now."""
        numbers = Counter(file.entry.why for file in files)
        oldest: dict[Waits, float] = {}
        for file in files:
            oldest[file.entry.why] = max(file.seconds, oldest.get(file.entry.why, 0.0))
        for why in Waits:
            self._waiting.labels(why.value).set(numbers[why])
            self._oldest.labels(why.value).set(oldest.get(why, 0.0))

    def taken(self, receipt: Receipt) -> None:
        """Count a file and its records."""
        self._files.labels(receipt.partner, receipt.outcome.value).inc()
        self._last.labels(receipt.partner).set(receipt.taken_at.timestamp())
        records = receipt.records
        if receipt.outcome is FileOutcome.REPEATED:
            self._records.labels(receipt.partner, receipt.outcome.value).inc(records.read)
            return
        for outcome, number in (
            ("counted", records.counted),
            ("flagged", records.flagged),
            ("uncounted", records.uncounted),
            ("rejected", records.rejected),
            ("skipped", records.skipped),
        ):
            self._records.labels(receipt.partner, outcome).inc(number)

    def blocked(self, blocked: Blocked | None) -> None:
        """Show why nothing can be taken in, or that it can."""
        for why in Obstacle:
            is_so = blocked is not None and blocked.why is why
            self._blocked.labels(why.value).set(is_so)

    def serve(self, settings: Settings) -> None:
        """Answer /metrics from a thread of its own, which a long import does not hold up.

        Raises:
            StackError: the port is in use.
            Misconfigured: a file of TLS or of the token can't be used.
        """
        host, port = settings.metrics_host, settings.inbox_metrics_port

        class InboxHandler(GuardedRequests, MetricsHandler):
            registry = self.registry

        try:
            serve_guarded(InboxHandler, settings.http_access, host, port)
        except OSError as error:
            raise StackError(
                f"{host}:{port}: {error.strerror}; QUAYMARK_INBOX_METRICS_PORT names another port"
            ) from None
