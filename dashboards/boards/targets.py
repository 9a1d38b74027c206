"""Targets: which are at risk?  The worst first, then how it came, what fires and what changed."""

from typing import Any

from contract.book import Book
from dashboards.grafana.curve_panel import curve
from dashboards.grafana.dashboard import section
from dashboards.grafana.language import Language
from dashboards.grafana.layout import about, hang, read
from dashboards.grafana.specs import Axis, CurveLine, GridPlace, PanelFigure, PanelHead
from dashboards.grafana.stat_panel import word
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
from dashboards.panels.firing_alerts import alerts
from dashboards.panels.target_tables import changes, every, past
from dashboards.queries.external import ALERTS
from dashboards.queries.target_series import KEYS, TargetSeries
from kpis.plan.plan import Status
from kpis.target import target_book as aim
from kpis.target.target_book import TARGETS


def targets(book: Book, say: Language) -> Json:
    """The Targets board."""
    aims = TargetSeries(book, say)
    panels = [
        _status(aims),
        read(say, GridPlace(5, 0, 19, 4), _counts(aims), note=_RUNNING),
        every(aims, GridPlace(0, 4, 24, 10)),
        _paces(aims, GridPlace(0, 14, 12, 7)),
        alerts(aims, GridPlace(12, 14, 12, 7)),
        section(say("What changed, and periods that are over"), 21),
        changes(aims, GridPlace(0, 22, 24, 9)),
        past(aims, GridPlace(0, 31, 24, 6)),
    ]
    return hang("targets", say, book, "", "Which targets are at risk?", panels)


_RUNNING = "Targets whose period ends in this year or later."


def _status(aims: TargetSeries) -> Any:
    say = aims.say
    code = f"(vector({STALE}) and on () ({aims.stale()})) or max({aims.each(aim.status)})"
    described = about(say, TARGETS[aim.status], note="The worst of all targets that run.")
    return word(
        PanelHead("", described, GridPlace(0, 0, 5, 4)),
        say("Worst target"),
        code,
        status_words(say),
    )


def _counts(aims: TargetSeries) -> list[PanelFigure]:
    say, status = aims.say, aims.each(aim.status)
    rows = (
        ("Critical", f">= {int(Status.CRITICAL)}", CRITICAL),
        ("Behind", f"== {int(Status.BEHIND)}", BEHIND),
        ("On track", f"== {int(Status.ON_TRACK)}", GOOD),
        ("Attained", f"== {int(Status.ATTAINED)}", GOOD),
    )
    counts = [
        PanelFigure(
            say(name),
            say.count(f"count(({status}) {which}) or vector(0)"),
            by_steps(MUTED, (1, colour)),
            (TARGETS[aim.status],),
        )
        for name, which, colour in rows
    ]
    firing = f"count({ALERTS.where(alertstate='firing')}) or vector(0)"
    return [
        *counts,
        PanelFigure(say("Alerts firing"), say.count(firing), by_steps(MUTED, (1, BEHIND))),
    ]


def _paces(aims: TargetSeries, place: GridPlace) -> Any:
    """Pace over time; a line takes the colour of its target's status at the end of the range."""
    say, pace, status = aims.say, aims.course(aim.pace), aims.at_the_end(aim.status)

    def those(which: str) -> str:
        return aims.named(f"(({pace}) and on ({KEYS}) ({status} {which}))")

    name = f"{{{{{aims.name}}}}}"
    lines = [
        CurveLine(name, those(">= 3"), CRITICAL, 4, step="6h"),
        CurveLine(name, those("== 2"), BEHIND, step="6h", in_legend=False),
        CurveLine(name, those("<= 1"), LAST_YEAR, 1, step="6h", in_legend=False),
        CurveLine(say("Plan"), "vector(1)", PLAN, 1, LONG_DASH, in_legend=False, step="6h"),
    ]
    title = say("Pace (behind in colour, plan dashed)")
    described = about(say, TARGETS[aim.pace], TARGETS[aim.warn], TARGETS[aim.critical])
    return curve(PanelHead(title, described, place), lines, Axis("percentunit", low=0.8, high=1.2))
