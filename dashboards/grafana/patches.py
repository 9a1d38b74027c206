"""Subclasses that add what grafanalib 0.7.1 lacks for Grafana 11 to 13.

grafanalib cannot write a query's `range` or a variable whose value is "all".  It writes keys that
Grafana no longer has (a table's `displayMode`, a query's Graphite fields, `rows`) and nulls that
Grafana reads as values.  Text sizes, line dashes and cell heights go through its `extraJson`.
"""

import json
from typing import Any

from grafanalib import core
from grafanalib._gen import DashboardEncoder

from dashboards.grafana.theme import Json

HIDDEN = 2
"""Grafana's value of `hide` for a variable that is not shown at all."""
ALL = "$__all"
"""Grafana's value for a variable of which all options are chosen."""


class Dashboard(core.Dashboard):  # type: ignore[misc]  # grafanalib has no types
    """A dashboard without the keys that Grafana dropped."""

    def to_json_data(self) -> Json:
        """Grafana's JSON of the dashboard."""
        dead = ("__inputs", "rows", "sharedCrosshair", "hideControls", "style", "gnetId", "id")
        whole = super().to_json_data()
        kept = {key: value for key, value in whole.items() if key not in dead}
        picker = {"timepicker": {"refresh_intervals": ["15s", "1m", "5m", "1h"]}}
        return kept | picker | {"weekStart": "monday", "fiscalYearStartMonth": 0}


class PanelQuery(core.Target):  # type: ignore[misc]  # grafanalib has no types
    """A query with its `range` flag and without Graphite's fields."""

    def to_json_data(self) -> Json:
        """Grafana's JSON of the query."""
        dead = ("target", "query", "metric", "step", "intervalFactor")
        whole = super().to_json_data()
        kept = {key: value for key, value in whole.items() if key not in dead and value != ""}
        return kept | {"range": not self.instant, "editorMode": "code"}


class TablePanel(core.Table):  # type: ignore[misc]  # grafanalib has no types
    """A table without the keys that Grafana dropped in schema 38."""

    def to_json_data(self) -> Json:
        """Grafana's JSON of the table."""
        panel: Json = super().to_json_data()
        del panel["fieldConfig"]["defaults"]["custom"]["displayMode"]
        for key in ("color", "columns", "fontSize", "mappings"):
            del panel[key]
        return panel


class Variable(core.Template):  # type: ignore[misc]  # grafanalib has no types
    """A variable that opens with its first option; grafanalib writes a text as a value."""

    def to_json_data(self) -> Json:
        """Grafana's JSON of the variable."""
        dead = ("useTags", "tagsQuery", "tagValuesQuery", "auto", "auto_min", "auto_count")
        whole = super().to_json_data()
        kept = {key: value for key, value in whole.items() if key not in dead}
        first = dict(self.options[0]) if self.options else {}
        if self.multi:
            first |= {"text": [first["text"]], "value": [first["value"]]}
        return kept | {"current": first, "skipUrlSync": self.hide == HIDDEN}


def plain(made: Any) -> Json:
    """Return a dashboard as plain JSON values, without nulls and dropped keys."""
    lean: Json = _lean(json.loads(json.dumps(made.to_json_data(), cls=DashboardEncoder)))
    return lean


def _lean(part: Any) -> Any:
    """Return a part without nulls and dropped keys; a null stays where it means an open end."""
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
