"""The road of the year: how far from plan, the curve since 1 January, and where both lead."""

from collections.abc import Callable
from typing import Any

from dashboards.grafana.curve_panel import curve
from dashboards.grafana.language import Language
from dashboards.grafana.layout import about
from dashboards.grafana.specs import Axis, CurveLine, GridPlace, PanelHead
from dashboards.grafana.theme import (
    ACTUAL,
    BEHIND,
    DOTS,
    DOTTED_LINE,
    LAST_YEAR,
    LONG_DASH,
    MARK,
    PLAN,
    Json,
    steps,
)
from dashboards.queries import year
from dashboards.queries.promql import until
from kpis.port import handled, pacing

BANDS = (("u95", "l95", "0.95", 16), ("u80", "l80", "0.80", 30))
"""(upper name, lower name, level, opacity of the fill between them)."""


def road(say: Language) -> Any:
    """The main chart: the distance from plan, for a cumulative curve would hide a gap of 2 %."""
    plan = year.plan()

    def off_plan(expr: str) -> str:
        return say.teu(f"({expr}) - ({plan})").expr

    by_sign: Json = {
        "color": {"mode": "thresholds"},
        "custom.gradientMode": "scheme",
    }
    lines = [
        CurveLine(
            say("Handled"),
            until(off_plan(year.course()), year.as_of()),
            width=4,
            fill=30,
            in_legend=False,
            more=by_sign,
        ),
        CurveLine(say("Last year"), off_plan(year.course_before()), LAST_YEAR, 1),
        CurveLine(say("Forecast"), off_plan(year.fan()), width=3, dash=DOTS),
        *_edges(off_plan),
        CurveLine(say("Plan"), "vector(0)", PLAN, 2, LONG_DASH),
    ]
    described = about(
        say,
        year.kpi(pacing.gap),
        year.kpi(pacing.target),
        year.kpi(pacing.forecast),
        year.kpi(pacing.forecast_bound),
        note="The line at zero is the plan and ends the year on the target; below it is behind.  "
        "The fan shows where 80 and 95 % of such years end, if the forecast knows.",
    )
    title = say(
        "Ahead (+) or behind (−) plan, and where it leads, TEU",
    )
    axis = Axis(say.teu("").unit, steps=steps(BEHIND, (0, ACTUAL)))
    return curve(PanelHead(title, described, GridPlace(0, 4, 17, 10)), lines, axis)


def since_january(say: Language) -> Any:
    """The cumulative curve, for the shape of the year."""

    def scaled(expr: str) -> str:
        return say.teu(expr).expr

    lines = [
        CurveLine(
            say("Handled"),
            until(scaled(year.course()), year.as_of()),
            width=3,
        ),
        CurveLine(say("Plan"), scaled(year.plan()), PLAN, 1, LONG_DASH),
        CurveLine(
            say("Last year"),
            scaled(year.course_before()),
            LAST_YEAR,
            1,
        ),
        CurveLine(say("Forecast"), scaled(year.fan()), dash=DOTS),
        *_edges(scaled),
        CurveLine(
            say("Target"),
            scaled(f"{year.known(pacing.target)} + 0 * vector(1)"),
            MARK,
            1,
            DOTTED_LINE,
        ),
    ]
    described = about(
        say,
        *(year.kpi(of) for of in (handled.ytd, pacing.planned_to_date, pacing.target)),
        note="Dashed: the plan with its dip at Spring Festival; dotted: the target.",
    )
    title = say("TEU since 1 January")
    axis = Axis(say.teu("").unit, low=0, legend=False)
    return curve(PanelHead(title, described, GridPlace(0, 14, 8, 7)), lines, axis)


def _edges(scaled: Callable[[str], str]) -> list[CurveLine]:
    """The edges of the fan, hidden, and what lies between them; nothing without intervals."""
    return [
        edge
        for upper, lower, level, fill in BANDS
        for edge in (
            CurveLine(
                upper,
                scaled(year.fan(level, "upper")),
                width=0,
                fill=fill,
                down_to=lower,
                in_legend=False,
            ),
            CurveLine(lower, scaled(year.fan(level, "lower")), width=0, in_legend=False),
        )
    ]
