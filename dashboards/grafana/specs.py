"""What panels and boards are told, as values: heads, figures, lines, columns, variables."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboards.grafana.language import Quantity
from dashboards.grafana.theme import ACTUAL, Json, number
from kpis.model.kpi import Kpi
from kpis.pipeline import Meter


class GridPlace(NamedTuple):
    """Where a panel hangs: column, row, width and height on a grid of 24 columns."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True)
class PanelHead:
    """What every panel has: a title ("" where the names stand inside), a description, its place.

    `age` names a time to look back from now ("1h"), whatever the dashboard's range ends on; `none`
    is what stands there without data, where the board's own word would mislead.
    """

    title: str
    about: str
    place: GridPlace
    age: str | None = None
    none: str | None = None


@dataclass(frozen=True)
class PanelFigure:
    """One number of a `figures` panel; `look` colours it, fixed or by thresholds."""

    name: str
    quantity: Quantity
    look: Json
    shows: tuple[Kpi[Any] | Meter, ...] = ()
    """What it is told of, for the panel's description."""


@dataclass(frozen=True)
class Mark:
    """An annotation: a query whose series are spans of time, or one instant as its value."""

    name: str
    expr: str
    colour: str
    title: str
    at_value: bool = False
    step: str = "1h"


@dataclass(frozen=True)
class CurveLine:
    """One query of a curve and its looks; `down_to` names the line that its fill ends on."""

    name: str
    expr: str
    colour: str = ACTUAL
    width: int = 2
    dash: tuple[int, ...] = ()
    fill: int = 0
    down_to: str = ""
    in_legend: bool = True
    step: str = "1h"
    more: Json | None = None


@dataclass(frozen=True)
class Axis:
    """A curve's value axis from `low` to `high`; `steps` colour what is drawn by them."""

    unit: str = "locale"
    decimals: int | None = None
    low: float | None = None
    high: float | None = None
    legend: bool = True
    steps: Json | None = None


@dataclass(frozen=True)
class Column:
    """A table's column: a label of the first query, or the values of a query of its own.

    With a `step` it is a curve over the range, as small as a cell.
    """

    heading: str
    look: Json
    label: str = ""
    quantity: Quantity | None = None
    step: str = ""

    @classmethod
    def of(cls, heading: str, quantity: Quantity, width: int | None = None) -> "Column":
        """A right-aligned column of a quantity's numbers."""
        return cls(heading, number(quantity.unit, quantity.decimals, width), quantity=quantity)


@dataclass(frozen=True)
class Rows:
    """What the rows of a table are: a query whose labels fill columns, and the label it joins."""

    key: str
    expr: str


@dataclass(frozen=True)
class Choice:
    """A variable: from a query (`regex` takes its answers apart), else from (shown, value) pairs.

    The first of the pairs is what a board opens with.
    """

    name: str
    label: str
    query: str = ""
    regex: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    together: str = ""
    """What all of the pairs are called together; without it just one of them is chosen."""


@dataclass(frozen=True)
class Board:
    """A whole dashboard: what it is called and asks, its panels, variables, links and range."""

    uid: str
    title: str
    about: str
    lang: str
    time_zone: str
    panels: tuple[Any, ...]
    choices: tuple[Choice, ...]
    links: tuple[tuple[str, str], ...]
    """(title, address) of the other boards."""
    no_data: str
    start: str
    end: str = "now"
    refresh: str = "1m"
    marks: tuple[Mark, ...] = ()
