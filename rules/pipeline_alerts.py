"""Alerts on the pipeline: no events, events that wait or are rejected, no worker, no backup.

They watch live workers only, since a replay run may have a million events waiting without a fault.
"""

from contract.topics import INDICATORS, MOVES, PROJECTS, TERMINAL_DAYS
from kpis.model.kpi import Series
from kpis.pipeline import (
    EVENTS,
    FORECAST,
    FORECAST_FAILURES,
    JOB,
    LAG,
    LAST_BACKUP,
    LAST_RECEIVED,
    REFUSED,
    REJECTED,
)
from kpis.port import handled, working_hours
from kpis.port.throughput import LATEST, THROUGHPUT
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from rules.alert import Alert, AlertText, recorded_series
from rules.go_templates import whole

WAITING = 1000  # events: hours of live moves; a year that is loaded soon has fewer waiting
LEAST_REJECTED = 10  # an hour: fewer are for the weekly look at `quaymark rejected list`
LEAST_REJECTED_SHARE = 0.01  # of the events read: a loaded year may have thousands
STALE_SECONDS = 900  # snapshots are sent twice a second, so 15 minutes without any is a fault
FRESH_SECONDS = 300
BACKUP_SECONDS = 36 * 3600  # a nightly one that was missed once
FORECAST_SECONDS = 26 * 3600  # a new forecast is made after each day, or more often

AS_OF = recorded_series(THROUGHPUT, handled.as_of)
DUE = recorded_series(LATEST, working_hours.next_move_due)

_UP = Series("up", ("job",)).where(job=JOB)
_RAW = "~" + "|".join(topic.name for topic in (MOVES, PROJECTS, INDICATORS))
_REJECTED = f"sum by (reason) (increase({REJECTED.live()}[1h]))"
_READ = f"sum(increase({EVENTS.live(topic=_RAW)}[1h]))"
_BEFORE = f"sum by (reason) (increase({REJECTED.live()}[1h] offset 1h))"
_LAST_MOVE = f"min(time() - {LAST_RECEIVED.live(topic=MOVES.name)})"
_LAST_DAY = f"min(time() - {LAST_RECEIVED.live(topic=TERMINAL_DAYS.name)})"
_BACKUP_AGE = f"time() - max({LAST_BACKUP.live()})"
_FORECAST_AGE = f"time() - max({FORECAST.live()} > 0)"
_SHOWN = f"count({recorded_series(TARGETS, target_book.forecast_bound)}{{run=''}})"
_PER_MINUTE = f"sum(rate({EVENTS.series}{{topic='%s',run=''}}[5m])) * 60"
_RATE = (
    f'{{{{ with printf "{_PER_MINUTE}" $labels.topic | query }}}}'
    f"{{{{ $n := . | first | value }}}}{whole('$n')}{{{{ else }}}}0{{{{ end }}}}"
)

