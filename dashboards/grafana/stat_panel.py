"""Single figures, and a status as a word: Grafana's Stat panel."""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

from grafanalib import core

from dashboards.grafana.panel_frame import frame, plain, target
from dashboards.grafana.specs import PanelFigure, PanelHead
from dashboards.grafana.theme import Json, by_query

STAT: Json = {
    "reduceCalc": "lastNotNull",
    "format": "none",
    "graphMode": "none",
    "textMode": "value_and_name",
    "noValue": None,
}
"""What the two panels of figures share: the newest value with its name, no sparkline under it."""


def figures(head: PanelHead, rows: Sequence[PanelFigure], small: bool = False) -> Any:
    """Numbers read together, in one Stat: Grafana then gives them one size and one baseline.

    Only a lone number of second rank is `small`: Grafana would blow it up past the headline.
    """
    text = {"text": {"titleSize": 16, "valueSize": 28}} if small else {}
    return core.Stat(
        targets=[
            target(row.quantity.expr, ref, name=row.name)
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
        **frame(head, plain(), {"wideLayout": False} | text),
    )


def word(head: PanelHead, name: str, expr: str, mappings: list[Json]) -> Any:
    """The one block of solid colour on a screen: a status as a word."""
    return core.Stat(
        targets=[target(expr, "A", name=name)],
        mappings=mappings,
        colorMode="background_solid",
        **STAT,
        **frame(head, plain() | {"color": {"mode": "thresholds"}}, {"wideLayout": False}),
    )
