"""A port area's year as PromQL: its figures, its plan at any instant, and the fan of its forecast.

No sample is ever written for the future: Prometheus would refuse live ones after it.  So the plan
and the forecast are drawn by these queries, from figures that are known now.
"""

from typing import Any

from dashboards.promql import newest, since, whole
from kpis import handled, pacing
from kpis.kpi import Kpi
from kpis.throughput import THROUGHPUT

AREA = {"port_area": "$port_area"}
"""The labels that pick the chosen area."""
HERE = {"terminal": "~$terminal"}
"""The labels that pick the chosen terminals."""
YEAR = AREA | {"year": "$year"}
"""The labels of a year's series.  No terminal: plan, pace and forecast are the port's."""


def kpi(formula: Any) -> Kpi[Any]:
    """The year's KPI of a formula."""
    return THROUGHPUT[formula]


def figure(formula: Any, **labels: str) -> str:
    """The newest value of a KPI in the chosen year, as one number."""
    return f"max({newest(whole(kpi(formula)).where(**YEAR, **labels))})"


def as_of() -> str:
    """The event time of the newest move: up to here the year is known."""
    return figure(handled.as_of)


def plan() -> str:
    """T·s at any instant, past or to come: twelve monthly quantities, each filled in its month.

    sum(month_teu * clamp((time() - start) / (end - start), 0, 1))
    """
    teu, start, end = (
        newest(whole(kpi(part)).where(**YEAR))
        for part in (pacing.plan_month, pacing.plan_month_start, pacing.plan_month_end)
    )
    return f"sum({teu} * clamp((time() - {start}) / ({end} - {start}), 0, 1))"


def plan_per_day() -> str:
    """TEU a day that the plan asks for in the month of an instant."""
    teu, start, end = (
        newest(whole(kpi(part)).where(**YEAR))
        for part in (pacing.plan_month, pacing.plan_month_start, pacing.plan_month_end)
    )
    now = f"({start} <= time()) and ({end} > time())"
    return f"sum({teu} * 86400 / ({end} - {start}) and {now})"


def fan(level: str = "", bound: str = "") -> str:
    """The forecast from the newest figure to the year's end, or an edge of its interval.

    centre = Y + (F - Y)·w, edge = centre + (bound - F)·√w, where w is the share of the plan's
    rest that has passed: errors of independent days grow with the square root.
    """
    handled_now, forecast = figure(handled.ytd), figure(pacing.forecast)
    planned, target = figure(pacing.planned_to_date), figure(pacing.target)
    way = f"clamp((({plan()}) - {planned}) / ({target} - {planned}), 0, 1)"
    course = f"{handled_now} + ({forecast} - {handled_now}) * {way}"
    if level:
        edge = figure(pacing.forecast_bound, level=level, bound=bound)
        course = f"{course} + ({edge} - {forecast}) * sqrt({way})"
    return since(course, as_of())
