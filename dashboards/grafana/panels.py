"""Panels and the board they hang on: with patches.py, all that knows grafanalib."""

from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import Any

from grafanalib import core

from dashboards.grafana import patches
from dashboards.grafana.language import Quantity
from dashboards.grafana.specs import (
    Axis,
    Board,
    Choice,
    Column,
    Figure,
    Head,
    Line,
    Mark,
    Place,
    Rows,
)
from dashboards.grafana.theme import EMPTY_CELL, TEXT, Json, by_name, by_query, fixed, steps

DATA_SOURCE = {"type": "prometheus", "uid": "quaymark-prometheus"}
"""The data source that provisioning sets up; a fixed uid, so that no dashboard asks which."""
SCHEMA_VERSION = 39
"""From 38 on Grafana leaves tables, tooltips and variables as they are written."""
STAT: Json = {
    "reduceCalc": "lastNotNull",
    "format": "none",
    "graphMode": "none",
    "textMode": "value_and_name",
    "noValue": None,
}
"""What the two panels of figures share: the newest value with its name, no sparkline under it."""


def figures(head: Head, rows: Sequence[Figure], small: bool = False) -> Any:
    """Numbers read together, in one Stat: Grafana then gives them one size and one baseline.

    Only a lone number of second rank is `small`: Grafana would blow it up past the headline.
    """
    text = {"text": {"titleSize": 16, "valueSize": 28}} if small else {}
    return core.Stat(
        targets=[
            _target(row.quantity.expr, ref, name=row.name)
            for ref, row in zip(ascii_uppercase, rows, strict=False)
        ],
        overrides=[
            by_query(
                ref, {"unit": row.quantity.unit, "decimals": row.quantity.decimals, **row.look}
            )
            for ref, row in zip(ascii_uppercase, rows, strict=False)
        ],
        colorMode="value",
        orientation="vertical",
        **STAT,
        **_frame(head, _plain(), {"wideLayout": False} | text),
    )


def word(head: Head, name: str, expr: str, mappings: list[Json]) -> Any:
    """The one block of solid colour on a screen: a status as a word."""
    return core.Stat(
        targets=[_target(expr, "A", name=name)],
        mappings=mappings,
        colorMode="background_solid",
        **STAT,
        **_frame(head, _plain() | {"color": {"mode": "thresholds"}}, {"wideLayout": False}),
    )


def curve(head: Head, lines: Sequence[Line], axis: Axis, overrides: Sequence[Json] = ()) -> Any:
    """Lines over time; what is not a number at an instant is not drawn."""
    defaults: Json = {
        "color": fixed(TEXT),
        "thresholds": axis.steps or steps("transparent"),
        "custom": {"axisBorderShow": False, "insertNulls": False},
    }
    if axis.low is not None:
        defaults["min"] = axis.low
    if axis.high is not None:
        defaults["max"] = axis.high
    return core.TimeSeries(
        targets=[
            _target(line.expr, ref, name=line.name, step=line.step)
            for ref, line in zip(ascii_uppercase, lines, strict=False)
        ],
        overrides=[
            *(
                by_query(ref, _drawn(line))
                for ref, line in zip(ascii_uppercase, lines, strict=False)
            ),
            *overrides,
        ],
        unit=axis.unit,
        valueDecimals=axis.decimals,
        lineWidth=2,
        showPoints="never",
        tooltipMode="multi",
        stacking={"mode": "none", "group": "A"},
        **_frame(head, defaults, {"legend": {"showLegend": axis.legend}}),
    )


