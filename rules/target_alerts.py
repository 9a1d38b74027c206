"""Alerts on targets: behind the plan, short at the end, missed.

Whether a pace is too low is the target's to say: the rules compare it with the target's own `warn`
and `critical`, so that a change of targets.toml holds without another rule.
"""

from kpis.model.kpi import hourly, total
from kpis.plan.plan import Status
from kpis.port import handled, pacing
from kpis.port.throughput import THROUGHPUT
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from rules.alert import Alert, Words, either, of
from rules.go_templates import figure, label, look_up, number

BAND = "0.80"  # the level of the forecast's band that must lie short of the goal
RECENT_MISS = "7d"  # a missed target is told for so long; years that are over stay in the books

TARGET = tuple((name, name) for name in TARGETS.by)
CURRENT, GOAL = of(TARGETS, target_book.current), of(TARGETS, target_book.goal)
GAP, PACE = of(TARGETS, target_book.gap), of(TARGETS, target_book.pace)
STATUS, SHORTFALL = of(TARGETS, target_book.status), of(TARGETS, target_book.shortfall)
FORECAST, BOUND = of(TARGETS, target_book.forecast), of(TARGETS, target_book.forecast_bound)
NEEDED, INFO = of(TARGETS, target_book.required_per_day), of(TARGETS, target_book.named)

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
"""Unit of a target -> what is said behind a difference, in English and Chinese."""


def _units(language: int) -> str:
    """What is said behind a figure of the alert's target."""
    known = "".join(
        f'{{{{ {"else " if place else ""}if eq $unit "{unit}" }}}}{words[language]}'
        for place, (unit, words) in enumerate(_UNITS.items())
    )
    said = (
        f'{{{{ $unit := label "unit" $found }}}}{known}{{{{ else }}}} {{{{ $unit }}}}{{{{ end }}}}'
    )
    return look_up(INFO, TARGET, said, "")


_UNIT, _UNIT_ZH = _units(0), _units(1)
_ON_THE_AREA = (
    f"{of(THROUGHPUT, pacing.recent_per_day)}{{port_area='%s',year='%s',run='%s'}} and on () "
    f"(abs({total(THROUGHPUT[handled.ytd])}{{port_area='%s',year='%s',run='%s'}}"
    f" - on () {CURRENT}{{owner='%s',target='%s',period='%s',run='%s'}}) < 1)"
)
"""TEU a day in the last 28 days, if the target is on all TEU of the area that owns it."""


def _recent(found: str) -> str:
    """What is said of the last 28 days; nothing for a target without such days."""
    area = "$labels.owner $labels.period $labels.run"
    return (
        f'{{{{ with printf "{_ON_THE_AREA}" {area} {area} $labels.owner $labels.target '
        f"$labels.period $labels.run | query }}}}"
        f"{{{{ $n := . | first | value }}}}{found}{{{{ end }}}}"
    )


def _needed(found: str) -> str:
    """What is said of the need a day; nothing for a level, which does not come by days."""
    return look_up(NEEDED, TARGET, "{{ $n := value $found }}" + found, "")


_OPEN = f"unless {STATUS} == {int(Status.ATTAINED)} unless {STATUS} == {int(Status.MISSED)}"


def _slower(than: str) -> str:
    """The gap of each open target whose pace is below its own threshold."""
    return f"{GAP} and {PACE} < {than} {_OPEN}"


BEHIND = either(
    "TargetBehind",
    (
        ("warning", _slower(of(TARGETS, target_book.warn))),
        ("critical", _slower(of(TARGETS, target_book.critical))),
    ),
    wait="1d",
    keep="1h",
    words=Words(
        summary=f"{_NAME} ({{{{ $labels.period }}}}) is behind plan",
        summary_zh=f"{_NAME_ZH}（{{{{ $labels.period }}}}）落后计划",
        description=(
            f"{figure()}{_UNIT} behind plan (pace {look_up(PACE, TARGET, _FORM)})"
            + _needed(f"; {figure('$n')} a day needed")
            + _recent(f", {figure('$n')} in the last 28 days")
            + "."
        ),
        description_zh=(
            f"落后计划{figure()}{_UNIT_ZH}（进度比{look_up(PACE, TARGET, _FORM)}）"
            + _needed(f"；此后日均需{figure('$n')}")
            + _recent(f"，近28日日均{figure('$n')}")
            + "。"
        ),
    ),
    board="targets",
)

_TO_REACH = (
    f"max without (level, bound) ({BOUND.where(level=BAND, bound='upper')}) < {GOAL} "
    f"unless on (owner, target, period, run) {INFO.where(direction='at_most')}"
)
_NOT_TO_PASS = (
    f"max without (level, bound) ({BOUND.where(level=BAND, bound='lower')}) > {GOAL} "
    f"and on (owner, target, period, run) {INFO.where(direction='at_most')}"
)

SHORT = Alert(
    "TargetForecastShort",
    "warning",
    f"{SHORTFALL} > 0 and (({_TO_REACH}) or ({_NOT_TO_PASS})) {_OPEN}",
    "1d",
    "6h",
    Words(
        summary=f"{_NAME} ({{{{ $labels.period }}}}) will fall short if this goes on",
        summary_zh=f"{_NAME_ZH}（{{{{ $labels.period }}}}）按目前走势将无法完成",
        description=(
            f"{figure()}{_UNIT} short at the end: {number(FORECAST, TARGET)} expected of "
            f"{number(GOAL, TARGET)}, and the whole 80 % band falls short"
            + _needed(f"; {figure('$n')} a day needed")
            + _recent(f", {figure('$n')} in the last 28 days")
            + "."
        ),
        description_zh=(
            f"预计期末差{figure()}{_UNIT_ZH}：目标{number(GOAL, TARGET)}，"
            f"预测{number(FORECAST, TARGET)}，80%区间整体未达目标"
            + _needed(f"；此后日均需{figure('$n')}")
            + _recent(f"，近28日日均{figure('$n')}")
            + "。"
        ),
    ),
    board="targets",
)

_PAST_STATUS = hourly(TARGETS[target_book.status])  # a week of samples every 15 s would be 40,000

MISSED = Alert(
    "TargetMissed",
    "critical",
    f"abs({GOAL} - {CURRENT}) and {STATUS} == {int(Status.MISSED)} "
    f"and min_over_time({_PAST_STATUS}[{RECENT_MISS}]) < {int(Status.MISSED)}",
    "1h",
    "1h",
    Words(
        summary=f"{_NAME} ({{{{ $labels.period }}}}) was missed",
        summary_zh=f"{_NAME_ZH}（{{{{ $labels.period }}}}）未完成",
        description=(
            f"The period is over: {number(CURRENT, TARGET)} of {number(GOAL, TARGET)}, "
            f"{figure()}{_UNIT} missing."
        ),
        description_zh=(
            f"期限已过：目标{number(GOAL, TARGET)}，实际{number(CURRENT, TARGET)}，"
            f"差{figure()}{_UNIT_ZH}。"
        ),
    ),
    board="targets",
)

TARGET_ALERTS = (*BEHIND, SHORT, MISSED)
"""Every alert on a target."""
