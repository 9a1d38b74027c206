"""The HTTP receiver: what was posted and what was refused within a day, and since when nothing."""

from typing import Any

from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import kpi_figures
from dashboards.grafana.specs import GridPlace, PanelFigure
from dashboards.grafana.theme import ACTUAL, BEHIND, TEXT, by_steps, fixed
from dashboards.queries.promql import select
from kpis import receiver

A_DAY = "24h"
NOTE = "Events that partners post over HTTP.  Amber: requests of which nothing is in."


def receiver_figures(language: Language, place: GridPlace) -> Any:
    """The figures of the receiver, over all partners."""

    def posts(outcomes: str) -> Quantity:
        rise = f"increase({select(receiver.REQUESTS.series, outcome=outcomes)}[{A_DAY}])"
        return language.count(f"sum({rise})")

    records = f"sum(increase({select(receiver.POSTED_RECORDS.series)}[{A_DAY}]))"
    last = f"max(last_over_time({select(receiver.LAST_POST.series)}[{A_DAY}]))"
    rows = [
        PanelFigure(
            language.text("Posts, 24 h"),
            posts("~done|partly|failed"),
            {"color": fixed(ACTUAL)},
            (receiver.REQUESTS,),
        ),
        PanelFigure(
            language.text("Records posted, 24 h"),
            language.count(records),
            {"color": fixed(ACTUAL)},
            (receiver.POSTED_RECORDS,),
        ),
        PanelFigure(
            language.text("Last post, min"),
            language.count(f"floor((time() - {last}) / 60)"),
            {"color": fixed(TEXT)},
            (receiver.LAST_POST,),
        ),
        PanelFigure(
            language.text("Refused posts, 24 h"),
            posts("~failed|refused|unauthorized"),
            by_steps(TEXT, (1, BEHIND)),
        ),
    ]
    return kpi_figures(language, place, rows, note=NOTE)
