"""Alerts of the past: when the rules would have been pending and when firing, from readings.

Prometheus evaluates no rule over what is loaded into it, so `ALERTS` of those days is written with
the figures.  Only alerts that judge figures have a past; those that watch the pipeline don't.
Targets and projects are told once a day: an alert that waits less long fires at once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from kpis.model.kpi import Kpi, Labels
from kpis.past.history import DAILY_SECONDS, HELD_SECONDS, HistoryPoint
from kpis.past.openmetrics import SeriesNamer, SeriesNames, SeriesValues
from kpis.plan.plan import Status
from kpis.target import target_book
from kpis.target.target_book import TARGETS
from kpis.zone import investment
from kpis.zone.investment import INVESTMENT
from rules.alert import Alert
from rules.alerts import ALERTS
from rules.target_alerts import BAND

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DAY_SECONDS = 86_400


class PastFigures(dict[tuple[str, Labels], float]):
    """What one telling says of one target or milestone: (series, further labels) -> value."""

    def of(self, kpi: Kpi[Any], *labels: str) -> float | None:
        """The value of a KPI; None where there is none."""
        return self.get((str(kpi.series), labels))


class PastSubject(NamedTuple):
    """What is judged, by the labels that tell one from another, and when an alert on it holds."""

    labels: Labels
    holds: Callable[[PastFigures], bool]


def _is_slower(than: Kpi[Any]) -> Callable[[PastFigures], bool]:
    """Is the pace of an open target below its own threshold?"""

    def holds(figures: PastFigures) -> bool:
        pace, threshold = figures.of(TARGETS[target_book.pace]), figures.of(than)
        return _is_open(figures) and None not in (pace, threshold) and pace < threshold  # type: ignore[operator]  # neither is None

    return holds


def _is_short(figures: PastFigures) -> bool:
    """Does the whole band of an open target's forecast fall short?"""
    goal = figures.of(TARGETS[target_book.goal])
    upper, lower = (
        figures.of(TARGETS[target_book.forecast_bound], BAND, bound)
        for bound in ("upper", "lower")
    )
    if goal is None or upper is None or lower is None or not _is_open(figures):
        return False
    at_most = any(
        series == TARGETS[target_book.named].series and "at_most" in labels
        for series, labels in figures
    )
    falls = lower > goal if at_most else upper < goal
    return falls and (figures.of(TARGETS[target_book.shortfall]) or 0) > 0


def _is_open(figures: PastFigures) -> bool:
    status = figures.of(TARGETS[target_book.status])
    return status is not None and status not in (Status.ATTAINED, Status.MISSED)


def _is_missed(figures: PastFigures) -> bool:
    return figures.of(TARGETS[target_book.status]) == Status.MISSED


def _is_late(figures: PastFigures) -> bool:
    return (figures.of(INVESTMENT[investment.late_milestone]) or 0) > 0


_MILESTONE = INVESTMENT[investment.late_milestone].labels
JUDGED: dict[tuple[str, str], PastSubject] = {
    ("TargetBehind", "warning"): PastSubject(TARGETS.by, _is_slower(TARGETS[target_book.warn])),
    ("TargetBehind", "critical"): PastSubject(
        TARGETS.by, _is_slower(TARGETS[target_book.critical])
    ),
    ("TargetForecastShort", "warning"): PastSubject(TARGETS.by, _is_short),
    ("TargetMissed", "critical"): PastSubject(TARGETS.by, _is_missed),
    ("MilestoneLate", "warning"): PastSubject(_MILESTONE, _is_late),
}
"""Name and severity of an alert on figures -> how it is judged without PromQL."""


class _Since(Struct):
    """When an alert became active, when its condition last held, whether it fires."""

    active: float
    held: float
    fired: bool = False


class PastAlerts:
    """Told the readings of the past in order, says which alerts stand."""

    def __init__(self, dye: SeriesNamer) -> None:
        self._dye = dye
        self._judged = [
            (alert, judged)
            for alert in ALERTS
            if (judged := JUDGED.get((alert.name, alert.severity)))
        ]
        self._since: dict[tuple[str, str, Labels], _Since] = {}

    def spin(self, telling: HistoryPoint) -> Iterator[SeriesValues]:
        """`ALERTS` as it stands with a telling, where that judges something."""
        if telling.step_seconds == DAILY_SECONDS or not telling.readings:
            values = dict(self._standing(telling))
            yield SeriesValues(f"{telling.subject} alerts", values, HELD_SECONDS)

    def _standing(self, telling: HistoryPoint) -> Iterator[tuple[SeriesNames, float]]:
        figures: defaultdict[tuple[Labels, Labels], PastFigures] = defaultdict(PastFigures)
        for reading in telling.readings:
            names = reading.kpi.labels
            for judged in (TARGETS.by, _MILESTONE):
                if names[: len(judged)] == judged:
                    own, more = reading.labels[: len(judged)], reading.labels[len(judged) :]
                    figures[judged, own][str(reading.kpi.series), more] = reading.value
        for alert, judged_by in self._judged:
            for (labels, own), found in figures.items():
                if labels == judged_by.labels:
                    holds = judged_by.holds(found)
                    if state := self._look(alert, own, telling.at, holds):
                        yield self._strand(alert, labels, own, state), 1.0

    def _look(self, alert: Alert, own: Labels, at: float, holds: bool) -> str:
        """`pending`, `firing`, or nothing."""
        key = alert.name, alert.severity, own
        since = self._since.get(key)
        if holds:
            since = self._since.setdefault(key, _Since(at, at))
            since.held = at
            wait = _seconds(alert.wait)
            since.fired = since.fired or wait < _DAY_SECONDS or at - since.active >= wait
        elif since is not None and not (since.fired and at - since.held < _seconds(alert.keep)):
            del self._since[key]
            return ""
        return "" if since is None else "firing" if since.fired else "pending"

    def _strand(self, alert: Alert, labels: Labels, own: Labels, state: str) -> SeriesNames:
        named = (("alertname", alert.name), ("alertstate", state), ("severity", alert.severity))
        return SeriesNames((self._dye.series("ALERTS", (*named, *zip(labels, own, strict=True))),))


def _seconds(duration: str) -> int:
    """`1d` as Prometheus writes it."""
    return int(duration[:-1]) * _UNITS[duration[-1]]
