"""Alerts on the zone's projects."""

from kpis.zone import investment
from kpis.zone.investment import INVESTMENT
from rules.alert import Alert, Words, of
from rules.go_templates import whole

LATE = of(INVESTMENT, investment.late_milestone)

PROJECT_ALERTS = (
    Alert(
        "MilestoneLate",
        "warning",
        f"{LATE} / 86400 > 0",
        "15m",
        "1h",
        Words(
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
    ),
)
"""Every alert on a project."""
