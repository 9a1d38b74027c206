"""A port area's year as PromQL: its figures, its plan at any instant, and its forecast's path.

No sample is ever written for the future, since Prometheus would then refuse live ones.  So these
queries compute the future plan and forecast from figures that are known now.
"""

from datetime import timedelta
from typing import Any

from dashboards.queries.promql import (
    HOLD,
    aggregate,
    at_range_end,
    held,
    of_year_before,
    select,
    since,
)
from kpis.model.kpi import Kpi, hourly
from kpis.port import growth, handled, pacing
from kpis.port.throughput import THROUGHPUT

NOW = "1h"
"""The look-back of panels that show the present, though the board's range ends with the year."""
AREA = {"port_area": "$port_area"}
"""The labels of the chosen port area."""
HERE = {"terminal": "~${terminal:pipe}"}
"""The labels of the chosen terminals, whose values are regular expressions."""
YEAR = AREA | {"year": "$year"}
"""The labels of the chosen year; plan, pace and forecast are the port's, not a terminal's."""


def kpi(formula: Any) -> Kpi[Any]:
    """Return the KPI of a formula in the family of years."""
    return THROUGHPUT[formula]


def figure(formula: Any, **labels: str) -> str:
    """A KPI of the chosen year as one number, for a panel that shows the present."""
    return f"max({held(select(aggregate(kpi(formula)), **YEAR, **labels))})"


def last_known(formula: Any, **labels: str) -> str:
    """The last value of a KPI of the chosen year, the same at each step of a curve."""
    return f"sum({at_range_end(select(hourly(kpi(formula)), **YEAR, **labels))})"


def as_of() -> str:
    """The event time of the newest move, where the known part of a year's curve ends."""
    return last_known(handled.as_of)


def year_to_date() -> str:
    """TEU handled since 1 January, at any instant of the chosen year."""
    return f"sum({held(select(hourly(kpi(handled.ytd)), **YEAR))})"


def year_before() -> str:
    """TEU handled in the year before, on the same day, if the books hold that year whole."""
    ytd = held(select(hourly(kpi(handled.ytd)), **AREA), offset="365d")
    return f"sum({of_year_before(ytd, YEAR['year'])}) and on () ({year_before_is_whole()})"


def year_before_is_whole() -> str:
    """0 if the books hold the year before whole, else nothing."""
    code = at_range_end(select(hourly(kpi(growth.completeness)), **AREA))
    return f"max({of_year_before(code, YEAR['year'])}) == 0"


def mean_of_week(selector: str, utc_offset: timedelta) -> str:
    """The mean over 7 days, where the books hold all of them.

    A mean begins with the ninth day of a series, whose first day may be a part of one.  In the
    first eight days of a year it needs the year before whole, of which the books may hold only a
    few moves.
    """
    local = f"vector(time() + {utc_offset.total_seconds():.0f})"
    is_later = f"day_of_month({local}) > 8 or month({local}) > 1"
    return (
        f"avg_over_time({selector}[7d]) and last_over_time({selector}[{HOLD}] offset 8d) "
        f"and on () ({is_later} or {year_before_is_whole()})"
    )


def of_whole_years(expr: str, utc_offset: timedelta) -> str:
    """A curve in the chosen year; in the year before only if the books hold that whole."""
    local_year = f"year(vector(time() + {utc_offset.total_seconds():.0f}))"
    return f"{expr} and on () (vector($year) <= {local_year} or {year_before_is_whole()})"


def no_year_before() -> str:
    """A curve without values if the year before is not whole, so that the legend can say so."""
    return f"vector(0) / 0 unless on () ({year_before_is_whole()})"


def plan() -> str:
    """T·s at any instant of the year: twelve monthly quantities, each of which grows in its month.

    sum(month_teu * clamp((time() - start) / (end - start), 0, 1))
    """
    teu, start, end = _months()
    return f"sum({teu} * clamp((time() - {start}) / ({end} - {start}), 0, 1))"


def plan_per_day() -> str:
    """TEU a day that the plan asks for, in the month of an instant."""
    teu, start, end = _months()
    now = f"({start} <= time()) and ({end} > time())"
    return f"sum({teu} * 86400 / ({end} - {start}) and {now})"


def forecast_path(level: str = "", bound: str = "") -> str:
    """The forecast from the newest figure to the end of the year, or an edge of its interval.

    centre = Y + (F - Y)·w, edge = centre + (bound - F)·√w, where w is the share of the plan's
    rest that has passed; the errors of independent days grow with the square root.
    """
    teu, forecast = last_known(handled.ytd), last_known(pacing.forecast)
    planned, target = last_known(pacing.planned_to_date), last_known(pacing.target)
    way = f"clamp((({plan()}) - {planned}) / ({target} - {planned}), 0, 1)"
    ahead = f"{teu} + ({forecast} - {teu}) * {way}"
    if level:
        edge = last_known(pacing.forecast_bound, level=level, bound=bound)
        ahead = f"{ahead} + ({edge} - {forecast}) * sqrt({way})"
    return since(ahead, as_of())


def _months() -> tuple[str, str, str]:
    """Each month's TEU, start and end."""
    teu, start, end = (
        at_range_end(select(hourly(kpi(part)), **YEAR))
        for part in (pacing.plan_month, pacing.plan_month_start, pacing.plan_month_end)
    )
    return teu, start, end
