"""What every panel is built from: its queries, its frame and its place on the grid."""

from typing import Any

from grafanalib import core

from dashboards.grafana import patches
from dashboards.grafana.specs import GridPlace, PanelHead
from dashboards.grafana.theme import TEXT, Json, fixed, steps
from dashboards.queries.present import at_present

DATA_SOURCE = {"type": "prometheus", "uid": "quaymark-prometheus"}
"""The data source that provisioning sets up; its uid is fixed, so no dashboard asks for one."""


def target(
    expr: str, ref: str, *, name: str = "__auto", step: str = "", form: str = "time_series"
) -> Any:
    """A query: over the time range if it has a `step`, else at its end or the newest sample."""
    return patches.PanelQuery(
        expr=expr if step else at_present(expr),
        refId=ref,
        legendFormat=name,
        interval=step,
        instant=not step,
        format=form,
        datasource=DATA_SOURCE,
    )


def plain() -> Json:
    """The field defaults of a value that needs no attention."""
    return {"color": fixed(TEXT), "thresholds": steps(TEXT)}


def frame(head: PanelHead, defaults: Json, options: Json) -> Json:
    """The parameters of every panel: its head, and what grafanalib has no parameter for."""
    if head.no_value:
        defaults = defaults | {"noValue": head.no_value}
    return {
        "extraJson": {"fieldConfig": {"defaults": defaults}, "options": options},
        "title": head.title,
        "description": head.description,
        "gridPos": grid(head.place),
        "dataSource": DATA_SOURCE,
        "maxDataPoints": None,  # grafanalib's 100 would draw a year in three-day steps
        "timeFrom": head.look_back,
        "hideTimeOverride": head.look_back is not None,
    }


def grid(place: GridPlace) -> Any:
    """A place on the grid as Grafana writes it."""
    return core.GridPos(x=place.x, y=place.y, w=place.w, h=place.h)
