"""Alerts on reports: one that is late, one that a receiver does not get."""

from kpis.reporting import OVERDUE, PENDING
from rules.alert import Alert, AlertText
from rules.go_templates import whole

LATE_SECONDS = 7200  # beyond the time of issue and the patience

REPORT_ALERTS = (
    Alert(
        "ReportLate",
        "warning",
        f"max by (owner, kind) ({OVERDUE.series}) > {LATE_SECONDS}",
        "5m",
        "5m",
        AlertText(
            summary="The {{ $labels.kind }} report of {{ $labels.owner }} is not issued",
            summary_zh="{{ $labels.owner }}的报告（{{ $labels.kind }}）未签发",
            description=(
                "A report is due and not issued, {{ $value | humanizeDuration }} after the time "
                "by which it is issued even as provisional; `report.log` says why."
            ),
            description_zh=(
                "报告应发未发，已超过最晚签发时间{{ $value | humanizeDuration }}；"
                "原因见 `report.log`。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "ReportUndelivered",
        "warning",
        f"max by (receiver) ({PENDING.series}) > 0",
        "1h",
        "5m",
        AlertText(
            summary="{{ $labels.receiver }} does not get its reports",
            summary_zh="{{ $labels.receiver }}未收到报告",
            description=(
                f"{whole()} reports of the last two days did not reach {{{{ $labels.receiver }}}} "
                "for certain; `report.log` says why."
            ),
            description_zh=(
                f"近两日有{whole()}份报告未确认送达{{{{ $labels.receiver }}}}；"
                "原因见 `report.log`。"
            ),
        ),
        board="pipeline",
    ),
)
"""Every alert on reports."""
