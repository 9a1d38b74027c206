"""The metrics of the register of moves: how far it is behind Kafka, and how large it is."""

from kpis.pipeline import Meter

REGISTER_JOB = "quaymark-register"
"""The job under which Prometheus scrapes the process that keeps the register."""

LAG = Meter(
    "register_lag_records",
    (),
    "Records that Kafka has and the register has not read, as of its last look; none if unknown.",
)
LAST_UPDATE = Meter(
    "register_last_update_timestamp_seconds",
    (),
    "When the register last held all that Kafka had, or right after a start was last written, "
    "in Unix seconds.",
)
RECORDS = Meter("register_records", (), "Records of moves that the register holds.")
SIZE = Meter("register_size_bytes", (), "Bytes of the register's files.")
FAILURES = Meter(
    "register_update_failures_total",
    (),
    "Attempts to bring the register up to date that failed.",
)

REGISTER_METERS = (LAG, LAST_UPDATE, RECORDS, SIZE, FAILURES)
"""The metrics of the register; the process that keeps it shows those of partners, too."""
