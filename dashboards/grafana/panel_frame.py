"""What every panel is built from: its query, its frame and its place on the grid."""

from typing import Any

from grafanalib import core

from dashboards.grafana import patches
from dashboards.grafana.specs import GridPlace, PanelHead
from dashboards.grafana.theme import TEXT, Json, fixed, steps

DATA_SOURCE = {"type": "prometheus", "uid": "quaymark-prometheus"}
"""The data source that provisioning sets up; a fixed uid, so that no dashboard asks which."""


def target(
    expr: str, ref: str, *, name: str = "__auto", step: str = "", form: str = "time_series"
) -> Any:
    """A query: over the range with a `step`, else at its end."""
    return patches.PanelQuery(
        expr=expr,
        refId=ref,
        legendFormat=name,
        interval=step,
        instant=not step,
        format=form,
        datasource=DATA_SOURCE,
    )


def plain() -> Json:
    """A value that asks for nothing."""
    return {"color": fixed(TEXT), "thresholds": steps(TEXT)}


def frame(head: PanelHead, defaults: Json, options: Json) -> Json:
    """What every panel is given: its head, and what grafanalib has no parameter for."""
    if head.none:
        defaults = defaults | {"noValue": head.none}
    return {
        "extraJson": {"fieldConfig": {"defaults": defaults}, "options": options},
        "title": head.title,
        "description": head.about,
        "gridPos": grid(head.place),
        "dataSource": DATA_SOURCE,
        "maxDataPoints": None,  # grafanalib's 100 would draw a year in three-day steps
        "timeFrom": head.age,
        "hideTimeOverride": head.age is not None,
    }


def grid(place: GridPlace) -> Any:
    """A place on the grid as Grafana writes it."""
    return core.GridPos(x=place.x, y=place.y, w=place.w, h=place.h)
