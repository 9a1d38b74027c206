"""The data links of a board as Grafana fills them, from what its queries answer.

A figure is filled by its board alone, a point of a curve by its time and labels, a cell of a table
by its row (grafana/scenes: variables/macros).  Each link bears the number on which it stands.
"""

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.unit.dashboards.conftest import filled, panels

Json = dict[str, Any]
LOOK_BACK = {"1h": timedelta(hours=1)}
STEPS = {"1h": 3600.0, "1d": 86400.0}


class ShownLink(NamedTuple):
    """A link, where it stands on the board, and the number that is shown there."""

    panel: str
    place: str
    """Name of the figure or the line, or row and column of a cell."""
    title: str
    address: str
    value: float | None
    """None for a cell that holds words."""


class BoardSession(NamedTuple):
    """A board as somebody looks at it: its range and variables, and its Prometheus."""

    prometheus: str
    board: Json
    now: datetime
    span: tuple[datetime, datetime]
    variables: Mapping[str, str]
    step: float | None = None
    """Seconds between the points of a curve, instead of what its queries ask for."""

    def ask(self, kind: str, expr: str, **at: float) -> list[Json]:
        """Return the series in the answer to a query of the board."""
        for name, value in self.variables.items():
            expr = re.sub(rf"\$\{{?{name}\b(:pipe)?\}}?", lambda _, value=value: value, expr)  # type: ignore[misc]
        form = urllib.parse.urlencode({"query": filled(expr)} | at)
        address = f"{self.prometheus}/api/v1/{kind}"
        with urllib.request.urlopen(address, form.encode(), timeout=30) as answer:
            found: list[Json] = json.load(answer)["data"]["result"]
        return found

    def range_of(self, panel: Json) -> tuple[datetime, datetime]:
        """Return the range of a panel: one that looks back from now has its own."""
        back = panel.get("timeFrom")
        return (self.now - LOOK_BACK[back], self.now) if back else self.span

    def shown_links(self) -> Iterator[ShownLink]:
        """Yield the links of every figure, of the last point of every line, and of every cell."""
        for panel in panels(self.board):
            kinds = {"stat": self._figures, "timeseries": self._points, "table": self._cells}
            name = panel["title"] or f"figures at {panel['gridPos']['x']}, {panel['gridPos']['y']}"
            for place, link, of_place, value in kinds[panel["type"]](panel):
                start, end = self.range_of(panel)
                known = {
                    "__from": str(round(start.timestamp() * 1000)),
                    "__to": str(round(end.timestamp() * 1000)),
                    "terminal:pipe": self.variables["terminal"],
                    **{key: quote(text, safe="") for key, text in self.variables.items()},
                    **{key: quote(text, safe="") for key, text in of_place.items()},
                }
                address = re.sub(r"\$\{([^}]+)\}", lambda key: known[key[1]], link["url"])  # noqa: B023
                yield ShownLink(name, place, link["title"], address, value)

    def _figures(self, panel: Json) -> Iterator[tuple[str, Json, Json, float | None]]:
        for target in panel["targets"]:
            for one in self._instant(panel, target):
                for link in _links(panel, "byFrameRefID", target["refId"]):
                    yield target["legendFormat"], link, {}, float(one["value"][1])

    def _points(self, panel: Json) -> Iterator[tuple[str, Json, Json, float | None]]:
        start, end = self.range_of(panel)
        for target in panel["targets"]:
            links = _links(panel, "byFrameRefID", target["refId"])
            if not links:
                continue
            step = self.step or STEPS[target["interval"]]
            # Grafana begins at a multiple of the step since 1970, so a day's point is at 00:00 UTC
            at = {"start": start.timestamp() // step * step, "end": end.timestamp(), "step": step}
            for one in self.ask("query_range", target["expr"], **at):
                time, value = one["values"][-1]
                labels = {f"__field.labels.{name}": text for name, text in one["metric"].items()}
                for link in links:
                    of_point = {"__value.time": str(round(float(time) * 1000))} | labels
                    yield target["legendFormat"], link, of_point, float(value)

    def _cells(self, panel: Json) -> Iterator[tuple[str, Json, Json, float | None]]:
        rows, headings = self._rows(panel), _headings(panel)
        for row in rows:
            for field, heading in headings.items():
                if field not in row:
                    continue
                of_cell = {"__value.raw": str(row[field])}
                of_cell |= {f"__data.fields.{name}": str(text) for name, text in row.items()}
                number = float(row[field]) if field.startswith("Value") else None
                for link in _links(panel, "byName", heading):
                    yield f"{row.get('code', row[field])}, {heading}", link, of_cell, number

    def _rows(self, panel: Json) -> list[dict[str, str]]:
        """Return the rows of a table, by the names of their fields: an outer join by a label."""
        steps = {one["id"]: one["options"] for one in panel["transformations"]}
        key = steps.get("joinByField", {}).get("byField")
        several = len(panel["targets"]) > 1
        joined: dict[object, dict[str, str]] = {}
        for target in panel["targets"]:
            value = f"Value #{target['refId']}" if several else "Value"
            for one in self._instant(panel, target):
                row = joined.setdefault(one["metric"][key] if key else len(joined), {})
                row |= one["metric"] | {value: one["value"][1]}
        return list(joined.values())

    def _instant(self, panel: Json, target: Json) -> list[Json]:
        return self.ask("query", target["expr"], time=self.range_of(panel)[1].timestamp())


def _headings(panel: Json) -> dict[str, str]:
    """Field -> the heading of its column, of those that are shown."""
    for one in panel["transformations"]:
        if one["id"] == "organize":
            names: dict[str, str] = one["options"]["renameByName"]
            return names
    return {}


def _links(panel: Json, matcher: str, options: str) -> list[Json]:
    """Return the links to our pages of what a matcher finds; relative ones lead to boards."""
    config = panel["fieldConfig"]
    found = [*config["defaults"].get("links", ())]
    for override in config["overrides"]:
        if override["matcher"] == {"id": matcher, "options": options}:
            for one in override["properties"]:
                found += one["value"] if one["id"] == "links" else ()
    return [one for one in found if "/explain" in one["url"]]
