"""Alerts on the way of the figures: no events, events that wait or are refused, no worker.

They watch live workers only: a run that replays a year has a million events waiting, and is well.
"""

from contract.topics import INDICATORS, MOVES, PROJECTS, TERMINAL_DAYS
from kpis.model.kpi import Series
from kpis.pipeline import (
    EVENTS,
    FORECAST,
    FORECAST_FAILURES,
    JOB,
    LAG,
    LAST_RECEIVED,
    REJECTED,
)
from kpis.port import handled, working_hours
from kpis.port.throughput import LATEST, THROUGHPUT
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from rules.alert import Alert, AlertText, recorded_series
from rules.go_templates import whole

WAITING = 1000  # events: live, that is hours of moves; a loaded year passes below it in a minute
REFUSED = 10  # an hour: single slips are for the weekly look at `quaymark rejected list`
REFUSED_SHARE = 0.01  # of what was read: a year that is being loaded brings thousands, and no news
STALE_SECONDS = 900  # snapshots go out twice a second, so a quarter of an hour is a fault
FRESH_SECONDS = 300
FORECAST_SECONDS = (
    26 * 3600
)  # a day that closes asks for a new one, however rarely else it is made

AS_OF = recorded_series(THROUGHPUT, handled.as_of)
DUE = recorded_series(LATEST, working_hours.next_move_due)

_UP = Series("up", ("job",)).where(job=JOB)
_RAW = "~" + "|".join(topic.name for topic in (MOVES, PROJECTS, INDICATORS))
_REFUSED = f"sum by (reason) (increase({REJECTED.live()}[1h]))"
_READ = f"sum(increase({EVENTS.live(topic=_RAW)}[1h]))"
_BEFORE = f"sum by (reason) (increase({REJECTED.live()}[1h] offset 1h))"
_LAST_MOVE = f"min(time() - {LAST_RECEIVED.live(topic=MOVES.name)})"
_LAST_DAY = f"min(time() - {LAST_RECEIVED.live(topic=TERMINAL_DAYS.name)})"
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
                "{{ $value | humanizeDuration }} ago, though the quay should work; the figures "
                "stand still since."
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
            description="0 quay moves are in the books of any port area.",
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
                f"{whole()} events of {{{{ $labels.topic }}}} wait, never fewer in the last ten "
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
        f"{_REFUSED} > {REFUSED} unless {_REFUSED} <= 2 * {_BEFORE} "
        f"unless {_REFUSED} <= on () group_left () {REFUSED_SHARE} * {_READ}",
        "5m",
        "15m",
        AlertText(
            summary="More and more events are refused as {{ $labels.reason }}",
            summary_zh="被拒事件（{{ $labels.reason }}）增多",
            description=(
                f"{whole()} events were set aside in the last hour as {{{{ $labels.reason }}}}, "
                "more than twice as many as in the hour before and more than 1 % of what was "
                "read; what they lack is missing in the figures until it is mended and sent again."
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
            summary="Moves are read, but the KPIs stand still",
            summary_zh="事件在读取，但指标未更新",
            description=(
                "For {{ $value | humanizeDuration }} no sums of a terminal's day have reached the "
                "KPIs, though moves are read and booked."
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
            summary="No forecast can be made",
            summary_zh="预测无法生成",
            description=(
                f"{whole()} forecasts failed in the last ten minutes; the one before stands, or "
                "the run-rate where there is none. The count goes on."
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
                "knows nothing of the days since; every day that closes should bring a new one."
            ),
            description_zh=(
                "当前显示的预测生成于{{ $value | humanizeDuration }}前，不含此后各日；"
                "每日结账后应生成新的预测。"
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
                "0 workers answer Prometheus: events wait in Kafka and the figures stand still; "
                "nothing is lost, and a new worker catches up."
            ),
            description_zh="0个工作进程响应：事件留存于Kafka，数据暂停更新；恢复后自动补齐，不会丢失。",
        ),
        board="pipeline",
    ),
)
"""Every alert on the way of the figures; those but the last fall silent when no worker answers."""