PIPELINE_ALERTS = (
    Alert(
        "NoEvents",
        "warning",
        f"(time() - max without (year) ({AS_OF})) and time() > {DUE}",
        "10m",
        "5m",
        AlertText(
            summary="No quay move of {{ $labels.port_area }} for {{ $value | humanizeDuration }}",
            summary_zh="{{ $labels.port_area }}已{{ $value | humanizeDuration }}无装卸事件",
            description=(
                "The newest quay move of {{ $labels.port_area }} happened "
                "{{ $value | humanizeDuration }} ago, in working time of the quay; the figures "
                "have not changed since."
            ),
            description_zh=(
                "{{ $labels.port_area }}最新装卸发生于{{ $value | humanizeDuration }}前，"
                "而码头应在作业；此后数据未更新。"
            ),
        ),
        board="port",
    ),
    Alert(
        "NoEventsAtAll",
        "warning",
        f"absent({AS_OF}{{run=''}})",
        "10m",
        "5m",
        AlertText(
            summary="No quay move was ever booked",
            summary_zh="从未记入装卸事件",
            description="The books of all port areas have 0 quay moves.",
            description_zh="各港区账册中装卸事件为0。",
        ),
        board="port",
    ),
    Alert(
        "ConsumerLag",
        "warning",
        f"sum by (topic) (min_over_time({LAG.live()}[10m])) > {WAITING}",
        "10m",
        "5m",
        AlertText(
            summary="Events of {{ $labels.topic }} wait to be read",
            summary_zh="{{ $labels.topic }}事件积压",
            description=(
                f"{whole()} events of {{{{ $labels.topic }}}} wait, the fewest in the last ten "
                f"minutes; {_RATE} a minute are read, so the figures are behind."
            ),
            description_zh=(
                f"{{{{ $labels.topic }}}}积压{whole()}条，近十分钟未曾减少；"
                f"每分钟处理{_RATE}条，数据滞后。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "RejectsRising",
        "warning",
        f"{_REJECTED} > {LEAST_REJECTED} unless {_REJECTED} <= 2 * {_BEFORE} "
        f"unless {_REJECTED} <= on () group_left () {LEAST_REJECTED_SHARE} * {_READ}",
        "5m",
        "15m",
        AlertText(
            summary="More events are rejected as {{ $labels.reason }}",
            summary_zh="被拒事件（{{ $labels.reason }}）增多",
            description=(
                f"{whole()} events were rejected in the last hour as {{{{ $labels.reason }}}}, "
                "more than twice as many as in the hour before and more than 1 % of the events "
                "read; they are missing in the figures until they are corrected and sent again."
            ),
            description_zh=(
                f"近一小时有{whole()}条事件因{{{{ $labels.reason }}}}被拒，"
                "超过前一小时的两倍，且超过读取量的1%；修正重发前，所缺内容不计入数据。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "KpiStale",
        "warning",
        f"{_LAST_DAY} > {STALE_SECONDS} and on () {_LAST_MOVE} < {FRESH_SECONDS}",
        "5m",
        "5m",
        AlertText(
            summary="Moves are read, but the KPIs do not change",
            summary_zh="事件在读取，但指标未更新",
            description=(
                "For {{ $value | humanizeDuration }} no sums of a terminal's day have reached the "
                "KPIs, although moves are read and booked."
            ),
            description_zh=(
                "已有{{ $value | humanizeDuration }}没有码头日汇总到达指标，"
                "而装卸事件仍在读取入账。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "ForecastFailing",
        "warning",
        f"sum(increase({FORECAST_FAILURES.live()}[10m])) > 0",
        "20m",
        "10m",
        AlertText(
            summary="Forecasts fail",
            summary_zh="预测无法生成",
            description=(
                f"{whole()} forecasts failed in the last ten minutes; the forecast before them is "
                "shown, or the run-rate without one. Events are counted all the same."
            ),
            description_zh=(
                f"近十分钟有{whole()}次预测失败；沿用此前的预测，尚无预测时按已完成进度推算。"
                "统计不受影响。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "ForecastStale",
        "warning",
        f"({_FORECAST_AGE}) > {FORECAST_SECONDS} and on () {_SHOWN} > 0",
        "15m",
        "5m",
        AlertText(
            summary="The forecast is {{ $value | humanizeDuration }} old",
            summary_zh="预测已{{ $value | humanizeDuration }}未更新",
            description=(
                "The forecast that is shown was made {{ $value | humanizeDuration }} ago and "
                "ignores the days since; a new one should be made after each day."
            ),
            description_zh=(
                "当前显示的预测生成于{{ $value | humanizeDuration }}前，不含此后各日；"
                "每日结账后应生成新的预测。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "BackupOverdue",
        "warning",
        f"{_BACKUP_AGE} > {BACKUP_SECONDS}",
        "15m",
        "5m",
        AlertText(
            summary="No backup for {{ $value | humanizeDuration }}",
            summary_zh="已{{ $value | humanizeDuration }}无备份",
            description=(
                "The last backup was made {{ $value | humanizeDuration }} ago, or has been "
                "awaited so long; if the disk fails, what came since is lost."
            ),
            description_zh=(
                "最近一次备份是{{ $value | humanizeDuration }}前，或已等待这么久；"
                "磁盘一旦损坏，此后的数据将丢失。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "KafkaRefuses",
        "critical",
        f"max({REFUSED.live()}) > 0",
        "2m",
        "2m",
        AlertText(
            summary="Kafka refuses a worker's login or certificate",
            summary_zh="Kafka拒绝工作进程的登录或证书",
            description=(
                f"{whole()} Kafka brokers refuse a worker's newest connections; once its open "
                "ones end, events wait in Kafka. Nothing is lost."
            ),
            description_zh=(
                f"{whole()}个Kafka节点拒绝工作进程的新连接；现有连接断开后，事件留存于Kafka，"
                "不会丢失。"
            ),
        ),
        board="pipeline",
    ),
    Alert(
        "WorkerAbsent",
        "critical",
        f"absent({_UP} == 1)",
        "2m",
        "2m",
        AlertText(
            summary="No worker answers",
            summary_zh="无工作进程响应",
            description=(
                "0 workers answer Prometheus: events wait in Kafka and the figures do not change; "
                "nothing is lost, and a new worker catches up."
            ),
            description_zh="0个工作进程响应：事件留存于Kafka，数据暂停更新；恢复后自动补齐，不会丢失。",
        ),
        board="pipeline",
    ),
)
"""Every alert on the pipeline; the last one, WorkerAbsent, inhibits those that follow from it."""
