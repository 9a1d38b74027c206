"""The Projects board: are enough projects signed, and are they built on time?"""

from typing import Any

from contract.book import Book
from dashboards.grafana.curve_panel import curve
from dashboards.grafana.dashboard import heading_row
from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import assemble, kpi_figures
from dashboards.grafana.specs import SMALL, Axis, CurveLine, GridPlace, PanelFigure, PanelHead
from dashboards.grafana.stat_panel import status_tile
from dashboards.grafana.theme import (
    ACTUAL,
    BEHIND,
    CRITICAL,
    GOOD,
    MUTED,
    STALE,
    TEXT,
    TILE,
    Json,
    by_steps,
    fixed,
    ranges,
)
from dashboards.panels.portfolio import (
    late_milestones,
    published_figures,
    size_tiers,
    stage_funnel,
)
from dashboards.panels.signings import (
    capital_origins,
    figure_revisions,
    met_milestones,
    signed_by_quarter,
    stage_conversion,
)
from dashboards.queries.promql import FRESH
from dashboards.queries.zone import ZoneSeries, ranked
from kpis.zone import investment, milestones, signings
from kpis.zone.investment import INVESTMENT

ON_TIME, LATE = 0.9, 0.75
"""Shares of milestones met on time: on time from the first up, critical below the second."""
MANY_OVERDUE = 10  # more than a monthly review can go through one by one
PLAIN: Json = {"color": fixed(TEXT)}


def projects(book: Book, language: Language) -> Json:
    """The Projects board."""
    zone, described = ZoneSeries(book, language), book.described_zone()
    clusters, areas, parks = (
        (described.clusters, investment.cluster),
        (described.functional_areas, investment.area),
        (described.parks, investment.park),
    )
    park_yuan = (described.parks, signings.park_yuan)
    panels = [
        _status(zone),
        kpi_figures(language, GridPlace(5, 0, 19, 4), _headline(zone), note=_COUNTED),
        late_milestones(zone, GridPlace(0, 4, 14, 9)),
        stage_funnel(zone, GridPlace(14, 4, 10, 9)),
        size_tiers(zone, GridPlace(0, 13, 9, 8)),
        ranked(
            zone, GridPlace(9, 13, 8, 8), language.text("Clusters, CNY bn"), "cluster", *clusters
        ),
        ranked(
            zone,
            GridPlace(17, 13, 7, 8),
            language.text("Areas, CNY bn"),
            "functional_area",
            *areas,
        ),
        heading_row(language.text("Over time, parks and published figures"), 21),
        _history(zone),
        kpi_figures(
            language, GridPlace(0, 28, 8, 3), [_due(zone, "Due, 90 d", "90d")], size=SMALL
        ),
        published_figures(zone, GridPlace(8, 22, 16, 9)),
        ranked(zone, GridPlace(0, 31, 12, 6), language.text("Projects by park"), "park", *parks),
        ranked(zone, GridPlace(12, 31, 12, 6), language.text("Parks, CNY bn"), "park", *park_yuan),
        heading_row(language.text("Signings, milestones and data quality"), 37),
        signed_by_quarter(zone, GridPlace(0, 38, 8, 8)),
        capital_origins(zone, GridPlace(8, 38, 7, 5)),
        stage_conversion(zone, GridPlace(15, 38, 9, 5)),
        met_milestones(zone, GridPlace(8, 43, 16, 3)),
        figure_revisions(zone, GridPlace(0, 46, 24, 5)),
    ]
    question = "Are enough projects signed, and are they built on time?"
    return assemble("projects", language, book, language.name(described.name), question, panels)


_COUNTED = "Projects of CNY 100 million or more, each counted once, at its first signing."


def _status(zone: ZoneSeries) -> Any:
    language = zone.language
    hit, fresh = (zone.now(investment.milestone_hit, hold=hold) for hold in ("", FRESH))
    mapping = ranges(
        (None, LATE, language.text("Critical", "milestones"), TILE[CRITICAL]),
        (LATE, ON_TIME, language.text("Late", "milestones"), TILE[BEHIND]),
        (ON_TIME, 1, language.text("On time", "milestones"), TILE[GOOD]),
        (STALE, STALE, language.text("Stale"), TILE[MUTED]),
    )
    described = zone.describe(
        investment.milestone_hit,
        note="On time from 90 % of the milestones up, critical below 75 %; stale: no worker has "
        "reported the zone for two hours.",
    )
    code = f"({STALE} * ({hit} >= bool 0) unless {fresh}) or {hit}"
    return status_tile(
        PanelHead("", described, GridPlace(0, 0, 5, 4)), language.text("Milestones"), code, mapping
    )


def _headline(zone: ZoneSeries) -> list[PanelFigure]:
    language = zone.language
    overdue = zone.now(milestones.milestones_overdue)
    hit = zone.now(investment.milestone_hit)
    redness = by_steps(TEXT, (1, BEHIND), (MANY_OVERDUE, CRITICAL))
    promptness = by_steps(CRITICAL, (100 * LATE, BEHIND), (100 * ON_TIME, TEXT))
    return [
        _figure(
            language.text("Signed", "projects"),
            language.count(zone.now(investment.signed, tier="100M")),
            investment.signed,
            {"color": fixed(ACTUAL)},
        ),
        _figure(
            language.text("CNY bn", "committed"),
            language.yuan(zone.now(investment.committed)),
            investment.committed,
        ),
        _figure(
            language.text("Overdue"),
            language.count(overdue),
            milestones.milestones_overdue,
            redness,
        ),
        _figure(
            language.text("On time, %"),
            language.percent(hit),
            investment.milestone_hit,
            promptness,
        ),
        _due(zone, "Due, 30 d", "30d"),
    ]


def _due(zone: ZoneSeries, name: str, window: str) -> PanelFigure:
    due = zone.language.count(zone.now(milestones.due_soon, window=window))
    return _figure(zone.language.text(name), due, milestones.due_soon)


def _figure(name: str, quantity: Quantity, formula: Any, style: Json = PLAIN) -> PanelFigure:
    return PanelFigure(name, quantity, style, (INVESTMENT[formula],))


def _history(zone: ZoneSeries) -> Any:
    language = zone.language
    line = CurveLine(
        language.text("Signed"),
        zone.over_time(investment.signed, tier="100M"),
        width=3,
        step="6h",
        extra_style={"custom.lineInterpolation": "stepAfter"},
    )
    described = zone.describe(investment.signed, note=_COUNTED)
    head = PanelHead(language.text("Projects signed"), described, GridPlace(0, 22, 8, 6))
    return curve(head, [line], Axis(decimals=0, legend=False))
