"""Colour roles, thresholds, word mappings and overrides, in Grafana's JSON.

The colour-blind can tell the colours apart, too (Okabe and Ito's blue against amber and red).  A
colour has one meaning on every screen; only what is abnormal is amber or red (ISA-101).
"""

from collections.abc import Callable, Mapping
from typing import Any

from kpis.plan.plan import Status

Json = dict[str, Any]

ACTUAL = "#56B4E9"
"""Actual figures; the forecast continues them as a dashed line."""
FORECAST_BAND = ACTUAL
"""The prediction intervals of the forecast, filled with little opacity."""
ACTUAL_DIM = "#41708F"
"""Single days, behind the line of their mean."""
PLAN = "#D5D9E0"
"""The plan, always a dashed line."""
LAST_YEAR = "#7D8590"
"""The year before, a thin line."""
MARK = "#FFFFFF"
"""The target itself, a dotted line."""
GOOD = "#3CBFA2"
BEHIND = "#F5B932"
CRITICAL = "#FF6B57"
TEXT = "#E6E8EB"
"""A number that needs no attention."""
MUTED = "#9AA1AB"
PEERS = ("#A48BE0", "#B7D99C", "#E3B7D6", "#5E8F6E")
"""Terminals side by side, without rank; never used beside `ACTUAL`."""
TILE = {GOOD: "#1F7A66", BEHIND: BEHIND, CRITICAL: "#D0392B", MUTED: "#4A5058"}
"""Colour role -> background of a status tile: muted when good, bright when not."""

EMPTY_CELL: Json = {"noValue": "–"}
"""A cell without a value; the panel's own text for no data is for a table without rows."""

WRAPPED: Json = {
    "custom.wrapText": True,
    "custom.cellOptions": {"type": "auto", "wrapText": True},  # for Grafana 11
}
"""A column of names, which continue on a second line where they are longer than it is wide."""

NARROW: Json = {"custom.minWidth": 66}
"""A narrow column for bars of small numbers, which leaves room for the other columns."""

LONG_DASH, DOTS, DOTTED_LINE = (8, 6), (2, 6), (1, 4)

STALE = 5
"""A code that only the boards use, beside the statuses: no event has come for hours."""
STATUS = {
    Status.ATTAINED: ("Attained", GOOD),
    Status.ON_TRACK: ("On track", GOOD),
    Status.BEHIND: ("Behind", BEHIND),
    Status.CRITICAL: ("Critical", CRITICAL),
    Status.MISSED: ("Missed", CRITICAL),
    STALE: ("Stale", MUTED),
}
"""Status code -> its message and colour role."""


def fixed(colour: str) -> Json:
    """One colour for every value."""
    return {"mode": "fixed", "fixedColor": colour}


def steps(base: str, *rest: tuple[float, str]) -> Json:
    """Thresholds: the colour below the first, then (value from which it holds, colour)."""
    rows: list[Json] = [{"color": base, "value": None}]
    return {
        "mode": "absolute",
        "steps": rows + [{"color": colour, "value": value} for value, colour in rest],
    }


def by_steps(base: str, *rest: tuple[float, str]) -> Json:
    """A value coloured by thresholds, as properties of an override."""
    return {"color": {"mode": "thresholds"}, "thresholds": steps(base, *rest)}


def words(texts: Mapping[str, str], grounds: Mapping[str, str] | None = None) -> list[Json]:
    """A mapping of values to words, so that series and labels need no language."""
    grounds = grounds or {}
    options = {
        value: {"text": text, "index": index}
        | ({"color": grounds[value]} if value in grounds else {})
        for index, (value, text) in enumerate(texts.items())
    }
    return [{"type": "value", "options": options}]


def patterns(texts: Mapping[str, str]) -> list[Json]:
    """A mapping by pattern; $1 in a text stands for the pattern's first group."""
    return [
        {
            "type": "regex",
            "options": {"pattern": f"/{pattern}/", "result": {"text": text, "index": index}},
        }
        for index, (pattern, text) in enumerate(texts.items())
    ]


def status_words(translate: Callable[[str], str]) -> list[Json]:
    """A mapping of status codes to their words and the backgrounds of their tiles."""
    return words(
        {str(int(code)): translate(text) for code, (text, _) in STATUS.items()},
        {str(int(code)): TILE[role] for code, (_, role) in STATUS.items()},
    )


def ranges(*rows: tuple[float | None, float | None, str, str]) -> list[Json]:
    """A mapping of (from, to, word, colour), None for an open end; grafanalib's needs integers."""
    return [
        {
            "type": "range",
            "options": {
                "from": low,
                "to": high,
                "result": {"text": text, "color": colour, "index": index},
            },
        }
        for index, (low, high, text, colour) in enumerate(rows)
    ]


def by_name(name: str, properties: Json) -> Json:
    """An override of the series or column of this name."""
    return _override("byName", name, properties)


def by_query(ref: str, properties: Json) -> Json:
    """An override of all series of a query, whatever their names."""
    return _override("byFrameRefID", ref, properties)


def _override(matcher: str, options: str, properties: Json) -> Json:
    return {
        "matcher": {"id": matcher, "options": options},
        "properties": [{"id": id_, "value": value} for id_, value in properties.items()],
    }


def number(unit: str, decimals: int, width: int | None = None) -> Json:
    """A right-aligned column of numbers."""
    shape: Json = {"unit": unit, "decimals": decimals, "custom.align": "right"}
    return shape | ({"custom.width": width} if width else {})


def bar(unit: str, decimals: int, **more: Any) -> Json:
    """A column whose cells are bars from zero, each followed by its number.

    With `fieldMinMax` the longest bar is the column's greatest value, not the table's.
    """
    cell = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
    shape: Json = {
        "custom.cellOptions": cell,
        "min": 0,
        "fieldMinMax": True,
        "unit": unit,
        "decimals": decimals,
    }
    return shape | {"color": fixed(ACTUAL), "custom.minWidth": 90} | more
