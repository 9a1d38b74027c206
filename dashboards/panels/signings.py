"""Details of the zone: signings by quarter and origin, conversion, data quality, revisions."""

from typing import Any

from dashboards.grafana.indicator_names import BETWEEN, figure_names
from dashboards.grafana.language import Quantity
from dashboards.grafana.layout import describe, kpi_figures
from dashboards.grafana.specs import Column, GridPlace, PanelFigure, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import BEHIND, NARROW, TEXT, Json, bar, by_steps, fixed, words
from dashboards.queries.promql import held, select
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


def signed_by_quarter(zone: ZoneSeries, place: GridPlace) -> Any:
    """Signings by quarter, the newest first."""
    language, quarter = zone.language, zone.language.text("Quarter")
    columns = [
        Column(quarter, {"custom.width": 84}, label="quarter"),
        Column(
            language.text("Projects"),
            bar("locale", 0) | NARROW,
            quantity=language.count(zone.each("quarter", signings.quarter_signed, tier="100M")),
        ),
        Column.of(
            language.text("CNY bn"),
            language.yuan(zone.each("quarter", signings.quarter_committed)),
            64,
        ),
    ]
    described = zone.describe(signings.quarter_signed, signings.quarter_committed)
    head = PanelHead(language.text("Signed by quarter"), described, place)
    return table(head, columns, sort=(quarter, True))


def capital_origins(zone: ZoneSeries, place: GridPlace) -> Any:
    """Projects by the origin of their capital."""
    language, projects = zone.language, zone.language.text("Projects")
    names = words({code: language.text(name) for code, name in ORIGINS.items()})
    columns = [
        Column(language.text("Capital"), {"mappings": names, "custom.width": 78}, label="origin"),
        Column(
            projects,
            bar("locale", 0) | NARROW,
            quantity=language.count(zone.each("origin", signings.origin)),
        ),
        Column.of(
            language.text("CNY bn"), language.yuan(zone.each("origin", signings.origin_yuan)), 60
        ),
    ]
    described = zone.describe(signings.origin, signings.origin_yuan)
    return table(
        PanelHead(language.text("Origin of capital"), described, place),
        columns,
        sort=(projects, True),
    )


def stage_conversion(zone: ZoneSeries, place: GridPlace) -> Any:
    """The share of projects that have gone on from one stage to another."""
    language, share = zone.language, zone.language.text("Share")
    names = words({code: language.text(name) for code, name in STEPS.items()})
    columns = [
        Column(language.text("Step"), {"mappings": names, "custom.width": 170}, label="step"),
        Column(
            share,
            bar("percentunit", 0, max=1),
            quantity=Quantity(zone.each("step", signings.conversion)),
        ),
    ]
    head = PanelHead(
        language.text("How many projects went on"), zone.describe(signings.conversion), place
    )
    return table(head, columns, sort=(share, True))


def met_milestones(zone: ZoneSeries, place: GridPlace) -> Any:
    """Milestones that were met, the worst slip, and doubtful records."""
    language = zone.language

    def figure(name: str, quantity: Quantity, formula: Any, style: Json = PLAIN) -> PanelFigure:
        return PanelFigure(language.text(name), quantity, style, (INVESTMENT[formula],))

    met, slip = milestones.milestones_met, milestones.worst_slip
    rows = [
        figure("Met on time", language.count(zone.now(met, timing="on_time")), met),
        figure("Met late", language.count(zone.now(met, timing="late")), met),
        figure("Worst slip, d", language.count(f"{zone.now(slip, plan='now')} / {DAY}"), slip),
        figure("First plan, d", language.count(f"{zone.now(slip, plan='first')} / {DAY}"), slip),
        *(
            figure(name, language.count(zone.now(of)), of, by_steps(TEXT, (1, BEHIND)))
            for name, of in (
                ("Unregistered", data_quality.orphans),
                ("Renamed", data_quality.renamed),
            )
        ),
    ]
    return kpi_figures(language, place, rows)


def figure_revisions(zone: ZoneSeries, place: GridPlace) -> Any:
    """Published figures that were revised, the newest revision first."""
    language, when = zone.language, zone.language.text("Revised on")

    def by_figure(formula: Any) -> str:
        series = held(select(recorded(INDICATORS[formula]), zone=zone.book.described_zone().code))
        joined = f"label_join({series}, 'figure', '{BETWEEN}', 'indicator', 'scope', 'period')"
        return f"max by (figure) ({joined})"

    number: Json = {"unit": "locale", "custom.align": "right", "custom.width": 90}
    shown = (indicators.value_before, indicators.value_after)
    columns = [
        Column(
            language.text("Figure"),
            {"mappings": figure_names(zone), "custom.minWidth": 180},
            label="figure",
        ),
        Column.of(when, language.day(by_figure(indicators.revised)), 110),
        *(
            Column(language.text(name), number, quantity=Quantity(by_figure(of)))
            for name, of in zip(("Before", "Since"), shown, strict=True)
        ),
    ]
    described = describe(language, *(INDICATORS[of] for of in (indicators.revised, *shown)))
    head = PanelHead(
        language.text("Figures revised"),
        described,
        place,
        no_value=language.text("no figure was revised"),
    )
    return table(head, columns, sort=(when, True))
