"""Single figures, and a status as a word: Grafana's Stat panel."""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

from grafanalib import core

from dashboards.grafana.panel_frame import frame, plain, target
from dashboards.grafana.specs import PanelFigure, PanelHead, TextSize
from dashboards.grafana.theme import Json, by_query

STAT: Json = {
    "reduceCalc": "lastNotNull",
    "format": "none",
    "graphMode": "none",
    "textMode": "value_and_name",
    "noValue": None,
}
"""What figures and status tiles share: the newest value with its name, without a sparkline."""


def figure_panel(
    head: PanelHead, rows: Sequence[PanelFigure], size: TextSize | None = None
) -> Any:
    """Numbers that are read together in one Stat, so that they share one size and one baseline.

    Without a `size` Grafana fits the text to the panel.
    """
    text = {"text": {"titleSize": size.name, "valueSize": size.value}} if size else {}
    return core.Stat(
        targets=[
            target(row.quantity.expr, ref, name=row.name)
            for ref, row in zip(ascii_uppercase, rows, strict=False)
        ],
        overrides=[
            by_query(
                ref, {"unit": row.quantity.unit, "decimals": row.quantity.decimals, **row.style}
            )
            for ref, row in zip(ascii_uppercase, rows, strict=False)
        ],
        colorMode="value",
        orientation="vertical",
        **STAT,
        **frame(head, plain(), {"wideLayout": False} | text),
    )


def status_tile(
    head: PanelHead, name: str, expr: str, mappings: list[Json], links: Sequence[Any] = ()
) -> Any:
    """A status as a word on a coloured background, the only solid block of colour on a board."""
    return core.Stat(
        targets=[target(expr, "A", name=name)],
        mappings=mappings,
        colorMode="background_solid",
        **STAT,
        **frame(
            head,
            plain()
            | {"color": {"mode": "thresholds"}}
            | ({"links": list(links)} if links else {}),
            {"wideLayout": False},
        ),
    )
