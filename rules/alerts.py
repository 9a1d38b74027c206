"""All alerts: on targets, projects, the pipeline, inbox, receiver, reports, register, partners."""

from rules.inbox_alerts import INBOX_ALERTS
from rules.partner_alerts import PARTNER_ALERTS
from rules.pipeline_alerts import PIPELINE_ALERTS
from rules.project_alerts import PROJECT_ALERTS
from rules.receiver_alerts import RECEIVER_ALERTS
from rules.register_alerts import REGISTER_ALERTS
from rules.report_alerts import REPORT_ALERTS
from rules.target_alerts import TARGET_ALERTS

GROUP = "quaymark"

ALERTS = (
    *(*TARGET_ALERTS, *PROJECT_ALERTS, *PIPELINE_ALERTS),
    *(*INBOX_ALERTS, *RECEIVER_ALERTS, *REPORT_ALERTS, *REGISTER_ALERTS, *PARTNER_ALERTS),
)
"""Alerts of one name differ in severity.  Each name is a heading of docs/runbook.md."""
