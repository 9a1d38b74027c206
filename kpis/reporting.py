"""The metrics of reports: when each was issued, which are overdue, which are not delivered."""

from kpis.pipeline import Meter

REPORTS_JOB = "quaymark-reports"
"""The job under which Prometheus scrapes the process that issues reports."""

ISSUED = Meter(
    "report_issued_timestamp_seconds",
    ("owner", "kind"),
    "When the newest report of a kind was issued, in Unix seconds.",
)
OVERDUE = Meter(
    "report_overdue_seconds",
    ("owner", "kind"),
    "Seconds since the patience for a report that is due and not issued was over, or 0.",
)
PENDING = Meter(
    "report_pending_deliveries",
    ("receiver",),
    "Reports of the last two days that a receiver is to get and does not have for certain.",
)
LOOKED = Meter(
    "report_looked_timestamp_seconds",
    (),
    "When it was last looked which reports are due and which are to be sent, in Unix seconds.",
)
FAILURES = Meter(
    "report_delivery_failures_total",
    ("receiver", "reason"),
    "Attempts to deliver a report that failed, by receiver and reason.",
)

REPORT_METERS = (ISSUED, OVERDUE, PENDING, LOOKED, FAILURES)
