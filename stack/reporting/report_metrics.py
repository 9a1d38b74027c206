"""The metrics of reports: what is issued, overdue and not delivered."""

from datetime import datetime

import prometheus_client
from prometheus_client import CollectorRegistry, Gauge

from kpis import reporting as meters
from kpis.pipeline import Meter
from stack.delivery.delivery_error import FaultKind
from stack.delivery.dispatcher import Dispatcher
from stack.reporting.report_service import ReportSchedule


class ReportMetrics:
    """What the process that issues and sends reports shows to Prometheus."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._issued, self._overdue, self._pending, self._looked = map(
            self._gauge, (meters.ISSUED, meters.OVERDUE, meters.PENDING, meters.LOOKED)
        )
        failures = meters.FAILURES
        self._failures = prometheus_client.Counter(
            failures.name.removesuffix("_total"),  # which the client appends
            failures.help,
            failures.labels,
            registry=self.registry,
        )

    def show(self, schedule: ReportSchedule, dispatcher: Dispatcher, now: datetime) -> None:
        """Show what is issued, overdue and not delivered, and that it was looked now."""
        self._looked.set(now.timestamp())
        for (owner, kind), at in schedule.newest().items():
            self._issued.labels(owner, kind).set(at)
        for (owner, kind), seconds in schedule.overdue.items():
            self._overdue.labels(owner, kind).set(seconds)
        for receiver, number in dispatcher.pending().items():
            self._pending.labels(receiver).set(number)

    def failed(self, receiver: str, kind: FaultKind) -> None:
        """Count an attempt that failed."""
        self._failures.labels(receiver, kind.value).inc()

    def _gauge(self, meter: Meter) -> Gauge:
        return Gauge(meter.name, meter.help, meter.labels, registry=self.registry)
