"""Port: is the year on track?  The first row answers, the main chart says where it leads."""

from typing import Any

from contract.book import Book
from dashboards import year
from dashboards.boxes import mix
from dashboards.layout import about, hang, utc_offset
from dashboards.looks import (
    ACTUAL,
    BEHIND,
    CRITICAL,
    MUTED,
    STATUS,
    TEXT,
    TILE,
    Json,
    by_steps,
    fixed,
    words,
)
from dashboards.panels import figures, section, word
from dashboards.road import road, since_january
from dashboards.shapes import Figure, Head, Place
from dashboards.terminals import by_the_hour, daily, moves, terminals
from dashboards.tongue import Tongue
from dashboards.year import NOW
from kpis import handled, pacing

STALE_SECONDS = 6 * 3600  # berths rest for an hour or two; a whole shift without a lift is no news


def port(book: Book, say: Tongue) -> Json:
    """The Port board."""
    panels = [
        _status(book, say),
        _headline(say),
        road(say),
        _daily_need(say),
        _reached(say),
        _figures_up_to(say),
        since_january(say),
        daily(book, say),
        terminals(book, say),
        section(say("Why: what is in the boxes, and the terminals", "原因：箱量构成与各码头"), 21),
        mix(say),
        by_the_hour(book, say),
        moves(book, say),
    ]
    question = say("Is the year on track?", "全年是否达标？")
    return hang("port", say, book, say.name(book.area[0].name), question, panels)


def _status(book: Book, say: Tongue) -> Any:
    shift = int(utc_offset(book).total_seconds())
    silent = f"max(time() - {year.figure(handled.as_of)}) > {STALE_SECONDS}"
    running = f"vector($year) == year(vector(time() + {shift}))"
    code = (
        f"(vector(5) and on () ({silent}) and on () ({running})) or {year.figure(pacing.status)}"
    )
    described = about(
        say,
        "0 已达成；1 正常：进度不低于目标的预警线；2 落后；3 严重落后；4 未达成。"
        "六小时没有新的作业时显示“数据过旧”。",
        year.kpi(pacing.status),
    )
    head = Head("", described, Place(0, 0, 5, 4), NOW)
    mapping = words(
        {str(code): say(en, zh) for code, en, zh, _ in STATUS},
        {str(code): TILE[role] for code, _, _, role in STATUS},
    )
    return word(head, say("Against the plan", "对照计划"), code, mapping)


def _headline(say: Tongue) -> Any:
    rows = [
        Figure(
            say("Handled, TEU", "年初至今，万标箱"),
            say.teu(year.figure(handled.ytd)),
            {"color": fixed(ACTUAL)},
        ),
        Figure(
            say("Pace, %", "进度，%"),
            say.percent(year.figure(pacing.pace)),
            by_steps(CRITICAL, (90, BEHIND), (97, TEXT)),
        ),
        Figure(
            say("Forecast, year", "全年预测"),
            say.teu(year.figure(pacing.forecast)),
            {"color": fixed(TEXT)},
        ),
        Figure(
            say("Short by", "预计缺口"),
            say.teu(year.figure(pacing.shortfall)),
            by_steps(TEXT, (0.005, BEHIND)),
        ),
    ]
    described = about(
        say,
        "年初至今装卸船标箱，已扣除更正与撤销；进度 = 完成 / 计划进度；"
        "预测 = 完成 / 计划时间比例；缺口 = 目标 − 预测，不小于零。",
        *(year.kpi(of) for of in (handled.ytd, pacing.pace, pacing.forecast, pacing.shortfall)),
    )
    return figures(Head("", described, Place(5, 0, 19, 4), NOW), rows)


def _daily_need(say: Tongue) -> Any:
    rows = [
        Figure(
            say("Need, TEU/d", "日需，标箱"),
            say.count(year.figure(pacing.required_per_day)),
            {"color": fixed(TEXT)},
        ),
        Figure(
            say("28-day mean", "28 日均"),
            say.count(year.figure(pacing.recent_per_day)),
            {"color": fixed(MUTED)},
        ),
    ]
    described = about(
        say,
        "余量 / 剩余天数，与近 28 个完整日的日均对照（标箱）。",
        year.kpi(pacing.required_per_day),
        year.kpi(pacing.recent_per_day),
    )
    return figures(Head("", described, Place(17, 4, 7, 4), NOW), rows)


def _reached(say: Tongue) -> Any:
    """The series ends when the forecast falls short of the target: then a word stands for it."""
    short = year.figure(pacing.shortfall)
    reached = f"({year.figure(pacing.mark_reached)} and {short} == 0) or 0 * ({short} > 0)"
    row = Figure(
        say("Target reached", "达标日期"),
        say.day(reached),
        {"color": fixed(TEXT), "mappings": words({"0": say("Not this year", "本年内不达标")})},
    )
    described = about(say, "已达标的时刻，或按预测推算的达标日期。", year.kpi(pacing.mark_reached))
    return figures(Head("", described, Place(17, 8, 7, 3), NOW), [row], small=True)


def _figures_up_to(say: Tongue) -> Any:
    row = Figure(
        say("Figures up to", "数据截至"),
        say.minute(year.figure(handled.as_of)),
        {"color": fixed(MUTED)},
    )
    described = about(say, "最新一次装卸作业的时间。", year.kpi(handled.as_of))
    return figures(Head("", described, Place(17, 11, 7, 3), NOW), [row], small=True)
