"""The parameters of panels and boards as frozen values: heads, figures, lines, columns."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboards.grafana.language import Quantity
from dashboards.grafana.theme import ACTUAL, Json, number
from kpis.model.kpi import Kpi
from kpis.pipeline import Meter


class GridPlace(NamedTuple):
    """A panel's column, row, width and height on Grafana's grid of 24 columns."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True)
class PanelHead:
    """What every panel has: its title ("" where names stand inside), description and place.

    `look_back` is a time back from now ("1h") that replaces the board's own time range;
    `no_value` is the text without data, where the board's own text would mislead.
    """

    title: str
    description: str
    place: GridPlace
    look_back: str | None = None
    no_value: str | None = None


class TextSize(NamedTuple):
    """The font sizes of a figure's name and value, in pixels."""

    name: int
    value: int


SMALL = TextSize(16, 26)
"""For a single secondary number, which Grafana would draw larger than the headline."""
COMPACT = TextSize(13, 22)
"""For several secondary numbers with words among them, which must fit at 800 pixels."""


@dataclass(frozen=True)
class PanelFigure:
    """One number of a figure panel; `style` colours it, by a fixed colour or by thresholds."""

    name: str
    quantity: Quantity
    style: Json
    shows: tuple[Kpi[Any] | Meter, ...] = ()
    """The KPIs or meters that the panel's description quotes."""


@dataclass(frozen=True)
class Annotation:
    """An annotation; its query gives spans of time, or an instant with `at_value`."""

    name: str
    expr: str
    colour: str
    title: str
    at_value: bool = False
    step: str = "1h"


@dataclass(frozen=True)
class CurveLine:
    """One query of a curve and its style; `fill_to` names the line down to which it is filled."""

    name: str
    expr: str
    colour: str = ACTUAL
    width: int = 2
    dash: tuple[int, ...] = ()
    fill: int = 0
    fill_to: str = ""
    in_legend: bool = True
    step: str = "1h"
    extra_style: Json | None = None


@dataclass(frozen=True)
class Axis:
    """A curve's value axis; `steps` are the thresholds of its colours.

    It reaches from `low` to `high`, or further for values beyond these if they are `soft`.
    """

    unit: str = "locale"
    decimals: int | None = None
    low: float | None = None
    high: float | None = None
    soft: bool = False
    legend: bool = True
    steps: Json | None = None
    logarithmic: bool = False
    """Each grid line stands for ten times the one below it."""


@dataclass(frozen=True)
class Column:
    """A table's column: a label of the first query, or the values of a query of its own.

    With a `step` the query runs over the range, and the cell shows it as a sparkline.
    """

    heading: str
    style: Json
    label: str = ""
    quantity: Quantity | None = None
    step: str = ""

    @classmethod
    def of(
        cls, heading: str, quantity: Quantity, width: int | None = None, links: Json | None = None
    ) -> "Column":
        """A right-aligned column of a quantity's numbers, with the links of each."""
        style = number(quantity.unit, quantity.decimals, width) | (links or {})
        return cls(heading, style, quantity=quantity)


CODE = "code"
CODE_COLUMN = Column(CODE, {"custom.hidden": True}, label=CODE)
"""What a row is about, by its code; it is not shown, and the links of other cells name it."""


@dataclass(frozen=True)
class Rows:
    """The rows of a table: a query whose labels fill columns, and the label to join on."""

    key: str
    expr: str


@dataclass(frozen=True)
class BoardVariable:
    """A board's variable: its options come from a query, or are given as (text, value) pairs.

    `regex` splits a query's answers into text and value.  A board opens with the first option.
    """

    name: str
    label: str
    query: str = ""
    regex: str = ""
    options: tuple[tuple[str, str], ...] = ()
    all_text: str = ""
    """The text of the option "all"; without it one option alone can be chosen."""
    is_hidden: bool = False
    """A hidden variable is not shown, and not kept in links."""


@dataclass(frozen=True)
class Board:
    """A whole dashboard: its title and question, panels, variables, links and time range."""

    uid: str
    title: str
    description: str
    lang: str
    time_zone: str
    panels: tuple[Any, ...]
    variables: tuple[BoardVariable, ...]
    links: tuple[tuple[str, str], ...]
    """(title, address) of the other boards."""
    no_data: str
    start: str
    end: str = "now"
    refresh: str = "1m"
    annotations: tuple[Annotation, ...] = ()
