"""Curves over time: Grafana's TimeSeries panel."""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

from grafanalib import core

from dashboards.grafana.panel_frame import frame, target
from dashboards.grafana.specs import Axis, CurveLine, PanelHead
from dashboards.grafana.theme import TEXT, Json, by_query, fixed, steps


def curve(
    head: PanelHead, lines: Sequence[CurveLine], axis: Axis, overrides: Sequence[Json] = ()
) -> Any:
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
            target(line.expr, ref, name=line.name, step=line.step)
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
        **frame(head, defaults, {"legend": {"showLegend": axis.legend}}),
    )


def _drawn(line: CurveLine) -> Json:
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
