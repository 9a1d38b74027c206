"""What grafanalib 0.7.1 lacks for Grafana 11 to 13, mended in one place.

It has no word for a query's `range` or for a variable that stands for all; it writes keys that are
gone (a table's `displayMode`, a query's Graphite fields, `rows`) and nulls that Grafana reads as
values.  Stat text sizes, line dashes and cell heights go through its own `extraJson`.
"""

import json
from typing import Any

from grafanalib import core
from grafanalib._gen import DashboardEncoder

from dashboards.grafana.theme import Json

ALL = "$__all"
"""Grafana's value for a variable that stands for all of its values."""


class Dashboard(core.Dashboard):  # type: ignore[misc]  # grafanalib has no types
    """A dashboard without the keys that Grafana left behind."""

    def to_json_data(self) -> Json:
        """Grafana's JSON of the dashboard."""
        dead = ("__inputs", "rows", "sharedCrosshair", "hideControls", "style", "gnetId", "id")
        whole = super().to_json_data()
        kept = {key: value for key, value in whole.items() if key not in dead}
        picker = {"timepicker": {"refresh_intervals": ["15s", "1m", "5m", "1h"]}}
        return kept | picker | {"weekStart": "monday", "fiscalYearStartMonth": 0}


class PanelQuery(core.Target):  # type: ignore[misc]  # grafanalib has no types
    """A query that says whether it is a range, and nothing of Graphite."""

    def to_json_data(self) -> Json:
        """Grafana's JSON of the query."""
        dead = ("target", "query", "metric", "step", "intervalFactor")
        whole = super().to_json_data()
        kept = {key: value for key, value in whole.items() if key not in dead and value != ""}
        return kept | {"range": not self.instant, "editorMode": "code"}


class TablePanel(core.Table):  # type: ignore[misc]  # grafanalib has no types
    """A table without what Grafana dropped in schema 38."""

    def to_json_data(self) -> Json:
        """Grafana's JSON of the table."""
        panel: Json = super().to_json_data()
        del panel["fieldConfig"]["defaults"]["custom"]["displayMode"]
        for key in ("color", "columns", "fontSize", "mappings"):
            del panel[key]
        return panel


class Variable(core.Template):  # type: ignore[misc]  # grafanalib has no types
    """A variable that starts with all, or the book's first; grafanalib writes texts as values."""

    def to_json_data(self) -> Json:
        """Grafana's JSON of the variable."""
        dead = ("useTags", "tagsQuery", "tagValuesQuery", "auto", "auto_min", "auto_count")
        whole = super().to_json_data()
        kept = {key: value for key, value in whole.items() if key not in dead}
        first = dict(self.options[0]) if self.options else {}
        if self.multi:
            first |= {"text": [first["text"]], "value": [first["value"]]}
        return kept | {"current": first}


def plain(made: Any) -> Json:
    """A dashboard as plain JSON values, without nulls and dead keys."""
    lean: Json = _lean(json.loads(json.dumps(made.to_json_data(), cls=DashboardEncoder)))
    return lean


def _lean(part: Any) -> Any:
    """Without nulls and dead keys; a null stays where it means an open end."""
    if isinstance(part, list):
        return [_lean(one) for one in part]
    if not isinstance(part, dict):
        return part
    dead: tuple[str, ...] = ()
    if part.get("type") == "row":
        part = {
            key: part[key] for key in ("id", "type", "title", "gridPos", "collapsed", "panels")
        }
    elif "gridPos" in part:
        dead = ("cacheTimeout", "editable", "error", "height", "minSpan", "span")
    return {
        key: _lean(value)
        for key, value in part.items()
        if key not in dead and (value is not None or key in ("value", "from", "to"))
    }
