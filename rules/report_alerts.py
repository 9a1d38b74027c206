"""Alerts on reports: one is late, a receiver does not get it, nobody issues any."""

from kpis.model.kpi import Series
from kpis.reporting import LOOKED, OVERDUE, PENDING, REPORTS_JOB
from rules.alert import Alert, AlertText
from rules.go_templates import whole

LATE_SECONDS = 7200  # beyond the time of issue and the patience

SILENT_SECONDS = 1800  # it looks each minute; to catch up on a month or two takes some minutes

_UP = Series("up", ("job",)).where(job=REPORTS_JOB)
_GONE = f"max by (job) (max_over_time({_UP}[7d])) == 1 unless max by (job) ({_UP}) == 1"
_SILENT = f"max by (job) (time() - {LOOKED.series}) > {SILENT_SECONDS}"

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
    Alert(
        "ReportsAbsent",
        "warning",
        f"({_GONE}) or ({_SILENT})",
        "10m",
        "5m",
        AlertText(
            summary="Nobody issues reports",
            summary_zh="报告进程停止",
            description=(
                "0 reports are issued or sent: the process that does so does not answer "
                "Prometheus, though it did within a week, or it stands still. Due reports follow "
                "once it runs; alerts to group robots wait, too."
            ),
            description_zh=(
                "0个报告被签发或发送：报告进程无响应（一周内曾有）或停滞。恢复后补发；"
                "期间群机器人也收不到告警。"
            ),
        ),
        board="pipeline",
    ),
)
"""Every alert on reports; the series of the other two vanish with the process that has them."""
