"""A whole dashboard as Grafana's JSON: its rows, variables, annotations and links."""

from collections.abc import Sequence
from typing import Any

from grafanalib import core

from dashboards.grafana import patches
from dashboards.grafana.panel_frame import DATA_SOURCE, grid
from dashboards.grafana.specs import Board, Choice, GridPlace, Mark
from dashboards.grafana.theme import Json

SCHEMA_VERSION = 39
"""From 38 on Grafana leaves tables, tooltips and variables as they are written."""


def section(title: str, y: int) -> Any:
    """A heading across the board."""
    return core.RowPanel(title=title, gridPos=grid(GridPlace(0, y, 24, 1)))


def folded(title: str, y: int, panels: Sequence[Any]) -> Any:
    """A heading that hides its panels until it is clicked."""
    place = grid(GridPlace(0, y, 24, 1))
    return core.RowPanel(title=title, gridPos=place, collapsed=True, panels=list(panels))


def board(wanted: Board) -> Json:
    """A whole dashboard as Grafana's JSON: ids for all panels, and a word for no data."""
    links = [
        core.DashboardLink(
            title=title, type="link", uri=uri, icon="dashboard", keepTime=True, includeVars=True
        )
        for title, uri in wanted.links
    ]
    made = patches.Dashboard(
        title=wanted.title,
        description=wanted.about,
        uid=wanted.uid,
        tags=["quaymark", wanted.lang],
        panels=list(wanted.panels),
        schemaVersion=SCHEMA_VERSION,
        timezone=wanted.time_zone,
        time=core.Time(wanted.start, wanted.end),
        refresh=wanted.refresh,
        graphTooltip=core.GRAPH_TOOLTIP_MODE_SHARED_CROSSHAIR,
        editable=False,
        templating=core.Templating(list=[_variable(choice) for choice in wanted.choices]),
        links=links,
        annotations=core.Annotations([_annotation(mark) for mark in wanted.marks]),
    ).auto_panel_ids()
    plain = patches.plain(made)
    for panel in [one for top in plain["panels"] for one in (top, *top.get("panels", ()))]:
        if panel["type"] != "row":
            panel["fieldConfig"]["defaults"].setdefault("noValue", wanted.no_data)
    return plain


def _annotation(mark: Mark) -> Json:
    """A mark on the curves; shown to all, hidden by a click."""
    return {
        "name": mark.name,
        "datasource": DATA_SOURCE,
        "enable": True,
        "hide": False,
        "iconColor": mark.colour,
        "expr": mark.expr,
        "titleFormat": mark.title,
        "step": mark.step,
        "useValueForTime": mark.at_value,
    }


def _variable(choice: Choice) -> Any:
    """A variable: the book's pairs as they stand, or what Prometheus knows, newest first."""
    common = {
        "name": choice.name,
        "label": choice.label,
        "multi": bool(choice.together),
        "includeAll": bool(choice.together),
        "allValue": ".*" if choice.together else None,
    }
    together = ((choice.together, patches.ALL),) if choice.together else ()
    options = [
        {"text": text, "value": value, "selected": index == 0}
        for index, (text, value) in enumerate((*together, *choice.pairs))
    ]
    if choice.query:
        newest_first = 4  # by number, falling
        return patches.Variable(
            query=choice.query,
            regex=choice.regex or None,
            dataSource=DATA_SOURCE,
            refresh=2,
            sort=0 if choice.regex else newest_first,
            options=options,
            **common,
        )
    listed = ",".join(f"{text} : {value}".replace(",", "\\,") for text, value in choice.pairs)
    return patches.Variable(
        query=listed, type="custom", options=options, refresh=0, sort=0, **common
    )
