"""The metrics of reports, served to Prometheus."""

from prometheus_client import CollectorRegistry, Gauge, start_http_server

from kpis import reporting as meters
from kpis.pipeline import Meter
from stack.reporting.report_service import ReportSchedule


class ReportMetrics:
    """What the process that issues reports shows to Prometheus."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._issued, self._overdue = map(self._gauge, (meters.ISSUED, meters.OVERDUE))

    def serve(self, host: str, port: int) -> None:
        """Answer /metrics.

        Raises:
            OSError: the port is in use.
        """
        start_http_server(port, host, registry=self.registry)

    def show(self, schedule: ReportSchedule) -> None:
        """Show what is issued and what is overdue."""
        for (owner, kind), at in schedule.newest().items():
            self._issued.labels(owner, kind).set(at)
        for (owner, kind), seconds in schedule.overdue.items():
            self._overdue.labels(owner, kind).set(seconds)

    def _gauge(self, meter: Meter) -> Gauge:
        return Gauge(meter.name, meter.help, meter.labels, registry=self.registry)
