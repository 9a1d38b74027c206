"""A condition's PromQL and its judgement of history agree: promtool holds them together."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from kpis.model.kpi import Kpi, Labels, hourly, recorded
from kpis.target import target_book as t
from kpis.target.target_book import TARGETS
from kpis.zone import milestones
from kpis.zone.investment import INVESTMENT
from rules.alert import Alert
from rules.alerts import ALERTS
from rules.condition import Condition
from rules.inbox_alerts import INBOX_ALERTS
from rules.partner_alerts import PARTNER_ALERTS
from rules.pipeline_alerts import PIPELINE_ALERTS
from rules.receiver_alerts import RECEIVER_ALERTS
from rules.register_alerts import REGISTER_ALERTS
from rules.report_alerts import REPORT_ALERTS
from tests.unit.promtool import promtool

ON_KPIS = [
    alert
    for alert in ALERTS
    if alert
    not in (
        *(*PIPELINE_ALERTS, *INBOX_ALERTS, *RECEIVER_ALERTS),
        *(*REPORT_ALERTS, *REGISTER_ALERTS, *PARTNER_ALERTS),
    )
]
Case = dict[tuple[Kpi[Any], Labels], float]
"""(KPI, values of its own labels) -> value, of one target or milestone."""


def target_cases() -> Iterator[Case]:
    """Paces with every status, then forecasts with every status; None is a figure that is absent.

    A pace of 0.85 is below both thresholds, 0.90 and 0.97 are at one, 0.95 is between them.  The
    goal is 100, so a bound of 90 is below it and one of 110 above it.
    """
    statuses = (None, 0, 1, 2, 3, 4)
    for pace, status in product((None, 0.85, 0.90, 0.95, 0.97), statuses):
        yield target_case({t.pace: pace, t.gap: 0.1, t.status: status})
    directions, bounds = ("at_least", "at_most"), (None, 90.0, 110.0)
    for direction, lower, upper in product(directions, bounds, bounds):
        for shortfall, status in ((None, 2), (0.0, 2), *((5.0, one) for one in statuses)):
            figures = {t.shortfall: shortfall, t.status: status}
            yield target_case(figures, {"lower": lower, "upper": upper}, direction)


def target_case(
    figures: Mapping[Callable[..., Any], float | None],
    bounds: Mapping[str, float | None] = MappingProxyType({}),
    direction: str = "at_least",
) -> Case:
    known = {t.warn: 0.97, t.critical: 0.90, t.goal: 100.0, t.current: 95.0} | dict(figures)
    case: Case = {(TARGETS[of], ()): v for of, v in known.items() if v is not None}
    case[TARGETS[t.named], ("目标", "Goal", "x", "TEU", direction)] = 1.0
    for bound, value in bounds.items():
        if value is not None:
            case[TARGETS[t.forecast_bound], ("0.80", bound)] = value
            case[TARGETS[t.forecast_bound], ("0.95", bound)] = 100.0
    return case


def milestone_cases() -> Iterator[Case]:
    for late in (None, 0.0, 86_400.0):
        yield {} if late is None else {(INVESTMENT[milestones.late_milestone], ()): late}


def series_of(case: Case, subject: Labels, number: int) -> Iterator[dict[str, str]]:
    """The series that Prometheus has of a case; its first label is the number of the case."""
    values = (str(number), *("x" for _ in subject[1:]))
    for (kpi, own), value in case.items():
        labels = zip((*subject, *kpi.labels[len(subject) :]), (*values, *own), strict=True)
        inside = ",".join(f'{name}="{label}"' for name, label in labels)
        yield {"series": f"{recorded(kpi)}{{{inside}}}", "values": f"{value}x1"}
        if kpi.of is t.status:  # it was another status until now
            yield {"series": f"{hourly(kpi)}{{{inside}}}", "values": f"0 {value}"}


@pytest.mark.parametrize("alert", ON_KPIS, ids=[f"{one.name}-{one.severity}" for one in ON_KPIS])
def test_promql_fires_where_the_judgement_of_history_does(alert: Alert, tmp_path: Path) -> None:
    condition = alert.condition
    assert isinstance(condition, Condition)
    cases = list(target_cases() if alert.subject == TARGETS.by else milestone_cases())
    holds = [
        condition.holds({(str(kpi.series), own): v for (kpi, own), v in case.items()})
        for case in cases
    ]
    first = alert.subject[0]
    firing = [n for n, fires in enumerate(holds) if fires]
    series = [one for n, case in enumerate(cases) for one in series_of(case, alert.subject, n)]
    (tmp_path / "rules.yml").write_text("groups: []")
    test = {
        "interval": "1m",
        "input_series": series,
        "promql_expr_test": [
            {
                "expr": f"count by ({first}) ({condition.promql})",
                "eval_time": "1m",
                "exp_samples": [{"labels": f'{{{first}="{n}"}}', "value": 1} for n in firing],
            }
        ],
    }
    file = tmp_path / "test.yml"
    file.write_text(json.dumps({"rule_files": ["rules.yml"], "tests": [test]}))

    done = promtool("test", "rules", file)

    assert 0 < sum(holds) < len(holds), "some cases fire, some stay quiet"
    assert done.returncode == 0, done.stdout + done.stderr
