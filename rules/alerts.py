"""Alerts: a year behind its plan, figures that no longer move, a worker that is gone.

Each says what is missing, in English and Chinese, and where the runbook goes on.  Whether a pace
is too low is the target's to say (its `warn` and `critical`), so the rules read the status.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from contract.topics import MOVES
from kpis import pacing
from kpis.kpi import Figure, Series, recorded
from kpis.pipeline import JOB, LAST_EVENT
from kpis.plan import Status
from kpis.throughput import THROUGHPUT

QUIET_SECONDS = (
    2 * 3600
)  # the quay works day and night: a move every half minute, so hours mean a fault
GROUP = "quaymark"


class Words(Struct, frozen=True):
    """What an alert says, in both languages of the operations room."""

    summary: str
    summary_zh: str
    description: str
    description_zh: str


class Alert(Struct, frozen=True):
    """One alert: its expression must hold for `wait`, and it fires on for `keep` after that."""

    name: str
    severity: str
    expr: str
    wait: str
    keep: str
    words: Words

    @property
    def rule(self) -> dict[str, Any]:
        """The rule as Prometheus's rule files write it."""
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": self.wait,
            "keep_firing_for": self.keep,
            "labels": {"severity": self.severity},
            "annotations": {
                "summary": self.words.summary,
                "summary_zh": self.words.summary_zh,
                "description": self.words.description,
                "description_zh": self.words.description_zh,
                "runbook": f"docs/runbook.md#{self.name.lower()}",
            },
        }


def _of(formula: Callable[..., Figure]) -> Series:
    """The recorded series of a throughput KPI."""
    return recorded(THROUGHPUT[formula])


def _query(series: Series, form: str) -> str:
    """A template that looks up a series of the alert's port area and year."""
    query = f"{series}{{port_area='%s',year='%s'}}"
    return (
        f'{{{{ with printf "{query}" $labels.port_area $labels.year | query }}}}'
        f'{{{{ . | first | value | printf "{form}" }}}}{{{{ else }}}}?{{{{ end }}}}'
    )


def _behind(status: Status) -> str:
    """The gap of each area and year that has a status."""
    return f"{_of(pacing.gap)} and {_of(pacing.status)} == {int(status)}"


_GAP = '{{ $value | printf "%.0f" }}'
_NEED = _query(_of(pacing.required_per_day), "%.0f")
_RECENT = _query(_of(pacing.recent_per_day), "%.0f")
_PACE = _query(_of(pacing.pace), "%.3f")

_PACE_WORDS = Words(
    summary="{{ $labels.port_area }} {{ $labels.year }} is behind plan",
    summary_zh="{{ $labels.port_area }} {{ $labels.year }}年吞吐量落后计划",
    description=(
        f"{_GAP} TEU behind plan (pace {_PACE}); {_NEED} TEU a day needed from now on, "
        f"{_RECENT} in the last 28 days."
    ),
    description_zh=(
        f"落后计划{_GAP}标箱（进度比{_PACE}）；此后日均需完成{_NEED}标箱，近28日日均{_RECENT}标箱。"
    ),
)

_LAST_EVENT = LAST_EVENT.series.where(topic=MOVES.name)
_UP = Series("up", ("job",)).where(job=JOB)

ALERTS = (
    Alert("PortPaceBelowPlan", "warning", _behind(Status.BEHIND), "1d", "1h", _PACE_WORDS),
    Alert("PortPaceBelowPlan", "critical", _behind(Status.CRITICAL), "1d", "1h", _PACE_WORDS),
    Alert(
        "NoEvents",
        "warning",
        f"time() - max by (topic) ({_LAST_EVENT}) > {QUIET_SECONDS}",
        "10m",
        "5m",
        Words(
            summary="No move has been reported for {{ $value | humanizeDuration }}",
            summary_zh="已有{{ $value | humanizeDuration }}未收到装卸事件",
            description=(
                "The newest event of {{ $labels.topic }} happened {{ $value | humanizeDuration }} "
                "ago; the figures stand still since."
            ),
            description_zh=(
                "{{ $labels.topic }}最新事件发生于{{ $value | humanizeDuration }}前，"
                "此后数据未更新。"
            ),
        ),
    ),
    Alert(
        "NoEventsAtAll",
        "warning",
        f"absent({_LAST_EVENT})",
        "10m",
        "5m",
        Words(
            summary="No move has been reported at all",
            summary_zh="从未收到装卸事件",
            description="No worker has read any event of {{ $labels.topic }}.",
            description_zh="各工作进程均未读到{{ $labels.topic }}的事件。",
        ),
    ),
    Alert(
        "WorkerAbsent",
        "critical",
        f"absent({_UP} == 1)",
        "2m",
        "2m",
        Words(
            summary="No worker answers",
            summary_zh="无工作进程响应",
            description=(
                "0 workers answer Prometheus: events wait in Kafka and the figures stand still; "
                "nothing is lost, and a new worker catches up."
            ),
            description_zh="0个工作进程响应：事件留存于Kafka，数据暂停更新；恢复后自动补齐，不会丢失。",
        ),
    ),
)
"""Every alert; two of one name differ in severity.  Each name is a heading of docs/runbook.md."""
