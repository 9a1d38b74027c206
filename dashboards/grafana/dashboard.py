"""A whole dashboard as Grafana's JSON: its rows, variables, annotations and links."""

from collections.abc import Sequence
from typing import Any

from grafanalib import core

from dashboards.grafana import patches
from dashboards.grafana.panel_frame import DATA_SOURCE, grid
from dashboards.grafana.specs import Annotation, Board, BoardVariable, GridPlace
from dashboards.grafana.theme import Json

SCHEMA_VERSION = 39
"""From version 38 on Grafana does not migrate tables, tooltips and variables."""


def heading_row(title: str, y: int) -> Any:
    """A heading across the whole board."""
    return core.RowPanel(title=title, gridPos=grid(GridPlace(0, y, 24, 1)))


def collapsed_row(title: str, y: int, panels: Sequence[Any]) -> Any:
    """A heading whose panels are hidden until it is clicked."""
    place = grid(GridPlace(0, y, 24, 1))
    return core.RowPanel(title=title, gridPos=place, collapsed=True, panels=list(panels))


def board(wanted: Board) -> Json:
    """Return a dashboard as Grafana's JSON; each panel has an id and a text for no data."""
    links = [
        core.DashboardLink(
            title=title, type="link", uri=uri, icon="dashboard", keepTime=True, includeVars=True
        )
        for title, uri in wanted.links
    ]
    made = patches.Dashboard(
        title=wanted.title,
        description=wanted.description,
        uid=wanted.uid,
        tags=["quaymark", wanted.lang],
        panels=list(wanted.panels),
        schemaVersion=SCHEMA_VERSION,
        timezone=wanted.time_zone,
        time=core.Time(wanted.start, wanted.end),
        refresh=wanted.refresh,
        graphTooltip=core.GRAPH_TOOLTIP_MODE_SHARED_CROSSHAIR,
        editable=False,
        templating=core.Templating(list=[_variable(choice) for choice in wanted.variables]),
        links=links,
        annotations=core.Annotations([_annotation(mark) for mark in wanted.annotations]),
    ).auto_panel_ids()
    plain = patches.plain(made)
    for panel in [one for top in plain["panels"] for one in (top, *top.get("panels", ()))]:
        if panel["type"] != "row":
            panel["fieldConfig"]["defaults"].setdefault("noValue", wanted.no_data)
    return plain


def _annotation(mark: Annotation) -> Json:
    """An annotation on the curves, which everybody sees until they switch it off."""
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


def _variable(choice: BoardVariable) -> Any:
    """A variable with the options of the book, or with those of a query, the newest first."""
    common = {
        "name": choice.name,
        "label": choice.label,
        "multi": bool(choice.all_text),
        "includeAll": bool(choice.all_text),
        "allValue": ".*" if choice.all_text else None,
        "hide": patches.HIDDEN if choice.is_hidden else 0,
    }
    together = ((choice.all_text, patches.ALL),) if choice.all_text else ()
    options = [
        {"text": text, "value": value, "selected": index == 0}
        for index, (text, value) in enumerate((*together, *choice.options))
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
    listed = ",".join(f"{text} : {value}".replace(",", "\\,") for text, value in choice.options)
    return patches.Variable(
        query=listed, type="custom", options=options, refresh=0, sort=0, **common
    )
