"""The zone's tables: late milestones, the funnel of stages, nested tiers, published figures."""

from typing import Any

from contract.events import Stage
from dashboards.grafana.indicator_names import BETWEEN, figure_names, unit_names
from dashboards.grafana.language import Quantity
from dashboards.grafana.layout import describe, utc_offset
from dashboards.grafana.specs import Column, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import BEHIND, CRITICAL, WRAPPED, bar, by_steps, words
from dashboards.queries.promql import held, select
from dashboards.queries.zone import ZoneSeries
from kpis.model.kpi import recorded
from kpis.zone import indicators, investment, milestones
from kpis.zone.indicators import INDICATORS

RED_DAYS = 60  # two monthly reviews have seen the milestone late
FULL_BAR_DAYS = 180  # half a year: what is later than that is no longer ranked by its bar
TIERS = {
    "100M": "≥ 100 million",
    "500M": "≥ 500 million",
    "1bn": "≥ 1 billion",
    "2bn": "≥ 2 billion",
    "5bn": "≥ 5 billion",
    "10bn": "≥ 10 billion",
}
"""Tier -> its message."""
STAGES = {
    Stage.SIGNED: "Signed",
    Stage.REGISTERED: "Registered",
    Stage.FILED: "Filed",
    Stage.CONSTRUCTION_START: "Started",
    Stage.COMPLETED: "Completed",
    Stage.IN_PRODUCTION: "In production",
    Stage.AT_CAPACITY: "At capacity",
}
"""Stage -> its message, in order; the funnel leaves out `terminated`."""


def late_milestones(zone: ZoneSeries, place: GridPlace) -> Any:
    """Late milestones, the worst first."""
    language = zone.language
    days = language.text("Days late")
    late_seconds = zone.each("project, milestone", milestones.late_milestone)
    stages = {str(stage): language.text(name, "stage") for stage, name in STAGES.items()}
    redness = by_steps(BEHIND, (RED_DAYS, CRITICAL))
    columns = [
        Column(language.text("Project"), WRAPPED | {"custom.minWidth": 175}, label="project"),
        Column(
            days,
            bar("none", 0) | redness | {"max": FULL_BAR_DAYS},
            quantity=Quantity(f"{late_seconds} / 86400"),
        ),
        Column(
            language.text("Milestone"),
            {"custom.minWidth": 140, "mappings": words(stages)},
            label="milestone",
        ),
    ]
    described = zone.describe(milestones.late_milestone)
    title = language.text("Late milestones, worst first")
    head = PanelHead(title, described, place, no_value=language.text("no milestone is late"))
    return table(head, columns, sort=(days, True))


def stage_funnel(zone: ZoneSeries, place: GridPlace) -> Any:
    """The funnel: projects, and their money, that have come at least as far as each stage."""
    language = zone.language
    names = {str(stage): language.text(name, "stage") for stage, name in STAGES.items()}
    steps = "~" + "|".join(names)
    count = language.text("Projects")
    columns = [
        Column(language.text("Stage"), {"mappings": words(names)}, label="stage"),
        Column(
            count,
            bar("none", 0),
            quantity=language.count(zone.each("stage", investment.at_stage, stage=steps)),
        ),
        Column.of(
            language.text("CNY bn"),
            language.yuan(zone.each("stage", investment.stage_yuan, stage=steps)),
            90,
        ),
    ]
    described = zone.describe(investment.at_stage, investment.stage_yuan)
    title = language.text("How far the projects have come")
    return table(PanelHead(title, described, place), columns, sort=(count, True))


def size_tiers(zone: ZoneSeries, place: GridPlace) -> Any:
    """Projects signed by tier: in all years, and in this one."""
    language = zone.language
    shift = int(utc_offset(zone.book).total_seconds())
    this_year = f"year(vector(time() + {shift}))"
    ever = language.text("Signed", "so far")
    names = words({tier: language.text(name) for tier, name in TIERS.items()})
    columns = [
        Column(
            language.text("Tier, CNY"), {"mappings": names, "custom.minWidth": 100}, label="tier"
        ),
        Column(
            ever,
            bar("none", 0) | {"custom.minWidth": 70},
            quantity=language.count(zone.each("tier", investment.signed)),
        ),
        Column.of(
            language.text("This year"),
            language.count(zone.yearly("tier", investment.signed, this_year)),
            70,
        ),
    ]
    described = zone.describe(investment.signed)
    title = language.text("Signed by size, nested")
    return table(PanelHead(title, described, place), columns, sort=(ever, True))


def published_figures(zone: ZoneSeries, place: GridPlace) -> Any:
    """The newest period of each published figure, by indicator and scope."""
    language = zone.language

    def by_figure(formula: Any) -> str:
        series = held(select(recorded(INDICATORS[formula]), zone=zone.book.described_zone().code))
        return f"label_join({series}, 'figure', '{BETWEEN}', 'indicator', 'scope')"

    figure = language.text("Figure")
    end = by_figure(indicators.ended)
    columns = [
        Column(
            figure,
            WRAPPED | {"mappings": figure_names(zone), "custom.minWidth": 132},
            label="figure",
        ),
        Column(
            language.text("Value"),
            {"unit": "locale", "custom.align": "right", "custom.width": 104},
            quantity=Quantity(f"max by (figure, unit) ({by_figure(indicators.value)})"),
        ),
        Column(
            language.text("Unit"),
            {"mappings": unit_names(language), "custom.width": 70},
            label="unit",
        ),
        Column.of(
            language.text("Up to"), language.day(f"max by (figure) ({end}) - 1"), 100
        ),  # a period ends where the next begins: its last second has the right date
        Column.of(
            language.text("Periods"),
            language.count(f"max by (figure) ({by_figure(indicators.periods)})"),
            60,
        ),
    ]
    described = describe(
        language,
        *(INDICATORS[of] for of in (indicators.value, indicators.ended, indicators.periods)),
    )
    title = language.text("Published figures")
    return table(PanelHead(title, described, place), columns, sort=(figure, False))