def table(
    head: Head,
    columns: Sequence[Column],
    sort: tuple[str, bool],
    header: bool = True,
    rows: Rows | None = None,
) -> Any:
    """A table, its columns in order of weight, for a narrow screen cuts from the right.

    Columns with a query are joined on the first column with a label, or as `rows` says; `sort` is
    a heading and whether it falls.
    """
    queries = [(column.quantity, column.step) for column in columns if column.quantity]
    if rows:
        queries.insert(0, (Quantity(rows.expr), ""))
    refs = ascii_uppercase[: len(queries)]
    asked = iter(refs[1:] if rows else refs)
    fields = {_field(column, asked, len(queries)): column for column in columns}
    shape: list[Json] = []
    if trends := [ref for ref, (_, step) in zip(refs, queries, strict=True) if step]:
        options = {ref: {"stat": "lastNotNull"} for ref in trends}
        shape.append({"id": "timeSeriesTable", "options": options})
    if len(queries) > 1:
        key = rows.key if rows else next(column.label for column in columns if column.label)
        shape.append({"id": "joinByField", "options": {"byField": key, "mode": "outer"}})
    order = {
        "indexByName": {field: index for index, field in enumerate(fields)},
        "renameByName": {field: column.heading for field, column in fields.items()},
        "excludeByName": {},
    }
    shape.append({"id": "organize", "options": order})
    shown = {"include": {"names": [column.heading for column in columns]}}
    shape.append({"id": "filterFieldsByName", "options": shown})
    return patches.Table(
        targets=[
            _target(quantity.expr, ref, step=step, form="time_series" if step else "table")
            for ref, (quantity, step) in zip(refs, queries, strict=True)
        ],
        transformations=shape,
        overrides=[by_name(column.heading, EMPTY_CELL | column.look) for column in columns],
        sortBy=[core.TableSortByField(*sort)],
        showHeader=header,
        **_frame(
            head,
            _plain() | {"custom": {"cellOptions": {"type": "auto"}, "minWidth": 80}},
            {"cellHeight": "sm"},
        ),
    )


def _field(column: Column, refs: Iterator[str], queries: int) -> str:
    """What Grafana calls a column's field: its label, or the values of its query."""
    ref = next(refs) if column.quantity else ""
    if column.label:
        return column.label
    if column.step:
        return f"Trend #{ref}"
    return f"Value #{ref}" if queries > 1 else "Value"


def section(title: str, y: int) -> Any:
    """A heading across the board."""
    return core.RowPanel(title=title, gridPos=_grid(Place(0, y, 24, 1)))


def folded(title: str, y: int, panels: Sequence[Any]) -> Any:
    """A heading that hides its panels until it is clicked."""
    place = _grid(Place(0, y, 24, 1))
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


def _target(
    expr: str, ref: str, *, name: str = "__auto", step: str = "", form: str = "time_series"
) -> Any:
    """A query: over the range with a `step`, else at its end."""
    return patches.Target(
        expr=expr,
        refId=ref,
        legendFormat=name,
        interval=step,
        instant=not step,
        format=form,
        datasource=DATA_SOURCE,
    )


def _plain() -> Json:
    """A value that asks for nothing."""
    return {"color": fixed(TEXT), "thresholds": steps(TEXT)}


def _frame(head: Head, defaults: Json, options: Json) -> Json:
    """What every panel is given: its head, and what grafanalib has no parameter for."""
    if head.none:
        defaults = defaults | {"noValue": head.none}
    return {
        "extraJson": {"fieldConfig": {"defaults": defaults}, "options": options},
        "title": head.title,
        "description": head.about,
        "gridPos": _grid(head.place),
        "dataSource": DATA_SOURCE,
        "maxDataPoints": None,  # grafanalib's 100 would draw a year in three-day steps
        "timeFrom": head.age,
        "hideTimeOverride": head.age is not None,
    }


def _grid(place: Place) -> Any:
    return core.GridPos(x=place.x, y=place.y, w=place.w, h=place.h)


def _drawn(line: Line) -> Json:
    """A line's looks as properties of an override."""
    look: Json = {"color": fixed(line.colour), "custom.lineWidth": line.width}
    look["custom.fillOpacity"] = line.fill
    if line.dash:
        look["custom.lineStyle"] = {"fill": "dash", "dash": list(line.dash)}
    if line.down_to:
        look["custom.fillBelowTo"] = line.down_to
    if not line.in_legend:
        look["custom.hideFrom"] = {"legend": True, "tooltip": False, "viz": False}
    return look | (line.more or {})
