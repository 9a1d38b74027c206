"""The worker's own metrics, on the pipeline; KPIs are declared elsewhere."""

from msgspec import Struct

from kpis.model.kpi import Labels, Series

JOB = "quaymark"
"""The job under which Prometheus scrapes the workers."""
RUN_JOB = "quaymark-run"
"""The job of the workers of replay runs, so that none is taken for a live worker."""
INSTANCE = "port"
"""The instance of every KPI series, so that a series continues when its worker changes."""


class Meter(Struct, frozen=True):
    """A metric of the worker: a counter (`…_total`), a gauge, or with `bounds` a histogram."""

    name: str
    labels: Labels
    help: str
    bounds: tuple[float, ...] = ()
    """The upper bounds of a histogram's buckets."""

    @property
    def series(self) -> Series:
        """The series of the metric, without the labels that scraping adds."""
        return Series(self.name, self.labels)

    def live(self, **values: str) -> str:
        """Return a selector of its series at live workers, whose label `run` is empty."""
        return Series(self.name, (*self.labels, "run")).where(**values, run="")

    @property
    def buckets(self) -> Series:
        """The series of a histogram's buckets."""
        return Series(f"{self.name}_bucket", (*self.labels, "le"))


EVENTS = Meter("pipeline_events_total", ("topic",), "Events read.")
REJECTED = Meter("pipeline_rejected_total", ("reason",), "Events rejected, by reason.")
REPEATS = Meter("pipeline_repeats_total", (), "Events that had been counted before.")
AMENDED = Meter("pipeline_amended_total", (), "Events that replaced an older record.")
RETRACTED = Meter("pipeline_retracted_total", (), "Events that retracted an earlier one.")
LATE = Meter(
    "pipeline_late_total", (), "Events booked on a day before the one before Kafka got them."
)
UNCOUNTED = Meter("pipeline_uncounted_total", ("why",), "Moves in no sum, by cause.")
FLAGGED = Meter(
    "pipeline_flagged_total", ("flag",), "Moves counted although a fault is flagged, by flag."
)
LAG = Meter("pipeline_lag_events", ("topic", "partition"), "Events waiting to be read.")
LAST_EVENT = Meter(
    "pipeline_last_event_timestamp_seconds",
    ("topic",),
    "When the newest event happened, in Unix seconds.",
)
LAST_RECEIVED = Meter(
    "pipeline_last_received_timestamp_seconds",
    ("topic",),
    "When an event was last read, in Unix seconds.",
)
LATENCY = Meter(
    "pipeline_latency_seconds",
    ("topic",),
    "Seconds from sending to booking, of the oldest event of each batch.",
    bounds=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)
FACTS = Meter("pipeline_facts", ("partition",), "Facts in the ledger.")
READY = Meter(
    "pipeline_ready", (), "1 once the books are recovered and partitions are assigned, else 0."
)
REFUSED = Meter(
    "pipeline_kafka_refused",
    (),
    "Kafka brokers that refused the newest connection to them, in the last minute.",
)
FORECAST_FAILURES = Meter(
    "pipeline_forecast_failures_total", (), "Forecasts that failed; the one before is used."
)
FORECAST = Meter(
    "pipeline_forecast_timestamp_seconds", (), "When a forecast was last made, in Unix seconds."
)
LAST_BACKUP = Meter(
    "pipeline_last_backup_timestamp_seconds",
    (),
    "When the last backup was made, or since when one is awaited, in Unix seconds.",
)
OWNED = Meter("pipeline_owned_partitions", ("topic",), "Partitions that this worker owns.")

PIPELINE = (
    EVENTS,
    REJECTED,
    REPEATS,
    AMENDED,
    RETRACTED,
    LATE,
    UNCOUNTED,
    FLAGGED,
    LAG,
    LAST_EVENT,
    LAST_RECEIVED,
    LATENCY,
    FACTS,
    OWNED,
    READY,
    REFUSED,
    FORECAST,
    FORECAST_FAILURES,
    LAST_BACKUP,
)
