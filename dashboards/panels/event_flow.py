"""The flow of events: their rate, latency and lag, and which were rejected or corrected."""

from typing import Any

from contract.book import Book
from contract.container import NumberFlag
from contract.errors import Reason
from dashboards.grafana.curve_panel import curve
from dashboards.grafana.explain_links import ROW, VALUE, ExplainLinks, as_style
from dashboards.grafana.language import Language
from dashboards.grafana.layout import describe
from dashboards.grafana.specs import CODE_COLUMN, Axis, Column, CurveLine, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import (
    ACTUAL,
    LAST_YEAR,
    MUTED,
    PLAN,
    WRAPPED,
    Json,
    bar,
    fixed,
    words,
)
from dashboards.queries import workers
from dashboards.queries.promql import with_code
from kpis import pipeline

STEP = "1m"
KINDS = {
    "repeat": "Repeated",
    "amended": "Amended",
    "retracted": "Retracted",
    "late": "Late",
    "not_actual": "Not actual",
    "not_a_port_move": "No port move",
    "remain_on_board": "Remain on board",
    "shortlanded": "Shortlanded",
    "not_at_a_port_terminal": "Not at a terminal",
    "not_by_water": "Not by water",
    "unknown_size": "Unknown size",
    "misrouted": "Wrong partition",
    "no_original": "Nothing to take back",
    NumberFlag.MISSING: "No number",
    NumberFlag.NOT_ISO: "Not ISO 6346",
    NumberFlag.CHECK_DIGIT: "Bad check digit",
}
"""Label value of an event that is not simply counted -> its message."""
_LONGEST = (
    "1,800 s stands for half an hour or longer: events of the past that are loaded were sent long "
    "ago."
)


def event_rate(language: Language, place: GridPlace) -> Any:
    """Events a second: of all workers, and of each."""
    each = f"sum by (instance) ({workers.rate(pipeline.EVENTS)})"
    lines = [
        CurveLine(language.text("All"), workers.events(), width=3, fill=10, step=STEP),
        CurveLine("{{instance}}", each, LAST_YEAR, 1, step=STEP),
    ]
    head = PanelHead(
        language.text("Events a second: all (bold) and each worker"),
        describe(language, pipeline.EVENTS),
        place,
    )
    return curve(head, lines, Axis("none", low=0, legend=False))


def latency(language: Language, place: GridPlace) -> Any:
    """Seconds from Kafka to the books, as percentiles."""
    lines = [
        CurveLine("p99", workers.latency(0.99), LAST_YEAR, 1, fill=8, fill_to="p95", step=STEP),
        CurveLine("p95", workers.latency(0.95), ACTUAL, 3, fill=14, fill_to="p50", step=STEP),
        CurveLine("p50", workers.latency(0.5), PLAN, 1, step=STEP),
    ]
    head = PanelHead(
        language.text("Seconds from Kafka to the books"),
        describe(language, pipeline.LATENCY, note=_LONGEST),
        place,
    )
    return curve(head, lines, Axis("none", logarithmic=True))


def lag(language: Language, place: GridPlace) -> Any:
    """The lag: of the worst partition, and of each."""
    lines = [
        CurveLine(language.text("Worst"), f"max({workers.lag()})", width=3, step=STEP),
        CurveLine("{{topic}} {{partition}}", workers.lag(), LAST_YEAR, 1, step=STEP),
    ]
    title = language.text("Lag by partition, worst in bold")
    head = PanelHead(title, describe(language, pipeline.LAG), place)
    return curve(head, lines, Axis(decimals=0, low=0, legend=False))


def rejects_by_reason(
    book: Book, language: Language, explain: ExplainLinks, place: GridPlace
) -> Any:
    """Events rejected in the time range, by reason."""
    spoken = {
        reason.value: language.text(reason.value.replace("_", " "), "reason") for reason in Reason
    }
    names = {reason: f"{text[:1].upper()}{text[1:]}" for reason, text in spoken.items()}
    asked = with_code(f"sum by (reason) ({workers.rise(pipeline.REJECTED)}) > 0.5", "reason")
    note = "Each reason is a heading of docs/runbook.md; `quaymark rejected` shows the events."
    head = PanelHead(
        language.text("Rejected, by reason"),
        describe(language, pipeline.REJECTED, note=note),
        place,
        no_value=language.text("nothing rejected"),
    )
    word, number = (as_style(explain.of_reason(book, of)) for of in (VALUE, ROW))
    columns = [
        Column(" ", _named(names) | word, label="reason"),
        _ranked(asked, language, number),
        CODE_COLUMN,
    ]
    return table(head, columns, sort=("Value", True), header=False)


def corrections_by_kind(language: Language, place: GridPlace) -> Any:
    """Events that were repeated, corrected, late, flagged, or no throughput."""
    shown = (pipeline.REPEATS, pipeline.AMENDED, pipeline.RETRACTED, pipeline.LATE)
    kinds = ("repeat", "amended", "retracted", "late")
    rows = [workers.counted(meter, kind=kind) for meter, kind in zip(shown, kinds, strict=True)]
    rows += [
        workers.counted(pipeline.UNCOUNTED, "why"),
        workers.counted(pipeline.FLAGGED, "flag"),
    ]
    names = {str(kind): language.text(text) for kind, text in KINDS.items()}
    asked = f"sum by (kind) ({' or '.join(rows)}) > 0.5"
    head = PanelHead(
        language.text("Corrected or flagged"),
        describe(language, *shown, pipeline.UNCOUNTED, pipeline.FLAGGED),
        place,
        no_value=language.text("nothing of the kind"),
    )
    columns = [Column(" ", _named(names), label="kind"), _ranked(asked, language)]
    return table(head, columns, sort=("Value", True), header=False)


def _named(names: dict[str, str]) -> Json:
    return WRAPPED | {"mappings": words(names), "custom.minWidth": 110}


def _ranked(asked: str, language: Language, links: Json | None = None) -> Column:
    bars = bar("locale", 0) | {"color": fixed(MUTED)} | (links or {})
    return Column("Value", bars, quantity=language.count(asked))
