"""All alerts: on targets, on projects and on the pipeline."""

from rules.pipeline_alerts import PIPELINE_ALERTS
from rules.project_alerts import PROJECT_ALERTS
from rules.target_alerts import TARGET_ALERTS

GROUP = "quaymark"

ALERTS = (*TARGET_ALERTS, *PROJECT_ALERTS, *PIPELINE_ALERTS)
"""Alerts of one name differ in severity.  Each name is a heading of docs/runbook.md."""
