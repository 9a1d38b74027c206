"""The alert on the register of moves: it is not brought up to date, or nobody keeps it."""

from kpis.model.kpi import Series
from kpis.register import LAST_UPDATE, REGISTER_JOB
from rules.alert import Alert, AlertText

BEHIND_SECONDS = 900  # it looks every 20 s; a first register of a year takes a minute or two

_UP = Series("up", ("job",)).where(job=REGISTER_JOB)
_GONE = f"max by (job) (max_over_time({_UP}[7d])) == 1 unless max by (job) ({_UP}) == 1"
# held over restarts: one that never gets to answer for long is behind, too
_BEHIND = f"max by (job) (time() - last_over_time({LAST_UPDATE.series}[5m])) > {BEHIND_SECONDS}"

REGISTER_ALERTS = (
    Alert(
        "RegisterBehind",
        "warning",
        f"({_GONE}) or ({_BEHIND})",
        "5m",
        "5m",
        AlertText(
            summary="The register is not brought up to date",
            summary_zh="作业登记册未更新",
            description=(
                "0 new records reach the register: the process that keeps it does not answer "
                "Prometheus, though it did within a week, or could not for a quarter of an hour. "
                "Figures explained and those of partners end before that; the KPIs do not."
            ),
            description_zh=(
                "作业登记册的新增记录为0：登记进程无响应（一周内曾有），或已有一刻钟无法更新。"
                "“数字由来”与合作方数据停在此前；各项指标不受影响。"
            ),
        ),
        board="pipeline",
    ),
)
"""Every alert on the register."""
