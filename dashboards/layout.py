"""What the boards share: their addresses, the links between them, variables, and descriptions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from contract.book import Book
from dashboards.looks import Json
from dashboards.panels import board
from dashboards.promql import whole
from dashboards.shapes import Board, Choice
from dashboards.tongue import Tongue
from kpis import handled
from kpis.kpi import Kpi
from kpis.throughput import THROUGHPUT

BOARDS = {"port": ("Port", "港口"), "projects": ("Projects", "项目")}
"""Board -> its name in English and Chinese, in the order of the links."""


def uid(name: str, say: Tongue) -> str:
    """A board's fixed uid: its address in every Grafana."""
    return f"quaymark-{name}-{say.lang}"


def about(say: Tongue, chinese: str, *kpis: Kpi[Any]) -> str:
    """A panel's description: what the catalogue says of each KPI, or the same in Chinese."""
    return say("\n\n".join(kpi.help for kpi in kpis), chinese)


def area_choices(book: Book, say: Tongue) -> tuple[Choice, ...]:
    """Port area and terminals by the names in the book, and the years that have series."""
    areas = tuple((say.name(area.name), area.code) for area in book.area)
    terminals = tuple((say.name(t.name), t.code) for area in book.area for t in area.terminal)
    years = whole(THROUGHPUT[handled.ytd]).where(port_area="$port_area")
    return (
        Choice("port_area", say("Port area", "港区"), pairs=areas),
        Choice("terminal", say("Terminal", "码头"), pairs=terminals, many=True),
        Choice("year", say("Year", "年份"), query=f"label_values({years}, year)"),
    )


def hang(
    name: str, say: Tongue, book: Book, place: str, question: str, panels: Sequence[Any]
) -> Json:
    """A board: titled by its name and the place it shows, described by the question it answers."""
    span = ("now/y", "now/y") if name == "port" else ("now-2y", "now")
    return board(
        Board(
            uid=uid(name, say),
            title=f"{say(*BOARDS[name])} · {place}",
            about=question,
            lang=say.lang,
            time_zone=book.port.time_zone,
            panels=tuple(panels),
            choices=area_choices(book, say) if name == "port" else (),
            links=tuple(
                (("● " if other == name else "") + say(*title), f"/d/{uid(other, say)}")
                for other, title in BOARDS.items()
            ),
            no_data=say("no data", "无数据"),
            start=span[0],
            end=span[1],
        )
    )


def utc_offset(book: Book) -> timedelta:
    """The zone's distance from UTC in winter; where summer time is kept, an hour is forgiven."""
    return datetime(2026, 1, 1, tzinfo=UTC).astimezone(book.tz).utcoffset() or timedelta()
