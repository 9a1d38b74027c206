"""Tables whose columns are queries of their own: Grafana's Table panel."""

from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import Any

from grafanalib import core

from dashboards.grafana import patches
from dashboards.grafana.language import Quantity
from dashboards.grafana.panel_frame import frame, plain, target
from dashboards.grafana.specs import Column, PanelHead, Rows
from dashboards.grafana.theme import EMPTY_CELL, Json, by_name


def table(
    head: PanelHead,
    columns: Sequence[Column],
    sort: tuple[str, bool],
    header: bool = True,
    rows: Rows | None = None,
) -> Any:
    """A table with its most important columns first, since a narrow screen cuts off the right.

    The queries of the columns are joined on the first column with a label, or on the key of
    `rows`.  `sort` is a column's heading and whether its order is descending.
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
    return patches.TablePanel(
        targets=[
            target(quantity.expr, ref, step=step, form="time_series" if step else "table")
            for ref, (quantity, step) in zip(refs, queries, strict=True)
        ],
        transformations=shape,
        overrides=[by_name(column.heading, EMPTY_CELL | column.style) for column in columns],
        sortBy=[core.TableSortByField(*sort)],
        showHeader=header,
        **frame(
            head,
            plain() | {"custom": {"cellOptions": {"type": "auto"}, "minWidth": 80}},
            {"cellHeight": "sm"},
        ),
    )


def _field(column: Column, refs: Iterator[str], queries: int) -> str:
    """Return Grafana's name of a column's field: its label, or the values of its query."""
    ref = next(refs) if column.quantity else ""
    if column.label:
        return column.label
    if column.step:
        return f"Trend #{ref}"
    return f"Value #{ref}" if queries > 1 else "Value"
