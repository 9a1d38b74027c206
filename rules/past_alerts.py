"""The alerts of history: when the rules would have been pending and when firing, from readings.

Prometheus evaluates no rule over history that is loaded into it, so `ALERTS` of those days is
written with the figures.  Alerts on KPIs have a history, alerts on the pipeline have none.  The
history of targets and projects has one point a day, so an alert that waits less than a day fires
at once.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from kpis.model.kpi import Labels
from kpis.past.history import DAILY_SECONDS, HELD_SECONDS, HistoryPoint
from kpis.past.openmetrics import SeriesNamer, SeriesNames, SeriesValues
from rules.alert import Alert
from rules.alerts import ALERTS
from rules.condition import Condition, Readings

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DAY_SECONDS = 86_400


class _Since(Struct):
    """When an alert became active, when its condition last held, and whether it has fired."""

    active: float
    held: float
    fired: bool = False


class _Subject(NamedTuple):
    """A target or a milestone: the names of the labels that identify it, and their values."""

    names: Labels
    values: Labels


class PastAlerts:
    """The state of each alert, from the readings of history in order of time."""

    def __init__(self, namer: SeriesNamer) -> None:
        self._namer = namer
        self._judged: list[tuple[Alert, Condition]] = [
            (alert, alert.condition) for alert in ALERTS if isinstance(alert.condition, Condition)
        ]
        self._subjects = {alert.subject for alert, _ in self._judged}
        self._since: dict[tuple[str, str, Labels], _Since] = {}

    def values(self, point: HistoryPoint) -> Iterator[SeriesValues]:
        """Return the series `ALERTS` from a point of history on, if alerts judge its readings."""
        if point.step_seconds == DAILY_SECONDS or not point.readings:
            states = dict(self._states(point))
            yield SeriesValues(f"{point.subject} alerts", states, HELD_SECONDS)

    def _states(self, point: HistoryPoint) -> Iterator[tuple[SeriesNames, float]]:
        by_subject = self._by_subject(point)
        for alert, condition in self._judged:
            for subject, readings in by_subject.items():
                if subject.names == alert.subject:
                    holds = condition.holds(readings)
                    if state := self._state(alert, subject.values, point.at, holds):
                        yield self._names(alert, subject, state), 1.0

    def _by_subject(self, point: HistoryPoint) -> dict[_Subject, Readings]:
        found: defaultdict[_Subject, dict[tuple[str, Labels], float]] = defaultdict(dict)
        for reading in point.readings:
            for names in self._subjects:
                length = len(names)
                if reading.kpi.labels[:length] == names:
                    own = str(reading.kpi.series), reading.labels[length:]
                    found[_Subject(names, reading.labels[:length])][own] = reading.value
        return dict(found)

    def _state(self, alert: Alert, own: Labels, at: float, holds: bool) -> str:
        """Return `pending`, `firing`, or nothing."""
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

    def _names(self, alert: Alert, subject: _Subject, state: str) -> SeriesNames:
        labels = (
            ("alertname", alert.name),
            ("alertstate", state),
            ("severity", alert.severity),
            *zip(subject.names, subject.values, strict=True),
        )
        return SeriesNames((self._namer.series("ALERTS", labels),))


def _seconds(duration: str) -> int:
    """Return the seconds of a duration as Prometheus writes it, such as `1d`."""
    return int(duration[:-1]) * _UNITS[duration[-1]]
