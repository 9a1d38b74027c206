"""The zone looked at closer: signings by quarter and origin, conversion, doubts, revisions."""

from typing import Any

from dashboards.grafana.indicator_names import BETWEEN, figure_names
from dashboards.grafana.language import Quantity
from dashboards.grafana.layout import about, read
from dashboards.grafana.specs import Column, GridPlace, PanelFigure, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import BEHIND, NARROW, TEXT, Json, bar, by_steps, fixed, words
from dashboards.queries.promql import held, pick
from dashboards.queries.zone import ZoneSeries
from kpis.model.kpi import recorded
from kpis.zone import data_quality, indicators, milestones, signings
from kpis.zone.indicators import INDICATORS
from kpis.zone.investment import INVESTMENT

ORIGINS = {"domestic": "Domestic", "foreign": "Foreign"}
STEPS = {
    "signed_to_started": "Signed → started",
    "started_to_in_production": "Started → in production",
    "signed_to_in_production": "Signed → in production",
}
PLAIN: Json = {"color": fixed(TEXT)}
DAY = 86_400


def quarters(zone: ZoneSeries, place: GridPlace) -> Any:
    """Signings by quarter, the newest first."""
    say, quarter = zone.say, zone.say("Quarter")
    columns = [
        Column(quarter, {"custom.width": 84}, label="quarter"),
        Column(
            say("Projects"),
            bar("locale", 0) | NARROW,
            quantity=say.count(zone.each("quarter", signings.quarter_signed, tier="100M")),
        ),
        Column.of(say("CNY bn"), say.yuan(zone.each("quarter", signings.quarter_committed)), 64),
    ]
    described = zone.about(signings.quarter_signed, signings.quarter_committed)
    head = PanelHead(say("Signed by quarter"), described, place)
    return table(head, columns, sort=(quarter, True))


def origins(zone: ZoneSeries, place: GridPlace) -> Any:
    """Where the capital comes from."""
    say, projects = zone.say, zone.say("Projects")
    names = words({code: say(name) for code, name in ORIGINS.items()})
    columns = [
        Column(say("Capital"), {"mappings": names, "custom.width": 78}, label="origin"),
        Column(
            projects,
            bar("locale", 0) | NARROW,
            quantity=say.count(zone.each("origin", signings.origin)),
        ),
        Column.of(say("CNY bn"), say.yuan(zone.each("origin", signings.origin_yuan)), 60),
    ]
    described = zone.about(signings.origin, signings.origin_yuan)
    return table(
        PanelHead(say("Origin of capital"), described, place), columns, sort=(projects, True)
    )


def conversions(zone: ZoneSeries, place: GridPlace) -> Any:
    """How many of the projects at one stage have gone on to another."""
    say, share = zone.say, zone.say("Share")
    names = words({code: say(name) for code, name in STEPS.items()})
    columns = [
        Column(say("Step"), {"mappings": names, "custom.width": 170}, label="step"),
        Column(
            share,
            bar("percentunit", 0, max=1),
            quantity=Quantity(zone.each("step", signings.conversion)),
        ),
    ]
    head = PanelHead(say("What became of the signed"), zone.about(signings.conversion), place)
    return table(head, columns, sort=(share, True))


def looked_back(zone: ZoneSeries, place: GridPlace) -> Any:
    """Milestones that were met, the worst slip, and what the books doubt."""
    say = zone.say

    def figure(name: str, quantity: Quantity, formula: Any, look: Json = PLAIN) -> PanelFigure:
        return PanelFigure(say(name), quantity, look, (INVESTMENT[formula],))

    met, slip = milestones.milestones_met, milestones.worst_slip
    rows = [
        figure("Met on time", say.count(zone.now(met, timing="on_time")), met),
        figure("Met late", say.count(zone.now(met, timing="late")), met),
        figure("Worst slip, d", say.count(f"{zone.now(slip, plan='now')} / {DAY}"), slip),
        figure("First plan, d", say.count(f"{zone.now(slip, plan='first')} / {DAY}"), slip),
        *(
            figure(name, say.count(zone.now(of)), of, by_steps(TEXT, (1, BEHIND)))
            for name, of in (
                ("Unregistered", data_quality.orphans),
                ("Renamed", data_quality.renamed),
            )
        ),
    ]
    return read(say, place, rows)


def revisions(zone: ZoneSeries, place: GridPlace) -> Any:
    """Published figures that were revised, the newest revision first."""
    say, when = zone.say, zone.say("Revised on")

    def by_figure(formula: Any) -> str:
        series = held(pick(recorded(INDICATORS[formula]), zone=zone.book.zone.code))
        joined = f"label_join({series}, 'figure', '{BETWEEN}', 'indicator', 'scope', 'period')"
        return f"max by (figure) ({joined})"

    number: Json = {"unit": "locale", "custom.align": "right", "custom.width": 90}
    shown = (indicators.value_before, indicators.value_after)
    columns = [
        Column(
            say("Figure"),
            {"mappings": figure_names(zone), "custom.minWidth": 180},
            label="figure",
        ),
        Column.of(when, say.day(by_figure(indicators.revised)), 110),
        *(
            Column(say(name), number, quantity=Quantity(by_figure(of)))
            for name, of in zip(("Before", "Since"), shown, strict=True)
        ),
    ]
    described = about(say, *(INDICATORS[of] for of in (indicators.revised, *shown)))
    head = PanelHead(say("Figures revised"), described, place, none=say("no figure was revised"))
    return table(head, columns, sort=(when, True))
