"""The metrics of the HTTP receiver: who posted, and what became of requests and records."""

from kpis.pipeline import Meter

RECEIVER_JOB = "quaymark-receiver"
"""The job under which Prometheus scrapes the HTTP receiver."""

REQUESTS = Meter(
    "receiver_requests_total",
    ("partner", "outcome"),
    "Requests to post events, by partner and outcome; partner - has none, ? no valid token.",
)
POSTED_RECORDS = Meter(
    "receiver_records_total",
    ("partner", "outcome"),
    "Records posted, by partner and outcome.",
)
LAST_POST = Meter(
    "receiver_last_post_timestamp_seconds",
    ("partner",),
    "When Kafka last took events that a partner posted, in Unix seconds.",
)

RECEIVER = (REQUESTS, POSTED_RECORDS, LAST_POST)
