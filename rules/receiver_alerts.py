"""Alerts on the HTTP receiver: posts that are refused, and posts that nobody takes."""

from kpis.model.kpi import Series
from kpis.receiver import RECEIVER_JOB, REQUESTS
from rules.alert import Alert, AlertText
from rules.go_templates import whole

STRANGERS = 10  # an hour without a valid token: fewer are a mistyped one, or somebody looking

_UP = Series("up", ("job",)).where(job=RECEIVER_JOB)


def _rise(window: str, **labels: str) -> str:
    return f"increase({REQUESTS.series.where(**labels)}[{window}])"


_REFUSED = f"sum by (partner, outcome) ({_rise('1h', outcome='~failed|refused')}) > 0"
_STRANGE = f"sum by (partner, outcome) ({_rise('1h', outcome='unauthorized')}) > {STRANGERS}"
_GONE = f"max_over_time({_UP}[1d]) == 1 unless {_UP} == 1"
_AWAY = (
    f"sum by (job, instance) ({_rise('15m', outcome='unavailable')}) > 0 unless "
    f"sum by (job, instance) ({_rise('15m', outcome='~done|partly|failed')}) > 0"
)

RECEIVER_ALERTS = (
    Alert(
        "PostsRefused",
        "warning",
        f"({_REFUSED}) or ({_STRANGE})",
        "1m",
        "15m",
        AlertText(
            summary="Posts of {{ $labels.partner }} are refused ({{ $labels.outcome }})",
            summary_zh="{{ $labels.partner }}的推送被拒绝（{{ $labels.outcome }}）",
            description=(
                f"{whole()} requests of {{{{ $labels.partner }}}} to post events ended as "
                "{{ $labels.outcome }} in the last hour, so nothing of them is in the figures."
            ),
            description_zh=(
                f"近一小时{{{{ $labels.partner }}}}有{whole()}次推送结果为"
                "{{ $labels.outcome }}，内容未计入数据。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "ReceiverDown",
        "warning",
        f"({_GONE}) or ({_AWAY})",
        "5m",
        "2m",
        AlertText(
            summary="Posted events are not taken",
            summary_zh="推送的事件无法接收",
            description=(
                "0 posts are taken: the HTTP receiver does not answer Prometheus, though it did "
                "within a day, or it reaches no Kafka.  Senders keep their events until it does."
            ),
            description_zh=(
                "0个推送被接收：HTTP接收进程无响应（一日内曾有），或无法连接Kafka。"
                "发送方应保留事件，恢复后重发。"
            ),
        ),
        board="pipeline",
    ),
)
"""Every alert on the receiver."""
