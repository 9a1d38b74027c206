"""Port: is the year on track?  The first row answers, the main chart says where it leads."""

from typing import Any

from contract.book import Book
from dashboards.grafana.dashboard import section
from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import about, hang, read, utc_offset
from dashboards.grafana.specs import GridPlace, PanelFigure, PanelHead
from dashboards.grafana.stat_panel import word
from dashboards.grafana.theme import (
    ACTUAL,
    BEHIND,
    CRITICAL,
    MUTED,
    STALE,
    TEXT,
    Json,
    by_steps,
    fixed,
    status_words,
    words,
)
from dashboards.panels.cargo_mix import mix
from dashboards.panels.deviation import road, since_january
from dashboards.panels.terminals import by_the_hour, daily, moves, terminals
from dashboards.queries import year
from dashboards.queries.promql import of_a_run
from dashboards.queries.year import NOW
from kpis.model.kpi import recorded
from kpis.port import handled, pacing

STALE_SECONDS = 6 * 3600  # berths rest for an hour or two; a whole shift without a lift is no news
PLAIN: Json = {"color": fixed(TEXT)}


def port(book: Book, say: Language) -> Json:
    """The Port board."""
    panels = [
        _status(book, say),
        *_figures(say),
        road(say),
        since_january(say),
        daily(book, say),
        terminals(book, say),
        section(say("Why: what is in the boxes, and the terminals"), 21),
        mix(say),
        by_the_hour(book, say),
        moves(book, say),
    ]
    return hang("port", say, book, say.name(book.area[0].name), "Is the year on track?", panels)


def _status(book: Book, say: Language) -> Any:
    shift = int(utc_offset(book).total_seconds())
    silent = f"max(time() - {year.figure(handled.as_of)}) > {STALE_SECONDS}"
    running = f"vector($year) == year(vector(time() + {shift}))"
    live = f"absent({of_a_run(recorded(year.kpi(handled.as_of)), **year.YEAR)})"
    stale = f"vector({STALE}) and on () ({silent}) and on () ({running}) and on () {live}"
    code = f"({stale}) or {year.figure(pacing.status)}"
    described = about(
        say,
        year.kpi(pacing.status),
        note="Stale: no quay move for six hours in a year that runs.",
    )
    return word(
        PanelHead("", described, GridPlace(0, 0, 5, 4), NOW),
        say("Against the plan"),
        code,
        status_words(say),
    )


def _figures(say: Language) -> list[Any]:
    """The first row, and the daily need with the two dates beside the main chart."""

    def figure(name: str, formula: Any, quantity: Quantity, look: Json = PLAIN) -> PanelFigure:
        return PanelFigure(say(name), quantity, look, (year.kpi(formula),))

    def of(formula: Any) -> str:
        return year.figure(formula)

    quiet: Json = {"color": fixed(MUTED)}
    headline = [
        figure("Handled, TEU", handled.ytd, say.teu(of(handled.ytd)), {"color": fixed(ACTUAL)}),
        *_pace(say),
        figure("Forecast, year", pacing.forecast, say.teu(of(pacing.forecast))),
        figure(
            "Short by",
            pacing.shortfall,
            say.teu(of(pacing.shortfall)),
            by_steps(TEXT, (0.005, BEHIND)),
        ),
    ]
    need = [
        figure("Need, TEU/d", pacing.required_per_day, say.count(of(pacing.required_per_day))),
        figure("28-day mean", pacing.recent_per_day, say.count(of(pacing.recent_per_day)), quiet),
    ]
    dated = [
        _reached(say),
        figure("Figures up to", handled.as_of, say.minute(of(handled.as_of)), quiet),
    ]
    return [
        read(say, GridPlace(5, 0, 19, 4), headline, age=NOW),
        read(say, GridPlace(17, 4, 7, 4), need, age=NOW),
        *(
            read(say, GridPlace(17, 8 + 3 * n, 7, 3), [row], age=NOW, small=True)
            for n, row in enumerate(dated)
        ),
    ]


def _pace(say: Language) -> list[PanelFigure]:
    """The pace in the colour of its status: what is too slow is the target's to say."""
    pace, status = year.figure(pacing.pace), year.figure(pacing.status)
    rows = ((TEXT, "<= 1"), (BEHIND, "== 2"), (CRITICAL, ">= 3"))
    return [
        PanelFigure(
            say("Pace, %"),
            say.percent(f"{pace} and {status} {which}"),
            {"color": fixed(colour)},
            (year.kpi(pacing.pace),),
        )
        for colour, which in rows
    ]


def _reached(say: Language) -> PanelFigure:
    """The series ends when the forecast falls short of the target: then a word stands for it."""
    short = year.figure(pacing.shortfall)
    reached = f"({year.figure(pacing.mark_reached)} and {short} == 0) or 0 * ({short} > 0)"
    look = PLAIN | {"mappings": words({"0": say("Not this year")})}
    return PanelFigure(
        say("Target reached"), say.day(reached), look, (year.kpi(pacing.mark_reached),)
    )
