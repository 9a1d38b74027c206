"""The names and units of published figures, which the events carry as codes."""

import re

from dashboards.grafana.language import Language
from dashboards.grafana.theme import Json, patterns, words
from dashboards.queries.zone import ZoneSeries

FIGURES = {
    "container_throughput": "Container throughput",
    "gdp_share": "Share of GDP",
    "budget_revenue": "Budget revenue",
    "budget_revenue_share": "Share of budget revenue",
    "taxable_sales_share": "Share of taxable sales",
    "major_projects_share": "Share of major projects",
    "national_rank": "National rank",
    "firms_served": "Firms served",
    "high_tech_firms": "High-tech firms",
    "academician_workstations": "Academician workstations",
    "postdoctoral_workstations": "Postdoctoral workstations",
    "postgraduate_workstations": "Postgraduate workstations",
}
"""Indicator -> the message that names it; others are shown by their code."""
UNITS = {
    "TEU": "TEU",
    "thousand TEU": "thousand TEU",
    "yuan": "yuan",
    "percent": "%",
    "rank": "rank",
    "firms": "firms",
    "projects": "projects",
    "count": "number",
}
"""Unit -> the message that names it; a published figure is never scaled."""
BETWEEN = " · "
"""The separator of indicator, scope and period in a joined label."""
OWN = "zone"
"""The zone's own scope, which its board leaves out of names."""


def figure_names(zone: ZoneSeries) -> list[Json]:
    """A mapping of joined labels to names; it omits the zone's own scope and names port areas."""
    areas = {area.code: zone.language.name(area.name) for area in zone.book.area}
    named: dict[str, str] = {}
    for indicator, message in FIGURES.items():
        code, name = re.escape(indicator), zone.language.text(message, "figure")
        named[f"^{code}{BETWEEN}{OWN}( .*)?$"] = f"{name}$1"
        for scope, area in areas.items():
            named[f"^{code}{BETWEEN}{re.escape(scope)}( .*)?$"] = f"{name}{BETWEEN}{area}$1"
        named[f"^{code}( .*)?$"] = f"{name}$1"
    return patterns(named)


def unit_names(language: Language) -> list[Json]:
    """A mapping of units to words."""
    return words({unit: language.text(message, "figure") for unit, message in UNITS.items()})
