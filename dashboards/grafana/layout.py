"""What all boards share: time ranges, addresses, links, variables and panel descriptions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from contract.book import Book
from dashboards.grafana.dashboard import board
from dashboards.grafana.language import Language
from dashboards.grafana.specs import (
    Board,
    BoardVariable,
    GridPlace,
    PanelFigure,
    PanelHead,
    TextSize,
)
from dashboards.grafana.stat_panel import figure_panel
from dashboards.grafana.theme import Json
from dashboards.panels.annotations import annotations
from dashboards.queries.present import NEWEST, NEWEST_QUERY, NEWEST_REGEX
from dashboards.queries.promql import LIVE, RUN, aggregate
from kpis.model.kpi import Kpi, recorded
from kpis.pipeline import Meter
from kpis.port import handled
from kpis.port.throughput import THROUGHPUT


class TimeRange(NamedTuple):
    """The time range on which a board opens, and how often it refreshes."""

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
"""Board -> its time range, in the order of the links."""


def boards_of(book: Book) -> tuple[str, ...]:
    """Return the boards of what the book describes, in the order of the links."""
    absent = {"port": not book.area, "projects": book.zone is None}
    return tuple(name for name in BOARDS if not absent.get(name))


def uid(name: str, language: Language) -> str:
    """Return a board's fixed uid, which is its address in every Grafana."""
    return f"quaymark-{name}-{language.lang}"


def describe(language: Language, *shown: Kpi[Any] | Meter, note: str = "") -> str:
    """Return a panel's description: the note, then the help text of each KPI that it shows."""
    helps = dict.fromkeys(one.help for one in shown)
    return "\n\n".join(
        [*([language.text(note)] if note else []), *(language.text(text) for text in helps)]
    )


def kpi_figures(
    language: Language,
    place: GridPlace,
    rows: Sequence[PanelFigure],
    *,
    note: str = "",
    look_back: str | None = None,
    size: TextSize | None = None,
) -> Any:
    """A panel of figures that are read together, described by the KPIs that it shows."""
    shown = [one for row in rows for one in row.shows]
    return figure_panel(
        PanelHead("", describe(language, *shown, note=note), place, look_back), rows, size
    )


def area_choices(book: Book, language: Language) -> tuple[BoardVariable, ...]:
    """The variables port area and terminal, from the book, and year, from the series."""
    areas = tuple((language.name(area.name), area.code) for area in book.area)
    terminals = tuple(
        (language.name(t.name), as_pattern(t.code)) for area in book.area for t in area.terminal
    )
    years = aggregate(THROUGHPUT[handled.ytd]).where(port_area="$port_area")
    return (
        BoardVariable("port_area", language.text("Port area"), options=areas),
        BoardVariable(
            "terminal",
            language.text("Terminal"),
            options=terminals,
            all_text=language.text("All", "terminals"),
        ),
        BoardVariable("year", language.text("Year"), query=f"label_values({years}, year)"),
    )


def run_choice(language: Language) -> BoardVariable:
    """The variable that chooses the live figures or those of one replay run."""
    live = language.text("live")
    runs = f"{recorded(THROUGHPUT[handled.as_of])}{{{RUN}!=''}}"
    named = f"label_replace(count by ({RUN}) (last_over_time({runs}[400d])), 'pick', '$1|$1', "
    query = (
        f"query_result(label_replace(vector(1), 'pick', '{live}|{LIVE}', '', '') "
        f"or {named}'{RUN}', '(.+)'))"
    )
    return BoardVariable(
        RUN,
        language.text("Run"),
        query=query,
        regex='/pick="(?<text>[^|]+)\\|(?<value>[^"]+)"/',
        options=((live, LIVE),),
    )


def newest_sample() -> BoardVariable:
    """The hidden variable with the time of the newest sample, for ranges that end later."""
    return BoardVariable(NEWEST, "", query=NEWEST_QUERY, regex=NEWEST_REGEX, is_hidden=True)


def as_pattern(code: str) -> str:
    """Return a terminal's code as a regular expression that needs no quoting anywhere."""
    return "".join(letter if letter.isalnum() or letter in "-_ " else "." for letter in code)


def assemble(
    name: str, language: Language, book: Book, place: str, question: str, panels: Sequence[Any]
) -> Json:
    """Assemble a board; its title names board and place, its description is the question."""
    time_range = BOARDS[name]
    areas = area_choices(book, language) if name == "port" else ()
    return board(
        Board(
            uid=uid(name, language),
            title=" · ".join(filter(None, (language.text(time_range.title, "board"), place))),
            description=language.text(question),
            lang=language.lang,
            time_zone=book.port.time_zone,
            panels=tuple(panels),
            variables=(*areas, run_choice(language), newest_sample()),
            links=tuple(
                (
                    ("● " if other == name else "") + language.text(range_.title, "board"),
                    f"/d/{uid(other, language)}",
                )
                for other, range_ in BOARDS.items()
                if other in boards_of(book)
            ),
            annotations=annotations(book, language) if name == "port" else (),
            no_data=language.text("no data"),
            start=time_range.start,
            end=time_range.end,
            refresh=time_range.refresh,
        )
    )


def utc_offset(book: Book) -> timedelta:
    """Return the zone's offset from UTC in winter; in summer time the boards are an hour off."""
    return datetime(2026, 1, 1, tzinfo=UTC).astimezone(book.tz).utcoffset() or timedelta()
