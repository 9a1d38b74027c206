"""The terminals, day by day: what the terminal variable filters."""

from datetime import timedelta
from typing import Any

from contract.book import Book
from dashboards import year
from dashboards.layout import about, uid, utc_offset
from dashboards.looks import (
    ACTUAL_DIM,
    LONG_DASH,
    PEERS,
    PLAN,
    Json,
    bar,
    by_name,
    fixed,
    number,
    words,
)
from dashboards.panels import curve, table
from dashboards.promql import held, newest, until
from dashboards.shapes import Axis, Column, Head, Line, Place
from dashboards.tongue import Tongue
from dashboards.year import AREA, HERE, NOW
from kpis import handled, pacing
from kpis.kpi import hourly, recorded
from kpis.throughput import LATEST


def daily(book: Book, say: Tongue) -> Any:
    """A day's figure stands on that day, though it is known from the next midnight on."""
    day = LATEST[handled.day]
    ahead = timedelta(hours=47) - utc_offset(book)
    closed = held(hourly(day).where(**AREA, **HERE), "23h", f"-{_hours(ahead)}")
    mean = f"avg_over_time({hourly(day).where(**AREA, **HERE)}[7d])"
    everywhere, here = (
        f"count({newest(hourly(day).where(**labels))})" for labels in (AREA, AREA | HERE)
    )
    whole_port = f"({year.plan_per_day()}) and on () ({here} == {everywhere})"
    lines = [
        Line(say("Day", "当日"), f"sum({closed})", ACTUAL_DIM, 1, step="1d"),
        Line(
            say("Mean of 7 days", "7 日均值"),
            until(f"sum({mean})", year.as_of()),
            width=3,
            step="1d",
        ),
        Line(say("Plan a day", "日计划"), whole_port, PLAN, 1, LONG_DASH, step="1d"),
    ]
    described = about(
        say,
        "按港口时区归日的完整日；虚线为日计划量，仅在显示全部码头时出现。",
        day,
        year.kpi(pacing.plan_month),
    )
    title = say("TEU a day, and its 7-day mean", "日完成标箱与 7 日均值")
    axis = Axis(decimals=0, low=0, legend=False)
    return curve(Head(title, described, Place(8, 14, 9, 7)), lines, axis)


def terminals(book: Book, say: Tongue) -> Any:
    """Terminals side by side, the greatest first; all of them, whatever is chosen."""
    done = recorded(year.kpi(handled.ytd)).where(**year.YEAR)
    last = recorded(LATEST[handled.day]).where(**AREA)
    each = f"max by (terminal) ({held(done)})"
    share = Column(
        say("Share", "占比"),
        bar("percentunit", 0, max=1) | {"custom.minWidth": 100},
        quantity=say.count(f"{each} / on () group_left () {year.figure(handled.ytd)}"),
    )
    teu = say("TEU", "万标箱")
    columns = [
        _terminal_column(book, say, 115),
        Column.of(teu, say.teu(each), 90),
        share,
        Column.of(
            say("Last day", "昨日"),
            say.count(f"max by (terminal) ({held(last)})"),
            80,
        ),
    ]
    described = about(
        say,
        "各码头年初至今标箱、占比与最近完整日标箱；点击码头名称可只看该码头。",
        year.kpi(handled.ytd),
        LATEST[handled.day],
    )
    head = Head(say("Terminals", "码头"), described, Place(17, 14, 7, 7), NOW)
    return table(head, columns, sort=(teu, True))


def by_the_hour(book: Book, say: Tongue) -> Any:
    """How fast each terminal works, smoothed over a week of nights and days."""
    hour = LATEST[handled.hour]
    mean = f"avg_over_time({hourly(hour).where(**AREA, **HERE)}[7d])"
    terminals = [terminal for area in book.area for terminal in area.terminal]
    peers = [
        by_name(
            terminal.code,
            {"color": fixed(PEERS[n % len(PEERS)]), "displayName": say.name(terminal.name)},
        )
        for n, terminal in enumerate(terminals)
    ]
    each = until(f"max by (terminal) ({mean})", year.as_of())
    described = about(say, "各码头每小时装卸标箱的 7 日均值。", hour)
    title = say("TEU an hour, mean of 7 days", "每小时标箱，7 日均值")
    return curve(
        Head(title, described, Place(12, 22, 12, 6)),
        [Line("{{terminal}}", each, step="6h")],
        Axis(decimals=0, low=0),
        peers,
    )


def moves(book: Book, say: Tongue) -> Any:
    """What the terminals moved beside TEU."""

    def each(formula: Any, **labels: str) -> str:
        series = recorded(year.kpi(formula)).where(**year.YEAR, **HERE, **labels)
        return f"max by (terminal) ({held(series)})"

    quay = say("Quay", "装卸")
    columns = [
        _terminal_column(book, say, 120),
        *(
            Column(heading, number("locale", 0) | {"custom.minWidth": 66}, quantity=moved)
            for heading, moved in (
                (quay, say.count(each(handled.ytd_moves))),
                (say("Gate in", "进闸"), say.count(each(handled.gate, direction="in"))),
                (say("Gate out", "出闸"), say.count(each(handled.gate, direction="out"))),
                (say("No size", "箱型不明"), say.count(each(handled.unsized))),
            )
        ),
    ]
    described = about(
        say,
        "年初至今装卸次数（含倒箱）、闸口进出次数与箱型不明的次数；后者有作业而无标箱。",
        *(year.kpi(of) for of in (handled.ytd_moves, handled.gate, handled.unsized)),
    )
    head = Head(
        say("Moves since 1 January", "年初至今作业次数"), described, Place(12, 28, 12, 5), NOW
    )
    return table(head, columns, sort=(quay, True))


def _terminal_column(book: Book, say: Tongue, width: int) -> Column:
    """Terminals by name; a click shows only that one."""
    names = {t.code: say.name(t.name) for area in book.area for t in area.terminal}
    link = {
        "title": say("Only this terminal", "只看该码头"),
        "url": f"/d/{uid('port', say)}?var-terminal=${{__value.raw}}&${{__url_time_range}}",
    }
    look: Json = {"mappings": words(names), "links": [link], "custom.minWidth": width}
    return Column(say("Terminal", "码头"), look, label="terminal")


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.0f}h"
