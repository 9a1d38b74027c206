"""The zone's tables: late milestones, the funnel of stages, nested tiers, published figures."""

from typing import Any

from contract.events import Stage
from dashboards.layout import about, utc_offset
from dashboards.looks import BEHIND, CRITICAL, bar, by_steps, words
from dashboards.panels import table
from dashboards.promql import held
from dashboards.shapes import Column, Head, Place
from dashboards.tongue import Quantity
from dashboards.zone import Zone
from kpis import indicators, investment
from kpis.indicators import INDICATORS
from kpis.kpi import recorded

RED_DAYS = 60  # two monthly reviews have seen the milestone late
FULL_BAR_DAYS = 180  # half a year: what is later than that is no longer ranked by its bar
TIERS = {
    "100M": ("≥ 100 million", "≥ 1 亿元"),
    "500M": ("≥ 500 million", "≥ 5 亿元"),
    "1bn": ("≥ 1 billion", "≥ 10 亿元"),
    "2bn": ("≥ 2 billion", "≥ 20 亿元"),
    "5bn": ("≥ 5 billion", "≥ 50 亿元"),
    "10bn": ("≥ 10 billion", "≥ 100 亿元"),
}
"""Tier -> its name in English and Chinese."""
STAGES = {
    Stage.SIGNED: ("Signed", "签约"),
    Stage.REGISTERED: ("Registered", "注册"),
    Stage.FILED: ("Filed", "立项"),
    Stage.CONSTRUCTION_START: ("Started", "开工"),
    Stage.COMPLETED: ("Completed", "竣工"),
    Stage.IN_PRODUCTION: ("In production", "投产"),
    Stage.AT_CAPACITY: ("At capacity", "达产"),
}
"""Stage -> its name in English and Chinese, in order; `terminated` is no step of the funnel."""


def late(zone: Zone, place: Place) -> Any:
    """Late milestones, the worst first."""
    say = zone.say
    days = say("Days late", "逾期天数")
    late_seconds = zone.each("project, milestone", investment.late_milestone)
    redness = by_steps(BEHIND, (RED_DAYS, CRITICAL))
    columns = [
        Column(say("Project", "项目"), {"custom.minWidth": 140}, label="project"),
        Column(
            days,
            bar("none", 0) | redness | {"max": FULL_BAR_DAYS},
            quantity=Quantity(f"{late_seconds} / 86400"),
        ),
        Column(say("Milestone", "节点"), {"custom.minWidth": 140}, label="milestone"),
    ]
    described = zone.about("逾期 = 今日 − 应完成日；完成后即离开此表。", investment.late_milestone)
    title = say("Late milestones, worst first", "逾期节点（按逾期天数）")
    head = Head(title, described, place, none=say("no milestone is late", "无逾期节点"))
    return table(head, columns, sort=(days, True))


def funnel(zone: Zone, place: Place) -> Any:
    """How many projects, and how much money, have come at least so far."""
    say = zone.say
    names = {str(stage): say(*name) for stage, name in STAGES.items()}
    steps = "~" + "|".join(names)
    count = say("Projects", "项目数")
    columns = [
        Column(say("Stage", "阶段"), {"mappings": words(names)}, label="stage"),
        Column(
            count,
            bar("none", 0),
            quantity=say.count(zone.each("stage", investment.at_stage, stage=steps)),
        ),
        Column.of(
            say("CNY bn", "亿元"),
            say.yuan(zone.each("stage", investment.stage_yuan, stage=steps)),
            90,
        ),
    ]
    described = zone.about(
        "至少到达该阶段的项目数与金额。", investment.at_stage, investment.stage_yuan
    )
    title = say("How far the projects have come", "项目推进漏斗")
    return table(Head(title, described, place), columns, sort=(count, True))


def tiers(zone: Zone, place: Place) -> Any:
    """Projects signed by tier: in all years, and in this one."""
    say = zone.say
    shift = int(utc_offset(zone.book).total_seconds())
    this_year = f"year(vector(time() + {shift}))"
    ever = say("Signed", "累计签约")
    names = words({tier: say(*name) for tier, name in TIERS.items()})
    columns = [
        Column(
            say("Tier, CNY", "规模"), {"mappings": names, "custom.minWidth": 110}, label="tier"
        ),
        Column(ever, bar("none", 0), quantity=say.count(zone.each("tier", investment.signed))),
        Column.of(
            say("This year", "本年"),
            say.count(zone.yearly("tier", investment.signed, this_year)),
            90,
        ),
    ]
    described = zone.about("各档次逐级包含，不得相加。", investment.signed)
    title = say("Signed by size, nested", "按投资规模（逐级包含）")
    return table(Head(title, described, place), columns, sort=(ever, True))


def published(zone: Zone, place: Place) -> Any:
    """Published figures by indicator and scope: the newest period of each."""
    say = zone.say

    def by_figure(formula: Any) -> str:
        series = held(recorded(INDICATORS[formula]).where(zone=zone.book.zone.code))
        return f'label_join({series}, "figure", " · ", "indicator", "scope")'

    figure = say("Figure", "指标")
    end = by_figure(indicators.ended)
    columns = [
        Column(figure, {"custom.minWidth": 200}, label="figure"),
        Column(
            say("Value", "数值"),
            {"unit": "locale", "custom.align": "right", "custom.width": 90},
            quantity=Quantity(f"max by (figure, unit) ({by_figure(indicators.value)})"),
        ),
        Column(say("Unit", "单位"), {"custom.width": 110}, label="unit"),
        Column.of(
            say("Up to", "截至"), say.day(f"max by (figure) ({end}) - 1"), 110
        ),  # a period ends where the next begins: its last second has the right date
        Column.of(
            say("Periods", "期数"),
            say.count(f"max by (figure) ({by_figure(indicators.periods)})"),
            80,
        ),
    ]
    described = about(
        say,
        "各公布指标最新一期的数值；同期的新版本取代旧版本。",
        *(INDICATORS[of] for of in (indicators.value, indicators.ended, indicators.periods)),
    )
    title = say("Published figures", "公布数据")
    return table(Head(title, described, place), columns, sort=(figure, False))
