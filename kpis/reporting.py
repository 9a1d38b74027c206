"""The metrics of reports: when each was issued, and since when one is overdue."""

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

REPORT_METERS = (ISSUED, OVERDUE)
