"""Every alert there is: on targets, on projects, on the way of the figures."""

from rules.pipeline_alerts import PIPELINE_ALERTS
from rules.project_alerts import PROJECT_ALERTS
from rules.target_alerts import TARGET_ALERTS

GROUP = "quaymark"

ALERTS = (*TARGET_ALERTS, *PROJECT_ALERTS, *PIPELINE_ALERTS)
"""Every alert; two of one name differ in severity.  Each name is a heading of docs/runbook.md."""
