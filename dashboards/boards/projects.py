"""Projects: are enough signed, and are they built on time?"""

from typing import Any

from contract.book import Book
from dashboards.grafana.curve_panel import curve
from dashboards.grafana.dashboard import section
from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import hang, read
from dashboards.grafana.specs import Axis, CurveLine, GridPlace, PanelFigure, PanelHead
from dashboards.grafana.stat_panel import word
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
from dashboards.panels.portfolio import funnel, late, published, tiers
from dashboards.panels.signings import conversions, looked_back, origins, quarters, revisions
from dashboards.queries.promql import FRESH
from dashboards.queries.zone import ZoneSeries, ranked
from kpis.zone import investment, signings
from kpis.zone.investment import INVESTMENT

ON_TIME, LATE = 0.9, 0.75
"""Shares of milestones met on time: on time from the first up, critical below the second."""
MANY_OVERDUE = 10  # more than a monthly review can go through one by one
PLAIN: Json = {"color": fixed(TEXT)}


def projects(book: Book, say: Language) -> Json:
    """The Projects board."""
    zone = ZoneSeries(book, say)
    clusters, areas, parks = (
        (book.zone.clusters, investment.cluster),
        (book.zone.functional_areas, investment.area),
        (book.zone.parks, investment.park),
    )
    park_yuan = (book.zone.parks, signings.park_yuan)
    panels = [
        _status(zone),
        read(say, GridPlace(5, 0, 19, 4), _headline(zone), note=_COUNTED),
        late(zone, GridPlace(0, 4, 14, 9)),
        funnel(zone, GridPlace(14, 4, 10, 9)),
        tiers(zone, GridPlace(0, 13, 9, 8)),
        ranked(zone, GridPlace(9, 13, 8, 8), say("Clusters, CNY bn"), "cluster", *clusters),
        ranked(zone, GridPlace(17, 13, 7, 8), say("Areas, CNY bn"), "functional_area", *areas),
        section(say("Over time, parks and published figures"), 21),
        _history(zone),
        read(say, GridPlace(0, 28, 8, 3), [_due(zone, "Due, 90 d", "90d")], small=True),
        published(zone, GridPlace(8, 22, 16, 9)),
        ranked(zone, GridPlace(0, 31, 12, 6), say("Projects by park"), "park", *parks),
        ranked(zone, GridPlace(12, 31, 12, 6), say("Parks, CNY bn"), "park", *park_yuan),
        section(say("Signings, milestones and doubts"), 37),
        quarters(zone, GridPlace(0, 38, 8, 8)),
        origins(zone, GridPlace(8, 38, 7, 5)),
        conversions(zone, GridPlace(15, 38, 9, 5)),
        looked_back(zone, GridPlace(8, 43, 16, 3)),
        revisions(zone, GridPlace(0, 46, 24, 5)),
    ]
    question = "Are enough projects signed, and are they built on time?"
    return hang("projects", say, book, say.name(book.zone.name), question, panels)


_COUNTED = "Projects of CNY 100 million or more, each counted once, at its first signing."


def _status(zone: ZoneSeries) -> Any:
    say = zone.say
    hit, fresh = (zone.now(investment.milestone_hit, hold=hold) for hold in ("", FRESH))
    mapping = ranges(
        (None, LATE, say("Critical", "milestones"), TILE[CRITICAL]),
        (LATE, ON_TIME, say("Late", "milestones"), TILE[BEHIND]),
        (ON_TIME, 1, say("On time", "milestones"), TILE[GOOD]),
        (STALE, STALE, say("Stale"), TILE[MUTED]),
    )
    described = zone.about(
        investment.milestone_hit,
        note="On time from 90 % of the milestones up, critical below 75 %; stale: no worker has "
        "told of the zone for two hours.",
    )
    code = f"({STALE} * ({hit} >= bool 0) unless {fresh}) or {hit}"
    return word(PanelHead("", described, GridPlace(0, 0, 5, 4)), say("Milestones"), code, mapping)


def _headline(zone: ZoneSeries) -> list[PanelFigure]:
    say = zone.say
    overdue = zone.now(investment.milestones_overdue)
    hit = zone.now(investment.milestone_hit)
    redness = by_steps(TEXT, (1, BEHIND), (MANY_OVERDUE, CRITICAL))
    promptness = by_steps(CRITICAL, (100 * LATE, BEHIND), (100 * ON_TIME, TEXT))
    return [
        _figure(
            say("Signed", "projects"),
            say.count(zone.now(investment.signed, tier="100M")),
            investment.signed,
            {"color": fixed(ACTUAL)},
        ),
        _figure(
            say("CNY bn", "committed"),
            say.yuan(zone.now(investment.committed)),
            investment.committed,
        ),
        _figure(say("Overdue"), say.count(overdue), investment.milestones_overdue, redness),
        _figure(say("On time, %"), say.percent(hit), investment.milestone_hit, promptness),
        _due(zone, "Due, 30 d", "30d"),
    ]


def _due(zone: ZoneSeries, name: str, window: str) -> PanelFigure:
    due = zone.say.count(zone.now(investment.due_soon, window=window))
    return _figure(zone.say(name), due, investment.due_soon)


def _figure(name: str, quantity: Quantity, formula: Any, look: Json = PLAIN) -> PanelFigure:
    return PanelFigure(name, quantity, look, (INVESTMENT[formula],))


def _history(zone: ZoneSeries) -> Any:
    say = zone.say
    line = CurveLine(
        say("Signed"),
        zone.course(investment.signed, tier="100M"),
        width=3,
        step="6h",
        more={"custom.lineInterpolation": "stepAfter"},
    )
    described = zone.about(investment.signed, note=_COUNTED)
    head = PanelHead(say("Projects signed"), described, GridPlace(0, 22, 8, 6))
    return curve(head, [line], Axis(decimals=0, legend=False))
