"""Throughput by terminal and day, which the variable `terminal` filters."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from contract.book import Book
from dashboards.grafana.curve_panel import curve
from dashboards.grafana.explain_links import ExplainLinks, as_style
from dashboards.grafana.language import Language
from dashboards.grafana.layout import describe, uid, utc_offset
from dashboards.grafana.specs import CODE_COLUMN, Axis, Column, CurveLine, GridPlace, PanelHead
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
    words,
)
from dashboards.queries import year
from dashboards.queries.promql import at_range_end, held, select, until, with_code
from dashboards.queries.year import AREA, HERE, NOW
from kpis.model.kpi import hourly, recorded
from kpis.port import handled, pacing
from kpis.port.throughput import LATEST


def daily_throughput(book: Book, language: Language, explain: ExplainLinks) -> Any:
    """TEU by day; each is drawn on its own day, though it is known only from the next midnight."""
    day = LATEST[handled.day]
    ahead = timedelta(hours=47) - utc_offset(book)
    closed = held(select(hourly(day), **AREA, **HERE), "23h", f"-{_hours(ahead)}")
    days = year.of_whole_years(f"sum({closed})", utc_offset(book))
    mean = year.mean_of_week(select(hourly(day), **AREA, **HERE), utc_offset(book))
    everywhere, here = (
        f"count({at_range_end(select(hourly(day), **labels))})" for labels in (AREA, AREA | HERE)
    )
    to_its_day = as_style(explain.of_day())
    whole_port = f"({year.plan_per_day()}) and on () ({here} == {everywhere})"
    lines = [
        CurveLine(language.text("Day"), days, ACTUAL_DIM, 1, step="1d", extra_style=to_its_day),
        CurveLine(
            language.text("Mean of 7 days"),
            until(f"sum({mean})", year.as_of()),
            width=3,
            step="1d",
            extra_style=to_its_day,
        ),
        CurveLine(language.text("Plan a day"), whole_port, PLAN, 1, LONG_DASH, step="1d"),
    ]
    described = describe(
        language,
        day,
        year.kpi(pacing.plan_month),
        note="Whole days in the port's zone, so a range of some hours shows none.  Dashed: the "
        "plan a day, only while all terminals are shown.  The mean begins with the first whole "
        "week of the books.",
    )
    title = language.text("TEU a day, and its 7-day mean")
    axis = Axis(decimals=0, low=0, legend=False)
    return curve(PanelHead(title, described, GridPlace(8, 15, 9, 6)), lines, axis)


def terminals_table(book: Book, language: Language, explain: ExplainLinks) -> Any:
    """All terminals, whichever are chosen, the greatest first."""
    done = select(recorded(year.kpi(handled.ytd)), **year.YEAR)
    last = select(recorded(LATEST[handled.day]), **AREA)
    each = f"max by (terminal) ({held(done)})"
    to_year = as_style(explain.of_terminals_year())
    share = Column(
        language.text("Share"),
        bar("percentunit", 1, max=1) | {"custom.width": 110} | to_year,
        quantity=language.count(f"{each} / on () group_left () {year.figure(handled.ytd)}"),
    )
    teu = language.text("TEU")
    columns = [
        _terminal_column(book, language, 115, explain.of_terminal()),
        Column.of(teu, language.teu(with_code(each, "terminal")), 90, to_year),
        share,
        Column.of(
            language.text("Last day"),
            language.count(f"max by (terminal) ({held(last)})"),
            80,
            as_style(explain.of_terminals_last_day()),
        ),
        CODE_COLUMN,
    ]
    described = describe(
        language,
        year.kpi(handled.ytd),
        LATEST[handled.day],
        note="A click on a terminal shows it alone, or leads to its records.",
    )
    head = PanelHead(language.text("Terminals"), described, GridPlace(17, 15, 7, 6), NOW)
    return table(head, columns, sort=(teu, True))


def hourly_rate(book: Book, language: Language, explain: ExplainLinks) -> Any:
    """TEU an hour of each terminal, smoothed over a week of nights and days.

    The greatest terminals of the year have a colour and a name each.  The others are thin grey
    lines, so that even forty of them do not hide the greatest.
    """
    hour = LATEST[handled.hour]
    mean = year.mean_of_week(select(hourly(hour), **AREA, **HERE), utc_offset(book))
    each = until(f"max by (terminal) ({mean})", year.as_of())
    handled_so_far = at_range_end(select(hourly(year.kpi(handled.ytd)), **year.YEAR, **HERE))
    greatest = [f"topk({n}, max by (terminal) ({handled_so_far}))" for n in range(len(PEERS) + 1)]
    to_its_day = as_style(explain.of_terminals_day())
    ranked = [
        CurveLine(
            "{{terminal}}",
            f"({each}) and on (terminal) ({above} unless {below})",
            colour,
            step="1h",
            extra_style=to_its_day,
        )
        for below, above, colour in zip(greatest, greatest[1:], PEERS, strict=False)
    ]
    others = CurveLine(
        "{{terminal}}",
        f"({each}) unless on (terminal) {greatest[-1]}",
        LAST_YEAR,
        1,
        in_legend=False,
        step="1h",
        extra_style=to_its_day,
    )
    names = [
        by_name(terminal.code, {"displayName": language.name(terminal.name)})
        for area in book.area
        for terminal in area.terminal
    ]
    head = PanelHead(
        language.text("TEU an hour, mean of 7 days"),
        describe(language, hour),
        GridPlace(11, 22, 13, 6),
    )
    return curve(head, [*ranked, others], Axis(decimals=0, low=0), names)


def moves_by_terminal(book: Book, language: Language, explain: ExplainLinks) -> Any:
    """Quay moves, gate moves and unsized moves of each terminal."""

    def each(formula: Any, **labels: str) -> str:
        series = select(recorded(year.kpi(formula)), **year.YEAR, **HERE, **labels)
        return f"max by (terminal) ({held(series)})"

    quay = language.text("Quay")
    columns = [
        _terminal_column(book, language, 120, explain.of_terminal()),
        *(
            Column.of(heading, language.count(moved), 68, as_style(explain.of_moves(*which)))
            for heading, moved, *which in (
                (quay, with_code(each(handled.ytd_moves), "terminal")),
                (language.text("Gate in"), each(handled.gate, direction="in"), "move=GTIN"),
                (language.text("Gate out"), each(handled.gate, direction="out"), "move=GTOT"),
                (language.text("No size"), each(handled.unsized), "reason=unknown_size"),
            )
        ),
        CODE_COLUMN,
    ]
    described = describe(
        language,
        *(year.kpi(of) for of in (handled.ytd_moves, handled.gate, handled.unsized)),
    )
    head = PanelHead(
        language.text("Moves since 1 January"), described, GridPlace(11, 28, 13, 5), NOW
    )
    return table(head, columns, sort=(quay, True))


def _terminal_column(
    book: Book, language: Language, width: int, explained: Sequence[Any]
) -> Column:
    """The column of terminals by name; a click on one chooses it alone, or explains it."""
    names = {t.code: language.name(t.name) for area in book.area for t in area.terminal}
    link = {
        "title": language.text("Only this terminal"),
        "url": f"/d/{uid('port', language)}?var-terminal=${{__value.raw}}&${{__url_time_range}}",
    }
    style: Json = {"mappings": words(names), "custom.minWidth": width}
    style |= as_style([link, *explained])
    return Column(language.text("Terminal"), style, label="terminal")


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.0f}h"
