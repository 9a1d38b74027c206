"""The alerts that fire now: their severity, subject and duration."""

from typing import Any

from dashboards.grafana.language import Quantity
from dashboards.grafana.layout import describe
from dashboards.grafana.specs import Column, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import (
    BEHIND,
    CRITICAL,
    MUTED,
    TILE,
    WRAPPED,
    number,
    patterns,
    words,
)
from dashboards.panels.portfolio import STAGES
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
    "KpiStale": "Figures are not updated",
    "ForecastFailing": "Forecast fails",
    "ForecastStale": "Forecast is old",
    "KafkaRefuses": "Kafka refuses",
    "WorkerAbsent": "No worker",
    "BackupOverdue": "No backup",
    "InboxStuck": "Files wait in the inbox",
    "InboxFailed": "Files failed",
    "PartnerSilent": "Partner is silent",
    "InboxAbsent": "No inbox",
    "PartnerRefusals": "Partner is refused more",
    "RegisterBehind": "Register is behind",
    "PostsRefused": "Posts are refused",
    "ReceiverDown": "Posts are not taken",
    "ReportLate": "Report is late",
    "ReportUndelivered": "Report is not delivered",
    "ReportsAbsent": "Nobody issues reports",
}
"""Alert -> its message; an alert of another system is shown by its own name."""
SUBJECT_LABELS = (
    "project",
    "milestone",
    "period",
    "port_area",
    "zone",
    "topic",
    "reason",
    "partner",
    "outcome",
    "why",
)
"""Labels, beside a target's name, that tell alerts of one name apart."""
BY = "alertname, severity, what"
UNKNOWN_DAYS = -1
"""Stands for days that are not known: history has alerts, but not since when each one fired."""


def firing_alerts(series: TargetSeries, place: GridPlace) -> Any:
    """The alerts that fire now, the worst first."""
    language, severity = series.language, series.language.text("Severity")
    since = _with_subject(series, f"last_over_time({ALERTS_FOR}{{}}[5m])")
    firing = _with_subject(series, ALERTS.where(alertstate="firing"))
    lasted = f"(time() - {since}) / 86400 and on ({BY}) {firing}"
    days = f"({lasted}) or on ({BY}) ({UNKNOWN_DAYS} * {firing})"
    grounds = {code: TILE[role] for code, (_, role) in SEVERITIES.items()}
    severities = {code: language.text(text, "severity") for code, (text, _) in SEVERITIES.items()}
    stages = patterns(
        {
            f"^(.+) {stage}( .+)?$": f"$1 · {language.text(name, 'stage')}"
            for stage, name in STAGES.items()
        }
    )
    ground = {"type": "color-background", "mode": "basic"}
    names = {name: language.text(text, "alert") for name, text in NAMES.items()}
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
        Column(
            language.text("Alert"),
            {"mappings": words(names), "custom.width": 116},
            label="alertname",
        ),
        Column(
            language.text("What"),
            WRAPPED | {"mappings": stages, "custom.minWidth": 100},
            label="what",
        ),
        Column(
            language.text("Days"),
            number("none", 1, 60) | {"mappings": words({str(UNKNOWN_DAYS): "–"})},
            quantity=Quantity(days),
        ),
    ]
    note = (
        "Each alert is a heading of docs/runbook.md.  It fires once its condition has lasted, for "
        "most targets a day: right after a start none fires.  The days of alerts that history "
        "brought are not known."
    )
    head = PanelHead(
        language.text("Firing now"),
        describe(language, note=note),
        place,
        no_value=language.text("no alert fires"),
    )
    return table(head, columns, sort=(severity, False))


def _with_subject(series: TargetSeries, firing_alerts: str) -> str:
    """Alerts with a label `what`: their target's name, or else the labels of `SUBJECT_LABELS`."""
    info = f"({series.standing()})"
    named = f"{firing_alerts} * on ({KEYS}) group_left ({series.name}) {info}"
    others = f"{firing_alerts} unless on ({KEYS}) {info}"
    labels = ", ".join(f'"{label}"' for label in (series.name, *SUBJECT_LABELS))
    what = f'label_join({named} or ({others}), "what", " ", {labels})'
    return f"max by ({BY}) ({what})"
