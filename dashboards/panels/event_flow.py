"""The events on their way: how many, how late, how many wait, which are set aside or set right."""

from typing import Any

from contract.container import NumberFlag
from contract.errors import Reason
from dashboards.grafana.curve_panel import curve
from dashboards.grafana.language import Language
from dashboards.grafana.layout import about
from dashboards.grafana.specs import Axis, Column, CurveLine, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import ACTUAL, LAST_YEAR, MUTED, PLAN, bar, fixed, words
from dashboards.queries import workers
from dashboards.queries.promql import pick
from kpis import pipeline

STEP = "1m"
KINDS = {
    "repeat": "Came again",
    "amended": "Amended",
    "retracted": "Taken back",
    "late": "Late",
    "not_actual": "Not actual",
    "not_a_port_move": "No port move",
    "remain_on_board": "Remain on board",
    "shortlanded": "Shortlanded",
    "not_at_a_port_terminal": "Not at a terminal",
    "not_by_water": "Not by water",
    NumberFlag.MISSING: "No number",
    NumberFlag.NOT_ISO: "Not ISO 6346",
    NumberFlag.CHECK_DIGIT: "Bad check digit",
}
"""What becomes of an event that is not simply counted -> its message."""


def flow(say: Language, place: GridPlace) -> Any:
    """Events a second: all, and each worker."""
    each = f"sum by (instance) ({workers.rate(pipeline.EVENTS)})"
    lines = [
        CurveLine(say("All"), workers.events(), width=3, fill=10, step=STEP),
        CurveLine("{{instance}}", each, LAST_YEAR, 1, step=STEP),
    ]
    head = PanelHead(
        say("Events a second: all (bold) and each worker"), about(say, pipeline.EVENTS), place
    )
    return curve(head, lines, Axis("none", low=0, legend=False))


def latency(say: Language, place: GridPlace) -> Any:
    """Seconds to the books."""
    lines = [
        CurveLine("p99", workers.latency(0.99), LAST_YEAR, 1, fill=8, down_to="p95", step=STEP),
        CurveLine("p95", workers.latency(0.95), ACTUAL, 3, fill=14, down_to="p50", step=STEP),
        CurveLine("p50", workers.latency(0.5), PLAN, 1, step=STEP),
    ]
    head = PanelHead(say("Seconds from Kafka to the books"), about(say, pipeline.LATENCY), place)
    return curve(head, lines, Axis("s", low=0))


def lag(say: Language, place: GridPlace) -> Any:
    """Events that wait: the worst partition, and each."""
    lines = [
        CurveLine(say("Worst"), f"max({workers.lag()})", width=3, step=STEP),
        CurveLine("{{topic}} {{partition}}", workers.lag(), LAST_YEAR, 1, step=STEP),
    ]
    title = say("Events waiting: the worst partition (bold) and each")
    head = PanelHead(title, about(say, pipeline.LAG), place)
    return curve(head, lines, Axis(decimals=0, low=0, legend=False))


def rejects(say: Language, place: GridPlace) -> Any:
    """Events set aside in the range, by reason."""
    spoken = {reason.value: say(reason.value.replace("_", " "), "reason") for reason in Reason}
    names = {reason: f"{text[:1].upper()}{text[1:]}" for reason, text in spoken.items()}
    asked = f"sum by (reason) (increase({pick(pipeline.REJECTED.series)}[$__range])) > 0.5"
    note = "Each reason is a heading of docs/runbook.md; `quaymark rejected` shows the events."
    head = PanelHead(
        say("Set aside, by reason"),
        about(say, pipeline.REJECTED, note=note),
        place,
        none=say("nothing set aside"),
    )
    return _ranked(head, "reason", names, asked, say)


def set_right(say: Language, place: GridPlace) -> Any:
    """What was counted once, late, under a doubt, or not as throughput."""
    shown = (pipeline.REPEATS, pipeline.AMENDED, pipeline.RETRACTED, pipeline.LATE)
    kinds = ("repeat", "amended", "retracted", "late")
    rows = [workers.counted(meter, kind=kind) for meter, kind in zip(shown, kinds, strict=True)]
    rows += [
        workers.counted(pipeline.UNCOUNTED, "why"),
        workers.counted(pipeline.FLAGGED, "flag"),
    ]
    names = {str(kind): say(text) for kind, text in KINDS.items()}
    asked = f"sum by (kind) ({' or '.join(rows)}) > 0.5"
    head = PanelHead(
        say("Set right, doubted, no throughput"),
        about(say, *shown, pipeline.UNCOUNTED, pipeline.FLAGGED),
        place,
        none=say("nothing of the kind"),
    )
    return _ranked(head, "kind", names, asked, say)


def _ranked(head: PanelHead, label: str, names: dict[str, str], asked: str, say: Language) -> Any:
    columns = [
        Column(" ", {"mappings": words(names), "custom.minWidth": 110}, label=label),
        Column("Value", bar("locale", 0) | {"color": fixed(MUTED)}, quantity=say.count(asked)),
    ]
    return table(head, columns, sort=("Value", True), header=False)
