"""The metrics of the register, and of the partners whose records it holds, for Prometheus."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, MetricsHandler
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from access.threaded_server import GuardedRequests, serve_guarded
from contract.errors import StackError
from contract.settings import Settings
from kpis import register as meters
from stack.explaining.partner_metrics import PartnerCollector


class RegisterMetrics(Collector):
    """What the process that keeps the register shows; what is not known has no sample."""

    def __init__(self) -> None:
        self.partners = PartnerCollector()
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self.registry.register(self.partners)
        self.lag_records: int | None = None
        self.last_update: float | None = None
        """In Unix seconds."""
        self.records: int | None = None
        self.size_bytes: int | None = None
        self.failures = 0

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """Yield what is known now."""
        for meter, value in (
            (meters.LAG, self.lag_records),
            (meters.LAST_UPDATE, self.last_update),
            (meters.RECORDS, self.records),
            (meters.SIZE, self.size_bytes),
        ):
            family = GaugeMetricFamily(meter.name, meter.help, labels=meter.labels)
            if value is not None:
                family.add_metric((), value)
            yield family
        failures = meters.FAILURES
        yield CounterMetricFamily(failures.name, failures.help, self.failures)

    def serve(self, settings: Settings) -> int:
        """Answer /metrics from a thread of its own, also during a long update; return the port.

        Raises:
            StackError: the port is in use.
            Misconfigured: a file of TLS or of the token can't be used.
        """
        host, port = settings.metrics_host, settings.register_metrics_port

        class RegisterHandler(GuardedRequests, MetricsHandler):
            registry = self.registry

        try:
            return serve_guarded(RegisterHandler, settings.http_access, host, port)
        except OSError as error:
            raise StackError(
                f"{host}:{port}: {error.strerror}; "
                "QUAYMARK_REGISTER_METRICS_PORT names another port"
            ) from None
