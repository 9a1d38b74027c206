"""The register of moves: what it has not read yet, when it last held everything, and its size."""

from typing import Any

from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import kpi_figures
from dashboards.grafana.specs import GridPlace, PanelFigure
from dashboards.grafana.theme import BEHIND, CRITICAL, TEXT, by_steps, fixed
from dashboards.queries import workers
from kpis import register

LATE, VERY_LATE = 5, 15
"""Minutes without an update, one of which comes every 20 seconds; the alert comes at 15."""
NOTE = "The register of moves, from which partners are judged.  Amber: 5 minutes old; red: 15."


def register_figures(language: Language, place: GridPlace) -> Any:
    """The figures of the register."""
    last = f"max({workers.gauge(register.LAST_UPDATE)})"
    rows = [
        PanelFigure(
            language.text("Register lag"),
            language.count(f"max({workers.gauge(register.LAG)})"),
            {"color": fixed(TEXT)},
            (register.LAG,),
        ),
        PanelFigure(
            language.text("Last update, min"),
            language.count(f"floor((time() - {last}) / 60)"),
            by_steps(TEXT, (LATE, BEHIND), (VERY_LATE, CRITICAL)),
            (register.LAST_UPDATE,),
        ),
        PanelFigure(
            language.text("Register records"),
            language.count(f"max({workers.gauge(register.RECORDS)})"),
            {"color": fixed(TEXT)},
            (register.RECORDS,),
        ),
        PanelFigure(
            language.text("Register size"),
            Quantity(f"max({workers.gauge(register.SIZE)})", "bytes", 1),
            {"color": fixed(TEXT)},
            (register.SIZE,),
        ),
    ]
    return kpi_figures(language, place, rows, note=NOTE)
