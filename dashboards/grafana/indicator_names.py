"""What published figures are called: their names and units, which the events bear as codes."""

import re

from dashboards.grafana.language import Language
from dashboards.grafana.theme import Json, patterns, words
from dashboards.queries.zone import ZoneSeries

FIGURES = {
    "container_throughput": "Container throughput",
    "gdp_share": "Share of GDP",
    "budget_revenue_share": "Share of budget revenue",
    "taxable_sales_share": "Share of taxable sales",
    "major_projects_share": "Share of major projects",
    "national_rank": "National rank",
    "firms_served": "Firms served",
}
"""Indicator -> its message; others are shown by their code."""
UNITS = {
    "TEU": "TEU",
    "thousand TEU": "thousand TEU",
    "yuan": "yuan",
    "percent": "%",
    "rank": "rank",
    "firms": "firms",
    "projects": "projects",
}
"""Unit -> its message; a published figure is shown as it was published, never scaled."""
BETWEEN = " · "
"""Stands between indicator, scope and period where they are joined to one label."""
OWN = "zone"
"""The scope that goes without saying on the board of the zone."""


def figure_names(zone: ZoneSeries) -> list[Json]:
    """Joined labels by name: without the zone's own scope, with the name of a port area."""
    areas = {area.code: zone.say.name(area.name) for area in zone.book.area}
    named: dict[str, str] = {}
    for indicator, message in FIGURES.items():
        code, name = re.escape(indicator), zone.say(message, "figure")
        named[f"^{code}{BETWEEN}{OWN}( .*)?$"] = f"{name}$1"
        for scope, area in areas.items():
            named[f"^{code}{BETWEEN}{re.escape(scope)}( .*)?$"] = f"{name}{BETWEEN}{area}$1"
        named[f"^{code}( .*)?$"] = f"{name}$1"
    return patterns(named)


def unit_names(say: Language) -> list[Json]:
    """Units as words."""
    return words({unit: say(message, "figure") for unit, message in UNITS.items()})
