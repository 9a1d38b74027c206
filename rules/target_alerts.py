"""Alerts on targets: behind the plan, short at the end, missed.

Each target has its own thresholds: the rules compare its pace with its own `warn` and `critical`,
so that a change of targets.toml needs no new rule.
"""

from typing import Any

from kpis.model.kpi import Kpi, total
from kpis.plan.plan import Status
from kpis.port import handled, pacing
from kpis.port.throughput import THROUGHPUT
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from rules.alert import Alert, AlertText, by_severity, recorded_series
from rules.condition import (
    AnyOf,
    Compare,
    Distance,
    Every,
    Figure,
    HasLabel,
    Present,
    Recently,
)
from rules.go_templates import figure, label, look_up, number

BAND = "0.80"  # the level of the forecast's prediction interval that must lie below the goal
RECENT_MISS = "7d"  # the alert ends a week after the miss, since past years stay in the books

TARGET = tuple((name, name) for name in TARGETS.by)
GOAL, CURRENT = Figure(TARGETS[target_book.goal]), Figure(TARGETS[target_book.current])
GAP, PACE = Figure(TARGETS[target_book.gap]), Figure(TARGETS[target_book.pace])
STATUS, SHORTFALL = Figure(TARGETS[target_book.status]), Figure(TARGETS[target_book.shortfall])
INFO = recorded_series(TARGETS, target_book.named)
NEEDED = recorded_series(TARGETS, target_book.required_per_day)
FORECAST = recorded_series(TARGETS, target_book.forecast)

_FORM = '{{ value $found | printf "%.3f" }}'
_NAME = label(INFO, TARGET, "name_en", "{{ $labels.target }}")
_NAME_ZH = label(INFO, TARGET, "name_zh", "{{ $labels.target }}")
_UNITS = {
    "TEU": (" TEU", "标箱"),
    "yuan": (" yuan", "元"),
    "projects": (" projects", "个项目"),
    "firms": (" firms", "家"),
    "percent": (" percentage points", "个百分点"),
    "rank": (" places", "位"),
    "count": ("", ""),
}
"""Unit of a target -> the text after a difference in it, in English and in Chinese."""


def _units(language: int) -> str:
    """Return the template of the unit of the alert's target."""
    cases = "".join(
        f'{{{{ {"else " if number else ""}if eq $unit "{name}" }}}}{words[language]}'
        for number, (name, words) in enumerate(_UNITS.items())
    )
    unit = (
        f'{{{{ $unit := label "unit" $found }}}}{cases}{{{{ else }}}} {{{{ $unit }}}}{{{{ end }}}}'
    )
    return look_up(INFO, TARGET, unit, "")


_UNIT, _UNIT_ZH = _units(0), _units(1)
_RECENT_PER_DAY = recorded_series(THROUGHPUT, pacing.recent_per_day)
_ON_THE_AREA = (
    f"{_RECENT_PER_DAY}{{port_area='%s',year='%s',run='%s'}} and on () "
    f"(abs({total(THROUGHPUT[handled.ytd])}{{port_area='%s',year='%s',run='%s'}}"
    f" - on () {CURRENT.promql}{{owner='%s',target='%s',period='%s',run='%s'}}) < 1)"
)
"""TEU a day in the last 28 days, if the target measures all TEU of its owner, a port area."""


def _recent(found: str) -> str:
    """Return the template of `found`, with `$n` TEU a day; empty for targets without TEU a day."""
    area = "$labels.owner $labels.period $labels.run"
    return (
        f'{{{{ with printf "{_ON_THE_AREA}" {area} {area} $labels.owner $labels.target '
        f"$labels.period $labels.run | query }}}}"
        f"{{{{ $n := . | first | value }}}}{found}{{{{ end }}}}"
    )


def _needed(found: str) -> str:
    """Return the template of `found`, with `$n` needed a day; empty for a level."""
    return look_up(NEEDED, TARGET, "{{ $n := value $found }}" + found, "")


_WHAT_CHANGED = look_up(
    INFO,
    TARGET,
    '{{ if eq (label "unit" $found) "TEU" }}EXPLAIN'
    "area={{ $labels.owner | urlquery }}&period={{ $labels.period | urlquery }}"
    "&since=24h{{ end }}",
    "",
)
"""What the web page is asked for: why the TEU of the target's period changed since yesterday."""

_CLOSED = (
    Compare(STATUS, "==", int(Status.ATTAINED)),
    Compare(STATUS, "==", int(Status.MISSED)),
)


