"""Colour roles, thresholds, word mappings and overrides: how a value looks, in Grafana's JSON.

Colours are told apart by the colour-blind too (Okabe and Ito's blue against amber and red), and
mean the same on every screen; only what is abnormal is amber or red (ISA-101).
"""

from collections.abc import Callable, Mapping
from typing import Any

from kpis.plan.plan import Status

Json = dict[str, Any]

ACTUAL = "#56B4E9"
"""What happened; the forecast is its dashed continuation."""
ACTUAL_DIM = "#41708F"
"""The single days behind their mean."""
PLAN = "#D5D9E0"
"""The plan, always dashed."""
LAST_YEAR = "#7D8590"
"""The year before, thin."""
MARK = "#FFFFFF"
"""The target itself, dotted."""
GOOD = "#3CBFA2"
BEHIND = "#F5B932"
CRITICAL = "#FF6B57"
TEXT = "#E6E8EB"
"""A number that asks for nothing."""
MUTED = "#9AA1AB"
PEERS = ("#A48BE0", "#B7D99C", "#E3B7D6", "#5E8F6E")
"""Terminals side by side, without rank; never beside `ACTUAL`."""
TILE = {GOOD: "#1F7A66", BEHIND: BEHIND, CRITICAL: "#D0392B", MUTED: "#4A5058"}
"""Role -> ground of a status tile: quiet when good, loud when not."""

EMPTY_CELL: Json = {"noValue": "–"}
"""A cell without a value: the panel's own words are for a table without rows."""

NARROW: Json = {"custom.minWidth": 66}
"""A bar of small numbers that leaves room for the other columns of a narrow panel."""

LONG_DASH, DOTS, DOTTED_LINE = (8, 6), (2, 6), (1, 4)

STALE = 5
"""The boards' own code beside the statuses: no news for hours."""
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
    """One colour, whatever the value."""
    return {"mode": "fixed", "fixedColor": colour}


def steps(base: str, *rest: tuple[float, str]) -> Json:
    """Thresholds: the colour below all of them, then (from this value on, colour)."""
    rows: list[Json] = [{"color": base, "value": None}]
    return {
        "mode": "absolute",
        "steps": rows + [{"color": colour, "value": value} for value, colour in rest],
    }


def by_steps(base: str, *rest: tuple[float, str]) -> Json:
    """A value coloured by `steps`, as properties of an override."""
    return {"color": {"mode": "thresholds"}, "thresholds": steps(base, *rest)}


def words(texts: Mapping[str, str], grounds: Mapping[str, str] | None = None) -> list[Json]:
    """A mapping of values to words, so that series and labels stay free of language."""
    grounds = grounds or {}
    options = {
        value: {"text": text, "index": index}
        | ({"color": grounds[value]} if value in grounds else {})
        for index, (value, text) in enumerate(texts.items())
    }
    return [{"type": "value", "options": options}]


def patterns(texts: Mapping[str, str]) -> list[Json]:
    """A mapping of what matches a pattern; $1 in a text is what the pattern's group holds."""
    return [
        {
            "type": "regex",
            "options": {"pattern": f"/{pattern}/", "result": {"text": text, "index": index}},
        }
        for index, (pattern, text) in enumerate(texts.items())
    ]


def status_words(say: Callable[[str], str]) -> list[Json]:
    """The words of the statuses on the grounds of their tiles."""
    return words(
        {str(int(code)): say(text) for code, (text, _) in STATUS.items()},
        {str(int(code)): TILE[role] for code, (_, role) in STATUS.items()},
    )


def ranges(*rows: tuple[float | None, float | None, str, str]) -> list[Json]:
    """A mapping of (from, to, word, colour); None is open.  grafanalib's takes integers only."""
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
    """An override of the series or column that bears this name."""
    return _override("byName", name, properties)


def by_query(ref: str, properties: Json) -> Json:
    """An override of all that a query gives, whatever it is called."""
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
    """A column whose cells are bars from zero with the number behind: ranks without a chart.

    `fieldMinMax` ends the bars on the column's own greatest value, not on the table's.
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
