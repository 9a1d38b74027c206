"""The annotations on the curves of a year: Spring Festival, the target's day, replay runs."""

from datetime import date, timedelta

from contract.book import Book
from dashboards.grafana.language import Language
from dashboards.grafana.specs import Annotation
from dashboards.grafana.theme import GOOD, LAST_YEAR, PEERS
from dashboards.queries.promql import RUN, at_range_end, of_a_run, select
from dashboards.queries.year import AREA, YEAR, kpi
from kpis.model.calendar import day_start
from kpis.model.kpi import hourly, recorded
from kpis.port import handled, pacing

NEW_YEAR = (
    *("2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10"),
    *("2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03"),
    *("2031-01-23", "2032-02-11", "2033-01-31", "2034-02-19", "2035-02-08"),
)
"""First days of the lunar years, which PromQL cannot compute."""
EVE, HOLIDAY = timedelta(days=1), timedelta(days=7)
"""The holiday runs from the eve to the seventh day of the lunar year."""


def annotations(book: Book, language: Language) -> tuple[Annotation, ...]:
    """The annotations of the Port board."""
    reached, as_of = (
        f"max({at_range_end(select(hourly(kpi(formula)), **YEAR))})"
        for formula in (pacing.mark_reached, handled.as_of)
    )
    return (
        Annotation(
            language.text("Target reached"),
            f"1000 * ({reached} <= {as_of})",  # later than the newest move it is a forecast
            GOOD,
            language.text("Target reached"),
            at_value=True,
        ),
        Annotation(
            language.text("Spring Festival"),
            _festivals(book),
            LAST_YEAR,
            language.text("Spring Festival"),
        ),
        Annotation(
            language.text("Replay runs"),
            f"count by ({RUN}) ({of_a_run(recorded(kpi(handled.as_of)), **AREA)})",
            PEERS[0],
            f"{language.text('Replay run')} {{{{{RUN}}}}}",
        ),
    )


def _festivals(book: Book) -> str:
    """1 while it is Spring Festival."""
    spans = []
    for day in map(date.fromisoformat, NEW_YEAR):
        start, end = (f"{day_start(on, book.tz):.0f}" for on in (day - EVE, day + HOLIDAY))
        spans.append(f"(vector(time()) >= {start} < {end})")
    return f"count({' or '.join(spans)})"
