"""The month so far, and its and the year's growth, each with the reason where there is none."""

from typing import Any

from contract.book import Book
from dashboards.grafana.explain_links import ExplainLinks, as_style
from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import kpi_figures, utc_offset
from dashboards.grafana.specs import COMPACT, GridPlace, PanelFigure
from dashboards.grafana.theme import MUTED, TEXT, Json, fixed, words
from dashboards.queries import year
from dashboards.queries.promql import aggregate, held, select
from dashboards.queries.year import AREA, NOW, YEAR
from kpis.model.kpi import Kpi
from kpis.port import growth
from kpis.port.comparison import Comparability
from kpis.port.throughput import LATEST

REASONS = {
    Comparability.NO_WHOLE_DAY: "too early",
    Comparability.BOOKS_BEGIN_LATER: "no books",
    Comparability.DAYS_MISSING: "not whole",
    Comparability.WAS_ZERO: "was zero",
    Comparability.SPRING_FESTIVAL: "with Feb",
}
"""Reason why there is no comparison -> its message, short enough for a figure."""
PLAIN: Json = {"color": fixed(TEXT)}


def growth_figures(book: Book, language: Language, explain: ExplainLinks, place: GridPlace) -> Any:
    """Month to date, on last year and on the month before; year to date on last year."""
    of_month, of_year = (PLAIN | as_style(to()) for to in (explain.of_month, explain.of_year))
    shift = int(utc_offset(book).total_seconds())
    is_running = f"vector($year) == year(vector(time() + {shift}))"

    def query(kpi: Kpi[Any]) -> str:
        """A KPI of the chosen year, or of the running month if that is in the chosen year."""
        if "year" in kpi.labels:
            return f"max({held(select(aggregate(kpi), **YEAR))})"
        return f"(max({held(select(aggregate(kpi), **AREA))}) and on () ({is_running}))"

    to_date = LATEST[growth.month_to_date]
    rows = [
        PanelFigure(
            language.text("Month, TEU"), language.teu(query(to_date)), of_month, (to_date,)
        )
    ]
    for name, ratio, code in (
        ("Month YoY, %", LATEST[growth.month_on_year], LATEST[growth.month_on_year_code]),
        ("MoM, %", LATEST[growth.month_on_month], LATEST[growth.month_on_month_code]),
        ("YTD YoY, %", year.kpi(growth.ytd_on_year), year.kpi(growth.ytd_on_year_code)),
    ):
        compared = f"({query(ratio)}) and on () ({query(code)} == 0)"
        growth_rate = language.percent(compared)
        style = of_year if "year" in ratio.labels else of_month
        rows.append(PanelFigure(language.text(name), growth_rate, style, (ratio, code)))
        rows.append(_reason(language, name, query(code)))
    note = (
        "The month so far, its growth on last year (YoY) and on the month before (MoM), and the "
        "growth of the year to date (YTD).  Whole days on both sides, by the mean day.  Where a "
        "period is not whole in the books, "
        "the reason stands in place of the number."
    )
    return kpi_figures(language, place, rows, note=note, look_back=NOW, size=COMPACT)


def _reason(language: Language, name: str, code: str) -> PanelFigure:
    """The reason in place of a number; without a series while there is a number."""
    texts = {str(int(reason)): language.text(text, "growth") for reason, text in REASONS.items()}
    style = {"color": fixed(MUTED), "mappings": words(texts)}
    return PanelFigure(language.text(name), Quantity(f"{code} > 0"), style)