def _slower(than: Kpi[Any]) -> Every:
    """Return the condition of an open target whose pace is below its own threshold."""
    return Every((Present(GAP), Compare(PACE, "<", Figure(than))), unless=_CLOSED)


BEHIND = by_severity(
    "TargetBehind",
    (
        ("warning", _slower(TARGETS[target_book.warn])),
        ("critical", _slower(TARGETS[target_book.critical])),
    ),
    wait="1d",
    keep="1h",
    text=AlertText(
        summary=f"{_NAME} ({{{{ $labels.period }}}}) is behind plan",
        summary_zh=f"{_NAME_ZH}（{{{{ $labels.period }}}}）落后计划",
        description=(
            f"{figure()}{_UNIT} behind plan (pace {look_up(PACE.promql, TARGET, _FORM)})"
            + _needed(f"; {figure('$n')} a day needed")
            + _recent(f", {figure('$n')} in the last 28 days")
            + "."
        ),
        description_zh=(
            f"落后计划{figure()}{_UNIT_ZH}（进度比{look_up(PACE.promql, TARGET, _FORM)}）"
            + _needed(f"；此后日均需{figure('$n')}")
            + _recent(f"，近28日日均{figure('$n')}")
            + "。"
        ),
    ),
    board="targets",
    subject=TARGETS.by,
    explained=_WHAT_CHANGED,
)

_UPPER, _LOWER = (
    Figure(TARGETS[target_book.forecast_bound], (("level", BAND), ("bound", bound)))
    for bound in ("upper", "lower")
)
_AT_MOST = HasLabel(TARGETS[target_book.named], "direction", "at_most", TARGETS.by)
_BAND_FALLS_SHORT = AnyOf(
    (
        Every((Compare(_UPPER, "<", GOAL),), unless=(_AT_MOST,)),
        Every((Compare(_LOWER, ">", GOAL), _AT_MOST)),
    )
)

SHORT = Alert(
    "TargetForecastShort",
    "warning",
    Every((Compare(SHORTFALL, ">", 0), _BAND_FALLS_SHORT), unless=_CLOSED),
    "1d",
    "6h",
    AlertText(
        summary=f"{_NAME} ({{{{ $labels.period }}}}) will fall short if this continues",
        summary_zh=f"{_NAME_ZH}（{{{{ $labels.period }}}}）按目前走势将无法完成",
        description=(
            f"{figure()}{_UNIT} short at the end: {number(FORECAST, TARGET)} expected of "
            f"{number(GOAL.promql, TARGET)}, and the whole 80 % band falls short"
            + _needed(f"; {figure('$n')} a day needed")
            + _recent(f", {figure('$n')} in the last 28 days")
            + "."
        ),
        description_zh=(
            f"预计期末差{figure()}{_UNIT_ZH}：目标{number(GOAL.promql, TARGET)}，"
            f"预测{number(FORECAST, TARGET)}，80%区间整体未达目标"
            + _needed(f"；此后日均需{figure('$n')}")
            + _recent(f"，近28日日均{figure('$n')}")
            + "。"
        ),
    ),
    board="targets",
    subject=TARGETS.by,
    explained=_WHAT_CHANGED,
)

MISSED = Alert(
    "TargetMissed",
    "critical",
    Every(
        (
            Present(Distance(GOAL, CURRENT)),
            Compare(STATUS, "==", int(Status.MISSED)),
            Recently(TARGETS[target_book.status], below=int(Status.MISSED), within=RECENT_MISS),
        )
    ),
    "1h",
    "1h",
    AlertText(
        summary=f"{_NAME} ({{{{ $labels.period }}}}) was missed",
        summary_zh=f"{_NAME_ZH}（{{{{ $labels.period }}}}）未完成",
        description=(
            f"The period is over: {number(CURRENT.promql, TARGET)} of "
            f"{number(GOAL.promql, TARGET)}, {figure()}{_UNIT} missing."
        ),
        description_zh=(
            f"期限已过：目标{number(GOAL.promql, TARGET)}，实际{number(CURRENT.promql, TARGET)}，"
            f"差{figure()}{_UNIT_ZH}。"
        ),
    ),
    board="targets",
    subject=TARGETS.by,
    explained=_WHAT_CHANGED,
)

TARGET_ALERTS = (*BEHIND, SHORT, MISSED)
"""Every alert on a target."""
