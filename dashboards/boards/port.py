"""The Port board: is the year on track, and where does it lead?"""

from typing import Any

from contract.book import Book
from dashboards.grafana.dashboard import heading_row
from dashboards.grafana.explain_links import ExplainLinks, as_style
from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import assemble, describe, kpi_figures, utc_offset
from dashboards.grafana.specs import SMALL, GridPlace, PanelFigure, PanelHead
from dashboards.grafana.stat_panel import status_tile
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
from dashboards.panels.cargo_mix import cargo_mix
from dashboards.panels.deviation import deviation_from_plan, year_to_date
from dashboards.panels.growth_figures import growth_figures
from dashboards.panels.terminals import (
    daily_throughput,
    hourly_rate,
    moves_by_terminal,
    terminals_table,
)
from dashboards.queries import year
from dashboards.queries.promql import of_a_run
from dashboards.queries.year import NOW
from kpis.model.kpi import recorded
from kpis.port import handled, pacing

STALE_SECONDS = 6 * 3600  # berths rest for an hour or two; a whole shift without a lift is no news
PLAIN: Json = {"color": fixed(TEXT)}


def port(book: Book, language: Language, explain: ExplainLinks) -> Json:
    """The Port board."""
    panels = [
        _status(book, language, explain),
        *_figures(language, explain),
        growth_figures(book, language, explain, GridPlace(0, 4, 17, 3)),
        deviation_from_plan(language, explain),
        year_to_date(language, explain),
        daily_throughput(book, language, explain),
        terminals_table(book, language, explain),
        heading_row(language.text("Why: what is in the boxes, and the terminals"), 21),
        cargo_mix(language, explain),
        hourly_rate(book, language, explain),
        moves_by_terminal(book, language, explain),
    ]
    return assemble(
        "port", language, book, language.name(book.area[0].name), "Is the year on track?", panels
    )


def _status(book: Book, language: Language, explain: ExplainLinks) -> Any:
    shift = int(utc_offset(book).total_seconds())
    silent = f"max(time() - {year.figure(handled.as_of)}) > {STALE_SECONDS}"
    running = f"vector($year) == year(vector(time() + {shift}))"
    live = f"absent({of_a_run(recorded(year.kpi(handled.as_of)), **year.YEAR)})"
    stale = f"vector({STALE}) and on () ({silent}) and on () ({running}) and on () {live}"
    code = f"({stale}) or {year.figure(pacing.status)}"
    described = describe(
        language,
        year.kpi(pacing.status),
        note="Stale: no quay move for six hours in a year that runs.",
    )
    return status_tile(
        PanelHead("", described, GridPlace(0, 0, 5, 4), NOW),
        language.text("Against the plan"),
        code,
        status_words(language.text),
        explain.of_year(),
    )


def _figures(language: Language, explain: ExplainLinks) -> list[Any]:
    """The first row, and the figures beside the main chart: daily need and two dates."""
    links = as_style(explain.of_year())

    def figure(name: str, formula: Any, quantity: Quantity, style: Json = PLAIN) -> PanelFigure:
        return PanelFigure(language.text(name), quantity, style | links, (year.kpi(formula),))

    def of(formula: Any) -> str:
        return year.figure(formula)

    quiet: Json = {"color": fixed(MUTED)}
    headline = [
        figure(
            "Handled, TEU", handled.ytd, language.teu(of(handled.ytd)), {"color": fixed(ACTUAL)}
        ),
        *_pace(language, links),
        figure("Forecast, year", pacing.forecast, language.teu(of(pacing.forecast))),
        figure(
            "Short by",
            pacing.shortfall,
            language.teu(of(pacing.shortfall)),
            by_steps(TEXT, (0.005, BEHIND)),
        ),
    ]
    need = [
        figure(
            "Need, TEU/d", pacing.required_per_day, language.count(of(pacing.required_per_day))
        ),
        figure(
            "28-day mean", pacing.recent_per_day, language.count(of(pacing.recent_per_day)), quiet
        ),
    ]
    dated = [
        _reached(language, links),
        figure("Figures up to", handled.as_of, language.minute(of(handled.as_of)), quiet),
    ]
    return [
        kpi_figures(language, GridPlace(5, 0, 19, 4), headline, look_back=NOW),
        kpi_figures(language, GridPlace(17, 4, 7, 5), need, look_back=NOW),
        *(
            kpi_figures(language, GridPlace(17, 9 + 3 * n, 7, 3), [row], look_back=NOW, size=SMALL)
            for n, row in enumerate(dated)
        ),
    ]


def _pace(language: Language, links: Json) -> list[PanelFigure]:
    """The pace in the colour of its status, since the target sets the thresholds."""
    pace, status = year.figure(pacing.pace), year.figure(pacing.status)
    rows = ((TEXT, "<= 1"), (BEHIND, "== 2"), (CRITICAL, ">= 3"))
    return [
        PanelFigure(
            language.text("Pace, %"),
            language.percent(f"{pace} and {status} {which}"),
            {"color": fixed(colour)} | links,
            (year.kpi(pacing.pace),),
        )
        for colour, which in rows
    ]


def _reached(language: Language, links: Json) -> PanelFigure:
    """The day of the target, or a text while the forecast falls short and the series is absent."""
    short = year.figure(pacing.shortfall)
    reached = f"({year.figure(pacing.mark_reached)} and {short} == 0) or 0 * ({short} > 0)"
    style = PLAIN | links | {"mappings": words({"0": language.text("Not this year")})}
    return PanelFigure(
        language.text("Target reached"),
        language.day(reached),
        style,
        (year.kpi(pacing.mark_reached),),
    )
