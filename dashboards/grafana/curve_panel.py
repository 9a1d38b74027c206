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
    """Lines over time; an instant without a number leaves a gap."""
    defaults: Json = {
        "color": fixed(TEXT),
        "thresholds": axis.steps or steps("transparent"),
        "custom": {"axisBorderShow": False, "insertNulls": False},
    }
    for hard, soft, value in (
        ("min", "axisSoftMin", axis.low),
        ("max", "axisSoftMax", axis.high),
    ):
        if value is not None and axis.soft:
            defaults["custom"][soft] = value
        elif value is not None:
            defaults[hard] = value
    if axis.logarithmic:
        defaults["custom"]["scaleDistribution"] = {"type": "log", "log": 10}
    return core.TimeSeries(
        targets=[
            target(line.expr, ref, name=line.name, step=line.step)
            for ref, line in zip(ascii_uppercase, lines, strict=False)
        ],
        overrides=[
            *(
                by_query(ref, _line_style(line))
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


def _line_style(line: CurveLine) -> Json:
    """Return a line's style as properties of an override."""
    style: Json = {"color": fixed(line.colour), "custom.lineWidth": line.width}
    style["custom.fillOpacity"] = line.fill
    if line.dash:
        style["custom.lineStyle"] = {"fill": "dash", "dash": list(line.dash)}
    if line.fill_to:
        style["custom.fillBelowTo"] = line.fill_to
    if not line.in_legend:
        style["custom.hideFrom"] = {"legend": True, "tooltip": False, "viz": False}
    return style | (line.extra_style or {})
