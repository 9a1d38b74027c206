"""The year against its plan: the deviation, the cumulative curve, and the forecast of both."""

from collections.abc import Callable
from typing import Any

from dashboards.grafana.curve_panel import curve
from dashboards.grafana.explain_links import ExplainLinks, as_style
from dashboards.grafana.language import Language
from dashboards.grafana.layout import describe
from dashboards.grafana.specs import Axis, CurveLine, GridPlace, PanelHead
from dashboards.grafana.theme import (
    ACTUAL,
    BEHIND,
    DOTS,
    DOTTED_LINE,
    FORECAST_BAND,
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


def deviation_from_plan(language: Language, explain: ExplainLinks) -> Any:
    """The main chart: TEU ahead of or behind plan, since a cumulative curve hides a gap of 2 %."""
    plan = year.plan()

    def minus_plan(expr: str) -> str:
        return language.teu(f"({expr}) - ({plan})").expr

    by_sign: Json = {
        "color": {"mode": "thresholds"},
        "custom.gradientMode": "scheme",
    }
    lines = [
        CurveLine(
            language.text("Handled"),
            until(minus_plan(year.year_to_date()), year.as_of()),
            width=4,
            fill=30,
            in_legend=False,
            extra_style=by_sign | as_style(explain.of_moment()),
        ),
        CurveLine(language.text("Last year"), minus_plan(year.year_before()), LAST_YEAR, 1),
        CurveLine(language.text("Last year: not whole"), year.no_year_before(), LAST_YEAR, 1),
        CurveLine(language.text("Forecast"), minus_plan(year.forecast_path()), width=3, dash=DOTS),
        *_edges(minus_plan),
        CurveLine(language.text("Plan"), "vector(0)", PLAN, 2, LONG_DASH),
    ]
    described = describe(
        language,
        year.kpi(pacing.gap),
        year.kpi(pacing.target),
        year.kpi(pacing.forecast),
        year.kpi(pacing.forecast_bound),
        note="The line at zero is the plan, which ends the year on the target; below it the port "
        "is behind.  The bands are the forecast's 80 and 95 % prediction intervals.  Last year is "
        "drawn only if the books hold it whole.",
    )
    title = language.text(
        "Ahead (+) or behind (−) plan, and where it leads, TEU",
    )
    axis = Axis(language.teu("").unit, steps=steps(BEHIND, (0, ACTUAL)))
    return curve(PanelHead(title, described, GridPlace(0, 7, 17, 8)), lines, axis)


def year_to_date(language: Language, explain: ExplainLinks) -> Any:
    """The cumulative curve, which shows the shape of the year."""

    def scaled(expr: str) -> str:
        return language.teu(expr).expr

    lines = [
        CurveLine(
            language.text("Handled"),
            until(scaled(year.year_to_date()), year.as_of()),
            width=3,
            extra_style=as_style(explain.of_moment()),
        ),
        CurveLine(language.text("Plan"), scaled(year.plan()), PLAN, 1, LONG_DASH),
        CurveLine(
            language.text("Last year"),
            scaled(year.year_before()),
            LAST_YEAR,
            1,
        ),
        CurveLine(language.text("Forecast"), scaled(year.forecast_path()), dash=DOTS),
        *_edges(scaled),
        CurveLine(
            language.text("Target"),
            scaled(f"{year.last_known(pacing.target)} + 0 * vector(1)"),
            MARK,
            1,
            DOTTED_LINE,
        ),
    ]
    described = describe(
        language,
        *(year.kpi(of) for of in (handled.ytd, pacing.planned_to_date, pacing.target)),
        note="Dashed: the plan with its dip at Spring Festival; dotted: the target.  Last year is "
        "drawn only if the books hold it whole.",
    )
    title = language.text("TEU since 1 January")
    axis = Axis(language.teu("").unit, low=0, legend=False)
    return curve(PanelHead(title, described, GridPlace(0, 15, 8, 6)), lines, axis)


def _edges(scaled: Callable[[str], str]) -> list[CurveLine]:
    """The prediction intervals as filled bands; their edges are hidden."""
    return [
        edge
        for upper, lower, level, fill in BANDS
        for edge in (
            CurveLine(
                upper,
                scaled(year.forecast_path(level, "upper")),
                FORECAST_BAND,
                width=0,
                fill=fill,
                fill_to=lower,
                in_legend=False,
            ),
            CurveLine(
                lower,
                scaled(year.forecast_path(level, "lower")),
                FORECAST_BAND,
                width=0,
                in_legend=False,
            ),
        )
    ]
