"""Projects: are enough signed, and are they built on time?"""

from typing import Any

from contract.book import Book
from dashboards.layout import hang
from dashboards.looks import (
    ACTUAL,
    BEHIND,
    CRITICAL,
    GOOD,
    TEXT,
    TILE,
    Json,
    by_steps,
    fixed,
    ranges,
)
from dashboards.panels import curve, figures, section, word
from dashboards.portfolio import funnel, late, published, tiers
from dashboards.shapes import Axis, Figure, Head, Line, Place
from dashboards.tongue import Tongue
from dashboards.zone import Zone, ranked
from kpis import investment

ON_TIME, LATE = 0.9, 0.75
"""Shares of milestones met on time: on time from the first up, critical below the second."""
MANY_OVERDUE = 10  # more than a monthly review can go through one by one


def projects(book: Book, say: Tongue) -> Json:
    """The Projects board."""
    zone = Zone(book, say)
    panels = [
        _status(zone),
        _headline(zone),
        late(zone, Place(0, 4, 14, 9)),
        funnel(zone, Place(14, 4, 10, 9)),
        tiers(zone, Place(0, 13, 10, 8)),
        _clusters(zone),
        _areas(zone),
        section(say("Over time, parks and published figures", "走势、园区与公布数据"), 21),
        _history(zone),
        _parks(zone),
        _due_later(zone),
        published(zone, Place(14, 22, 10, 8)),
    ]
    question = say(
        "Are enough projects signed, and are they built on time?", "签约是否足够，推进是否按期？"
    )
    return hang("projects", say, book, say.name(book.zone.name), question, panels)


def _status(zone: Zone) -> Any:
    say = zone.say
    described = zone.about("按期率 90% 起为按期，低于 75% 为严重逾期。", investment.milestone_hit)
    mapping = ranges(
        (None, LATE, say("Critical", "严重逾期"), TILE[CRITICAL]),
        (LATE, ON_TIME, say("Late", "逾期"), TILE[BEHIND]),
        (ON_TIME, None, say("On time", "按期"), TILE[GOOD]),
    )
    head = Head("", described, Place(0, 0, 5, 4))
    return word(head, say("Milestones", "节点推进"), zone.now(investment.milestone_hit), mapping)


def _headline(zone: Zone) -> Any:
    say = zone.say
    plain: Json = {"color": fixed(TEXT)}
    rows = [
        Figure(
            say("Signed", "签约项目"),
            say.count(zone.now(investment.signed, tier="100M")),
            {"color": fixed(ACTUAL)},
        ),
        Figure(say("CNY bn", "协议投资，亿元"), say.yuan(zone.now(investment.committed)), plain),
        Figure(
            say("Overdue", "逾期节点"),
            say.count(zone.now(investment.milestones_overdue)),
            by_steps(TEXT, (1, BEHIND), (MANY_OVERDUE, CRITICAL)),
        ),
        Figure(
            say("On time, %", "按期率，%"),
            say.percent(zone.now(investment.milestone_hit)),
            by_steps(CRITICAL, (100 * LATE, BEHIND), (100 * ON_TIME, TEXT)),
        ),
        Figure(
            say("Due, 30 d", "30 天内到期"),
            say.count(zone.now(investment.due_soon, window="30d")),
            plain,
        ),
    ]
    described = zone.about(
        "签约项目为亿元以上，首次签约计一次；金额含增资；逾期节点为已过期而未完成；"
        "按期率 = 按期完成 / 已到期。",
        investment.signed,
        investment.committed,
        investment.milestones_overdue,
        investment.milestone_hit,
        investment.due_soon,
    )
    return figures(Head("", described, Place(5, 0, 19, 4)), rows)


def _clusters(zone: Zone) -> Any:
    say = zone.say
    title = say("Clusters, CNY bn", "各产业集群投资，亿元")
    head = Head(title, zone.about("按产业集群。", investment.cluster), Place(10, 13, 7, 8))
    amounts = say.yuan(zone.each("cluster", investment.cluster))
    return ranked(head, amounts, "cluster", zone.book.zone.clusters, say)


def _areas(zone: Zone) -> Any:
    say = zone.say
    title = say("Areas, CNY bn", "各功能片区投资，亿元")
    head = Head(title, zone.about("按功能片区。", investment.area), Place(17, 13, 7, 8))
    amounts = say.yuan(zone.each("functional_area", investment.area))
    return ranked(head, amounts, "functional_area", zone.book.zone.functional_areas, say)


def _parks(zone: Zone) -> Any:
    say = zone.say
    described = zone.about("不在园区内的项目不计。", investment.park)
    head = Head(say("Projects by park", "各园区项目"), described, Place(7, 22, 7, 5))
    return ranked(
        head, say.count(zone.each("park", investment.park)), "park", zone.book.zone.parks, say
    )


def _due_later(zone: Zone) -> Any:
    say = zone.say
    row = Figure(
        say("Due, 90 d", "90 天内到期"),
        say.count(zone.now(investment.due_soon, window="90d")),
        {"color": fixed(TEXT)},
    )
    described = zone.about("今日起 90 天内到期而未完成的节点。", investment.due_soon)
    return figures(Head("", described, Place(7, 27, 7, 3)), [row], small=True)


def _history(zone: Zone) -> Any:
    say = zone.say
    line = Line(
        say("Signed", "签约"),
        zone.course(investment.signed, tier="100M"),
        width=3,
        step="6h",
        more={"custom.lineInterpolation": "stepAfter"},
    )
    described = zone.about("亿元以上签约项目累计。", investment.signed)
    head = Head(say("Projects signed", "累计签约项目"), described, Place(0, 22, 7, 8))
    return curve(head, [line], Axis(decimals=0, legend=False))
