"""Alerts of the past: when the rules would have been pending and when firing, from readings.

Prometheus never evaluates rules over what was loaded into it, so `ALERTS` of those days is written
with the figures.  Only alerts that judge figures have a past; those that watch the pipeline don't.
"""

from collections.abc import Iterator

from msgspec import Struct

from kpis import targets
from kpis.history import Telling
from kpis.kpi import Labels
from kpis.plan import Status
from kpis.targets import TARGETS
from kpis.weave import Dye, Strand
from rules.alert import Alert
from rules.target_alerts import BEHIND

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_JUDGED = {"warning": (Status.BEHIND, Status.CRITICAL), "critical": (Status.CRITICAL,)}
"""Severity -> the codes at which a pace is below the target's own threshold."""
_STATUS = TARGETS[targets.status].series


class _Since(Struct):
    """When the alert of one target became active, and when its condition last held."""

    active: float
    held: float
    fired: bool = False


class PastAlerts:
    """Told the readings of the past in order, says which alerts stand."""

    def __init__(self, dye: Dye) -> None:
        self._dye = dye
        self._since: dict[tuple[Alert, Labels], _Since] = {}

    def values(self, telling: Telling) -> dict[Strand, float]:
        """`ALERTS` as it stands with a telling; only tellings of a status have any."""
        return dict(self._standing(telling))

    def _standing(self, telling: Telling) -> Iterator[tuple[Strand, float]]:
        codes = {
            reading.labels: reading.value
            for reading in telling.readings
            if reading.kpi.series == _STATUS
        }
        for alert in BEHIND:
            wait, keep = _seconds(alert.wait), _seconds(alert.keep)
            for labels, code in codes.items():
                since = self._look(alert, labels, telling.at, code, keep)
                if since is not None:
                    since.fired = since.fired or telling.at - since.active >= wait
                    yield self._strand(alert, labels, "firing" if since.fired else "pending"), 1.0

    def _look(
        self, alert: Alert, labels: Labels, at: float, code: float, keep: float
    ) -> _Since | None:
        """How long an alert has been active; None if it is not, or no longer."""
        since = self._since.get((alert, labels))
        if code in _JUDGED[alert.severity]:
            if since is None:
                since = self._since[alert, labels] = _Since(at, at)
            since.held = at
        elif since is not None and not (since.fired and at - since.held < keep):
            del self._since[alert, labels]
            return None
        return since

    def _strand(self, alert: Alert, labels: Labels, state: str) -> Strand:
        named = (("alertname", alert.name), ("alertstate", state), ("severity", alert.severity))
        own = zip(_STATUS.labels, labels, strict=True)
        return Strand((self._dye.series("ALERTS", (*named, *own)),))


def _seconds(duration: str) -> int:
    """`1d` as Prometheus writes it."""
    return int(duration[:-1]) * _UNITS[duration[-1]]
