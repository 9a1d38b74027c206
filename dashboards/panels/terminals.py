"""The terminals, day by day: what the terminal variable filters."""

from datetime import timedelta
from typing import Any

from contract.book import Book
from dashboards.grafana.curve_panel import curve
from dashboards.grafana.language import Language
from dashboards.grafana.layout import about, uid, utc_offset
from dashboards.grafana.specs import Axis, Column, CurveLine, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import (
    ACTUAL_DIM,
    LAST_YEAR,
    LONG_DASH,
    PEERS,
    PLAN,
    Json,
    bar,
    by_name,
    number,
    words,
)
from dashboards.queries import year
from dashboards.queries.promql import held, newest, pick, until
from dashboards.queries.year import AREA, HERE, NOW
from kpis.model.kpi import hourly, recorded
from kpis.port import handled, pacing
from kpis.port.throughput import LATEST


def daily(book: Book, say: Language) -> Any:
    """A day's figure stands on that day, though it is known from the next midnight on."""
    day = LATEST[handled.day]
    ahead = timedelta(hours=47) - utc_offset(book)
    closed = held(pick(hourly(day), **AREA, **HERE), "23h", f"-{_hours(ahead)}")
    mean = f"avg_over_time({pick(hourly(day), **AREA, **HERE)}[7d])"
    everywhere, here = (
        f"count({newest(pick(hourly(day), **labels))})" for labels in (AREA, AREA | HERE)
    )
    whole_port = f"({year.plan_per_day()}) and on () ({here} == {everywhere})"
    lines = [
        CurveLine(say("Day"), f"sum({closed})", ACTUAL_DIM, 1, step="1d"),
        CurveLine(
            say("Mean of 7 days"),
            until(f"sum({mean})", year.as_of()),
            width=3,
            step="1d",
        ),
        CurveLine(say("Plan a day"), whole_port, PLAN, 1, LONG_DASH, step="1d"),
    ]
    described = about(
        say,
        day,
        year.kpi(pacing.plan_month),
        note="Whole days in the port's zone.  Dashed: the plan a day, only while all terminals "
        "are shown.",
    )
    title = say("TEU a day, and its 7-day mean")
    axis = Axis(decimals=0, low=0, legend=False)
    return curve(PanelHead(title, described, GridPlace(8, 14, 9, 7)), lines, axis)


def terminals(book: Book, say: Language) -> Any:
    """Terminals side by side, the greatest first; all of them, whatever is chosen."""
    done = pick(recorded(year.kpi(handled.ytd)), **year.YEAR)
    last = pick(recorded(LATEST[handled.day]), **AREA)
    each = f"max by (terminal) ({held(done)})"
    share = Column(
        say("Share"),
        bar("percentunit", 1, max=1) | {"custom.width": 110},
        quantity=say.count(f"{each} / on () group_left () {year.figure(handled.ytd)}"),
    )
    teu = say("TEU")
    columns = [
        _terminal_column(book, say, 115),
        Column.of(teu, say.teu(each), 90),
        share,
        Column.of(
            say("Last day"),
            say.count(f"max by (terminal) ({held(last)})"),
            80,
        ),
    ]
    described = about(
        say,
        year.kpi(handled.ytd),
        LATEST[handled.day],
        note="A click on a terminal shows it alone.",
    )
    head = PanelHead(say("Terminals"), described, GridPlace(17, 14, 7, 7), NOW)
    return table(head, columns, sort=(teu, True))


def by_the_hour(book: Book, say: Language) -> Any:
    """How fast each terminal works, smoothed over a week of nights and days.

    The greatest terminals of the year each have a colour and a name; any others are thin and grey,
    so that forty of them hide nothing.
    """
    hour = LATEST[handled.hour]
    mean = f"avg_over_time({pick(hourly(hour), **AREA, **HERE)}[7d])"
    each = until(f"max by (terminal) ({mean})", year.as_of())
    handled_so_far = newest(pick(hourly(year.kpi(handled.ytd)), **year.YEAR, **HERE))
    greatest = [f"topk({n}, max by (terminal) ({handled_so_far}))" for n in range(len(PEERS) + 1)]
    ranked = [
        CurveLine(
            "{{terminal}}",
            f"({each}) and on (terminal) ({above} unless {below})",
            colour,
            step="6h",
        )
        for below, above, colour in zip(greatest, greatest[1:], PEERS, strict=False)
    ]
    others = CurveLine(
        "{{terminal}}",
        f"({each}) unless on (terminal) {greatest[-1]}",
        LAST_YEAR,
        1,
        in_legend=False,
        step="6h",
    )
    names = [
        by_name(terminal.code, {"displayName": say.name(terminal.name)})
        for area in book.area
        for terminal in area.terminal
    ]
    head = PanelHead(
        say("TEU an hour, mean of 7 days"), about(say, hour), GridPlace(11, 22, 13, 6)
    )
    return curve(head, [*ranked, others], Axis(decimals=0, low=0), names)


def moves(book: Book, say: Language) -> Any:
    """What the terminals moved beside TEU."""

    def each(formula: Any, **labels: str) -> str:
        series = pick(recorded(year.kpi(formula)), **year.YEAR, **HERE, **labels)
        return f"max by (terminal) ({held(series)})"

    quay = say("Quay")
    columns = [
        _terminal_column(book, say, 120),
        *(
            Column(heading, number("locale", 0, 68), quantity=moved)
            for heading, moved in (
                (quay, say.count(each(handled.ytd_moves))),
                (say("Gate in"), say.count(each(handled.gate, direction="in"))),
                (say("Gate out"), say.count(each(handled.gate, direction="out"))),
                (say("No size"), say.count(each(handled.unsized))),
            )
        ),
    ]
    described = about(
        say,
        *(year.kpi(of) for of in (handled.ytd_moves, handled.gate, handled.unsized)),
    )
    head = PanelHead(say("Moves since 1 January"), described, GridPlace(11, 28, 13, 5), NOW)
    return table(head, columns, sort=(quay, True))


def _terminal_column(book: Book, say: Language, width: int) -> Column:
    """Terminals by name; a click shows only that one."""
    names = {t.code: say.name(t.name) for area in book.area for t in area.terminal}
    link = {
        "title": say("Only this terminal"),
        "url": f"/d/{uid('port', say)}?var-terminal=${{__value.raw}}&${{__url_time_range}}",
    }
    look: Json = {"mappings": words(names), "links": [link], "custom.minWidth": width}
    return Column(say("Terminal"), look, label="terminal")


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.0f}h"
