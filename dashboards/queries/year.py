"""A port area's year as PromQL: its figures, its plan at any instant, and the fan of its forecast.

No sample is ever written for the future: Prometheus would refuse live ones after it.  So the plan
and the forecast are drawn by these queries, from figures that are known now.
"""

from typing import Any

from dashboards.queries.promql import held, newest, of_year_before, pick, since, whole
from kpis.model.kpi import Kpi, hourly
from kpis.port import handled, pacing
from kpis.port.throughput import THROUGHPUT

NOW = "1h"
"""The age of panels that look at the present, though the board's range ends with the year."""
AREA = {"port_area": "$port_area"}
"""The labels that pick the chosen area."""
HERE = {"terminal": "~${terminal:pipe}"}
"""The labels that pick the chosen terminals; their values are regular expressions already."""
YEAR = AREA | {"year": "$year"}
"""The labels of a year's series.  No terminal: plan, pace and forecast are the port's."""


def kpi(formula: Any) -> Kpi[Any]:
    """The year's KPI of a formula."""
    return THROUGHPUT[formula]


def figure(formula: Any, **labels: str) -> str:
    """A KPI of the chosen year as one number, for a panel that looks at the present."""
    return f"max({held(pick(whole(kpi(formula)), **YEAR, **labels))})"


def known(formula: Any, **labels: str) -> str:
    """What is known of a KPI of the chosen year, as one number at every instant of a curve."""
    return f"sum({newest(pick(hourly(kpi(formula)), **YEAR, **labels))})"


def as_of() -> str:
    """The event time of the newest move: up to here a curve of the year is known."""
    return known(handled.as_of)


def course() -> str:
    """TEU handled since 1 January, at any instant of the chosen year."""
    return f"sum({held(pick(hourly(kpi(handled.ytd)), **YEAR))})"


def course_before() -> str:
    """TEU handled in the year before, on the same day of that year."""
    ytd = held(pick(hourly(kpi(handled.ytd)), **AREA), offset="365d")
    return f"sum({of_year_before(ytd, YEAR['year'])})"


def plan() -> str:
    """T·s at any instant, past or to come: twelve monthly quantities, each filled in its month.

    sum(month_teu * clamp((time() - start) / (end - start), 0, 1))
    """
    teu, start, end = _months()
    return f"sum({teu} * clamp((time() - {start}) / ({end} - {start}), 0, 1))"


def plan_per_day() -> str:
    """TEU a day that the plan asks for in the month of an instant."""
    teu, start, end = _months()
    now = f"({start} <= time()) and ({end} > time())"
    return f"sum({teu} * 86400 / ({end} - {start}) and {now})"


def fan(level: str = "", bound: str = "") -> str:
    """The forecast from the newest figure to the year's end, or an edge of its interval.

    centre = Y + (F - Y)·w, edge = centre + (bound - F)·√w, where w is the share of the plan's
    rest that has passed: errors of independent days grow with the square root.
    """
    teu, forecast = known(handled.ytd), known(pacing.forecast)
    planned, target = known(pacing.planned_to_date), known(pacing.target)
    way = f"clamp((({plan()}) - {planned}) / ({target} - {planned}), 0, 1)"
    ahead = f"{teu} + ({forecast} - {teu}) * {way}"
    if level:
        edge = known(pacing.forecast_bound, level=level, bound=bound)
        ahead = f"{ahead} + ({edge} - {forecast}) * sqrt({way})"
    return since(ahead, as_of())


def _months() -> tuple[str, str, str]:
    """Each month's TEU, start and end."""
    teu, start, end = (
        newest(pick(hourly(kpi(part)), **YEAR))
        for part in (pacing.plan_month, pacing.plan_month_start, pacing.plan_month_end)
    )
    return teu, start, end
