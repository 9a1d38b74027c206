"""What the worker tells about itself: the pipeline's meters, beside the KPIs."""

from msgspec import Struct

from kpis.model.kpi import Labels, Series

JOB = "quaymark"
"""The job under which Prometheus scrapes the workers."""
RUN_JOB = "quaymark-run"
"""The job of the workers of runs, so that none of them stands in for a live one."""
INSTANCE = "port"
"""The instance of every KPI: they have one owner, so a series goes on when it changes workers."""


class Meter(Struct, frozen=True):
    """A counter (its name ends in `_total`), a gauge, or with bounds a histogram of the worker."""

    name: str
    labels: Labels
    help: str
    bounds: tuple[float, ...] = ()
    """Upper bounds of a histogram's buckets."""

    @property
    def series(self) -> Series:
        """Its series, without the labels that scraping adds."""
        return Series(self.name, self.labels)

    def live(self, **values: str) -> str:
        """A selector of its series at live workers: those of a run's bear its name in `run`."""
        return Series(self.name, (*self.labels, "run")).where(**values, run="")

    @property
    def buckets(self) -> Series:
        """A histogram's buckets."""
        return Series(f"{self.name}_bucket", (*self.labels, "le"))


EVENTS = Meter("pipeline_events_total", ("topic",), "Events read.")
REJECTED = Meter("pipeline_rejected_total", ("reason",), "Events set aside, by reason.")
REPEATS = Meter("pipeline_repeats_total", (), "Events that had been counted before.")
AMENDED = Meter("pipeline_amended_total", (), "Events that replaced an older record.")
RETRACTED = Meter("pipeline_retracted_total", (), "Events that took an earlier one back.")
LATE = Meter("pipeline_late_total", (), "Events booked on a day that was already closed.")
UNCOUNTED = Meter("pipeline_uncounted_total", ("why",), "Moves that are no throughput, by reason.")
FLAGGED = Meter("pipeline_flagged_total", ("flag",), "Moves counted in spite of a doubt, by flag.")
LAG = Meter("pipeline_lag_events", ("topic", "partition"), "Events that wait to be read.")
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
    "Seconds from its sending to the books, of each batch's oldest event.",
    bounds=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)
FACTS = Meter("pipeline_facts", ("partition",), "Facts in the ledger.")
READY = Meter(
    "pipeline_ready", (), "1 once the books are recovered and partitions are assigned, else 0."
)
FORECAST_FAILURES = Meter(
    "pipeline_forecast_failures_total", (), "Forecasts that failed; the one before stands."
)
FORECAST = Meter(
    "pipeline_forecast_timestamp_seconds", (), "When a forecast was last made, in Unix seconds."
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
    FORECAST,
    FORECAST_FAILURES,
)
