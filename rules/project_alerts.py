"""Alerts on the zone's projects."""

from kpis.zone import milestones
from kpis.zone.investment import INVESTMENT
from rules.alert import Alert, AlertText
from rules.condition import Compare, Figure
from rules.go_templates import whole

_LATE = INVESTMENT[milestones.late_milestone]

PROJECT_ALERTS = (
    Alert(
        "MilestoneLate",
        "warning",
        Compare(Figure(_LATE, per=86_400), ">", 0),  # the alert's value is in days
        "15m",
        "1h",
        AlertText(
            summary="{{ $labels.project }}: {{ $labels.milestone }} is late",
            summary_zh="{{ $labels.project }}：{{ $labels.milestone }} 逾期",
            description=(
                f"{whole()} days late: milestone {{{{ $labels.milestone }}}} of project "
                "{{ $labels.project }} is not met."
            ),
            description_zh=(
                f"项目{{{{ $labels.project }}}}的节点{{{{ $labels.milestone }}}}"
                f"已逾期{whole()}天，尚未完成。"
            ),
        ),
        board="projects",
        subject=_LATE.labels,
    ),
)
"""Every alert on a project."""
