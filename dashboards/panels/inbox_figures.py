"""The inbox: what waits, how long, what was taken in and what failed within a day."""

from typing import Any

from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import kpi_figures
from dashboards.grafana.specs import GridPlace, PanelFigure
from dashboards.grafana.theme import ACTUAL, BEHIND, CRITICAL, TEXT, by_steps, fixed
from dashboards.queries import workers
from dashboards.queries.promql import select
from kpis import inbox

LONG, VERY_LONG = 900, 1800
"""Seconds that a file waits: a whole one is taken in within seconds, and is sent in minutes."""
A_DAY = "24h"
NOTE = "Files that partners drop into the inbox.  Amber: a file waits for 15 minutes; red: 30."


def inbox_figures(language: Language, place: GridPlace) -> Any:
    """The figures of the inbox, over all partners."""
    failed = f"sum(increase({select(inbox.FILES.series, outcome='failed')}[{A_DAY}]))"
    rows = [
        PanelFigure(
            language.text("Files waiting"),
            language.count(f"sum({workers.gauge(inbox.FILES_WAITING)})"),
            {"color": fixed(TEXT)},
            (inbox.FILES_WAITING,),
        ),
        PanelFigure(
            language.text("Oldest file"),
            Quantity(f"max({workers.gauge(inbox.OLDEST)})", "s"),
            by_steps(TEXT, (LONG, BEHIND), (VERY_LONG, CRITICAL)),
            (inbox.OLDEST,),
        ),
        PanelFigure(
            language.text("Files, 24 h"),
            language.count(f"sum(increase({select(inbox.FILES.series)}[{A_DAY}]))"),
            {"color": fixed(ACTUAL)},
            (inbox.FILES,),
        ),
        PanelFigure(
            language.text("Failed files, 24 h"),
            language.count(failed),
            by_steps(TEXT, (1, BEHIND)),
        ),
    ]
    return kpi_figures(language, place, rows, note=NOTE)
