"""The alerts that fire now: how bad, what, of whom, and for how long."""

from typing import Any

from dashboards.grafana.language import Quantity
from dashboards.grafana.layout import about
from dashboards.grafana.specs import Column, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import BEHIND, CRITICAL, MUTED, TILE, words
from dashboards.queries.external import ALERTS, ALERTS_FOR
from dashboards.queries.target_series import KEYS, TargetSeries

SEVERITIES = {
    "critical": ("Critical", CRITICAL),
    "warning": ("Warning", BEHIND),
    "info": ("Info", MUTED),
}
NAMES = {
    "TargetBehind": "Behind plan",
    "TargetForecastShort": "Forecast falls short",
    "TargetMissed": "Missed",
    "MilestoneLate": "Milestone late",
    "NoEvents": "No moves",
    "NoEventsAtAll": "No moves at all",
    "ConsumerLag": "Events wait",
    "RejectsRising": "Rejects rising",
    "KpiStale": "Figures stand still",
    "ForecastFailing": "Forecast fails",
    "ForecastStale": "Forecast is old",
    "WorkerAbsent": "No worker",
}
"""Alert -> its message; an alert of somebody else's is shown by its name."""
OF_WHOM = ("project", "milestone", "period", "port_area", "zone", "topic", "reason")
"""Labels that tell alerts of one name apart, beside the name of a target."""
BY = "alertname, severity, what"


def alerts(aims: TargetSeries, place: GridPlace) -> Any:
    """The alerts that fire now, the worst first."""
    say, severity = aims.say, aims.say("Severity")
    since = _told(aims, f"last_over_time({ALERTS_FOR}{{}}[5m])")
    firing = _told(aims, ALERTS.where(alertstate="firing"))
    days = f"(time() - {since}) / 86400 and on ({BY}) {firing}"
    grounds = {code: TILE[role] for code, (_, role) in SEVERITIES.items()}
    severities = {code: say(text, "severity") for code, (text, _) in SEVERITIES.items()}
    ground = {"type": "color-background", "mode": "basic"}
    names = {name: say(text, "alert") for name, text in NAMES.items()}
    columns = [
        Column(
            severity,
            {
                "mappings": words(severities, grounds),
                "custom.cellOptions": ground,
                "custom.width": 76,
            },
            label="severity",
        ),
        Column(say("Alert"), {"mappings": words(names), "custom.width": 116}, label="alertname"),
        Column(say("What"), {"custom.minWidth": 100}, label="what"),
        Column.of(say("Days"), Quantity(days, "none", 1), 60),
    ]
    note = "From Prometheus's own series of alerts; each alert is a heading of docs/runbook.md."
    head = PanelHead(say("Firing now"), about(say, note=note), place, none=say("no alert fires"))
    return table(head, columns, sort=(severity, False))


def _told(aims: TargetSeries, alerts: str) -> str:
    """Alerts with a label `what`: the target's name in the language, or what else they are of."""
    info = f"({aims.standing()})"
    named = f"{alerts} * on ({KEYS}) group_left ({aims.name}) {info}"
    others = f"{alerts} unless on ({KEYS}) {info}"
    labels = ", ".join(f'"{label}"' for label in (aims.name, *OF_WHOM))
    what = f'label_join({named} or ({others}), "what", " ", {labels})'
    return f"max by ({BY}) ({what})"
