"""What the boards share: their addresses, the links between them, variables, and descriptions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from contract.book import Book
from dashboards.grafana.dashboard import board
from dashboards.grafana.language import Language
from dashboards.grafana.specs import Board, Choice, GridPlace, PanelFigure, PanelHead
from dashboards.grafana.stat_panel import figures
from dashboards.grafana.theme import Json
from dashboards.panels.annotations import marks
from dashboards.queries.promql import LIVE, RUN, whole
from kpis.model.kpi import Kpi, recorded
from kpis.pipeline import Meter
from kpis.port import handled
from kpis.port.throughput import THROUGHPUT


class TimeRange(NamedTuple):
    """What a board looks at when it is opened, and how often it looks again."""

    title: str
    start: str
    end: str = "now"
    refresh: str = "1m"


BOARDS = {
    "port": TimeRange("Port", "now/y", "now/y"),
    "projects": TimeRange("Projects", "now-2y"),
    "targets": TimeRange("Targets", "now-90d"),
    "pipeline": TimeRange("Pipeline", "now-6h", refresh="15s"),
}
"""Board -> its range, in the order of the links."""


def uid(name: str, say: Language) -> str:
    """A board's fixed uid: its address in every Grafana."""
    return f"quaymark-{name}-{say.lang}"


def about(say: Language, *shown: Kpi[Any] | Meter, note: str = "") -> str:
    """A panel's description: what is special here, then what each KPI says of itself."""
    helps = dict.fromkeys(one.help for one in shown)
    return "\n\n".join([*([say(note)] if note else []), *(say(text) for text in helps)])


def read(
    say: Language,
    place: GridPlace,
    rows: Sequence[PanelFigure],
    *,
    note: str = "",
    age: str | None = None,
    small: bool = False,
) -> Any:
    """Figures that are read together, described by the KPIs they show."""
    shown = [one for row in rows for one in row.shows]
    return figures(PanelHead("", about(say, *shown, note=note), place, age), rows, small)


def area_choices(book: Book, say: Language) -> tuple[Choice, ...]:
    """Port area and terminals by the names in the book, and the years that have series."""
    areas = tuple((say.name(area.name), area.code) for area in book.area)
    terminals = tuple(
        (say.name(t.name), as_pattern(t.code)) for area in book.area for t in area.terminal
    )
    years = whole(THROUGHPUT[handled.ytd]).where(port_area="$port_area")
    return (
        Choice("port_area", say("Port area"), pairs=areas),
        Choice("terminal", say("Terminal"), pairs=terminals, together=say("All", "terminals")),
        Choice("year", say("Year"), query=f"label_values({years}, year)"),
    )


def run_choice(say: Language) -> Choice:
    """Live, or one of the runs that a replay measured."""
    live = say("live")
    runs = f"{recorded(THROUGHPUT[handled.as_of])}{{{RUN}!=''}}"
    named = f"label_replace(count by ({RUN}) (last_over_time({runs}[400d])), 'pick', '$1|$1', "
    query = (
        f"query_result(label_replace(vector(1), 'pick', '{live}|{LIVE}', '', '') "
        f"or {named}'{RUN}', '(.+)'))"
    )
    return Choice(
        RUN,
        say("Run"),
        query=query,
        regex='/pick="(?<text>[^|]+)\\|(?<value>[^"]+)"/',
        pairs=((live, LIVE),),
    )


def as_pattern(code: str) -> str:
    """A terminal's code as a regular expression that survives every kind of quoting."""
    return "".join(letter if letter.isalnum() or letter in "-_ " else "." for letter in code)


def hang(
    name: str, say: Language, book: Book, place: str, question: str, panels: Sequence[Any]
) -> Json:
    """A board: titled by its name and the place it shows, described by the question it answers."""
    looks_at = BOARDS[name]
    areas = area_choices(book, say) if name == "port" else ()
    return board(
        Board(
            uid=uid(name, say),
            title=" · ".join(filter(None, (say(looks_at.title, "board"), place))),
            about=say(question),
            lang=say.lang,
            time_zone=book.port.time_zone,
            panels=tuple(panels),
            choices=(*areas, run_choice(say)),
            links=tuple(
                (("● " if other == name else "") + say(it.title, "board"), f"/d/{uid(other, say)}")
                for other, it in BOARDS.items()
            ),
            marks=marks(book, say) if name == "port" else (),
            no_data=say("no data"),
            start=looks_at.start,
            end=looks_at.end,
            refresh=looks_at.refresh,
        )
    )


def utc_offset(book: Book) -> timedelta:
    """The zone's distance from UTC in winter; where summer time is kept, an hour is forgiven."""
    return datetime(2026, 1, 1, tzinfo=UTC).astimezone(book.tz).utcoffset() or timedelta()
