"""The Targets board: which targets are at risk, which alerts fire, and what changed?"""

from typing import Any

from contract.book import Book
from dashboards.grafana.curve_panel import curve
from dashboards.grafana.dashboard import heading_row
from dashboards.grafana.language import Language
from dashboards.grafana.layout import assemble, describe, kpi_figures
from dashboards.grafana.specs import Axis, CurveLine, GridPlace, PanelFigure, PanelHead
from dashboards.grafana.stat_panel import status_tile
from dashboards.grafana.theme import (
    BEHIND,
    CRITICAL,
    GOOD,
    LAST_YEAR,
    LONG_DASH,
    MUTED,
    PLAN,
    STALE,
    Json,
    by_steps,
    status_words,
)
from dashboards.panels.firing_alerts import firing_alerts
from dashboards.panels.target_tables import ended_targets, running_targets, target_changes
from dashboards.queries.external import ALERTS
from dashboards.queries.target_series import KEYS, TargetSeries
from kpis.plan.plan import Status
from kpis.target import target_book
from kpis.target.target_book import TARGETS


def targets(book: Book, language: Language) -> Json:
    """The Targets board."""
    series = TargetSeries(book, language)
    panels = [
        _status(series),
        kpi_figures(language, GridPlace(5, 0, 19, 4), _counts(series), note=_RUNNING),
        running_targets(series, GridPlace(0, 4, 24, 10)),
        _paces(series, GridPlace(0, 14, 12, 7)),
        firing_alerts(series, GridPlace(12, 14, 12, 7)),
        heading_row(language.text("What changed, and periods that are over"), 21),
        target_changes(series, GridPlace(0, 22, 24, 9)),
        ended_targets(series, GridPlace(0, 31, 24, 6)),
    ]
    return assemble("targets", language, book, "", "Which targets are at risk?", panels)


_RUNNING = "Targets whose period ends in this year or later."


def _status(series: TargetSeries) -> Any:
    language = series.language
    code = (
        f"(vector({STALE}) and on () ({series.stale()})) or max({series.each(target_book.status)})"
    )
    described = describe(
        language, TARGETS[target_book.status], note="The worst of all running targets."
    )
    return status_tile(
        PanelHead("", described, GridPlace(0, 0, 5, 4)),
        language.text("Worst target"),
        code,
        status_words(language.text),
    )


def _counts(series: TargetSeries) -> list[PanelFigure]:
    language, status = series.language, series.each(target_book.status)
    rows = (
        ("Critical", f">= {int(Status.CRITICAL)}", CRITICAL),
        ("Behind", f"== {int(Status.BEHIND)}", BEHIND),
        ("On track", f"== {int(Status.ON_TRACK)}", GOOD),
        ("Attained", f"== {int(Status.ATTAINED)}", GOOD),
    )
    counts = [
        PanelFigure(
            language.text(name),
            language.count(f"count(({status}) {which}) or vector(0)"),
            by_steps(MUTED, (1, colour)),
            (TARGETS[target_book.status],),
        )
        for name, which, colour in rows
    ]
    firing = f"count({ALERTS.where(alertstate='firing')}) or vector(0)"
    return [
        *counts,
        PanelFigure(
            language.text("Alerts firing"), language.count(firing), by_steps(MUTED, (1, BEHIND))
        ),
    ]


def _paces(series: TargetSeries, place: GridPlace) -> Any:
    """Pace over time; a line takes the colour of its target's status at the end of the range."""
    language, pace, status = (
        series.language,
        series.over_time(target_book.pace),
        series.at_the_end(target_book.status),
    )

    def those(which: str) -> str:
        return series.named(f"(({pace}) and on ({KEYS}) ({status} {which}))")

    name = f"{{{{{series.name}}}}}"
    lines = [
        CurveLine(name, those(">= 3"), CRITICAL, 4, step="1h"),
        CurveLine(name, those("== 2"), BEHIND, step="1h", in_legend=False),
        CurveLine(name, those("<= 1"), LAST_YEAR, 1, step="1h", in_legend=False),
        CurveLine(
            language.text("Plan"), "vector(1)", PLAN, 1, LONG_DASH, in_legend=False, step="1h"
        ),
    ]
    title = language.text("Pace (behind in colour, plan dashed)")
    described = describe(
        language,
        TARGETS[target_book.pace],
        TARGETS[target_book.warn],
        TARGETS[target_book.critical],
    )
    return curve(
        PanelHead(title, described, place),
        lines,
        Axis("percentunit", low=0.8, high=1.1, soft=True),
    )
