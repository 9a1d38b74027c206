"""The workers and the partitions that they own."""

from typing import Any

from contract.topics import MOVES, TERMINAL_DAYS
from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import describe
from dashboards.grafana.specs import Column, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import BEHIND, CRITICAL, GOOD, bar, words
from dashboards.queries import workers
from dashboards.queries.external import MEMORY, STARTED
from kpis import pipeline
from kpis.model.kpi import Series

STATES = {0: ("Down", CRITICAL), 1: ("Recovering", BEHIND), 2: ("Ready", GOOD)}


def workers_table(language: Language, place: GridPlace) -> Any:
    """Each worker: its state, partitions, event rate, facts, memory and uptime."""

    def each(expr: str) -> str:
        return f"max by (instance) ({expr})"

    def process(series: Series) -> str:
        return f"last_over_time({workers.process(series)}[{workers.HOLD}])"

    up = each(workers.workers())
    state = f"({up} + on (instance) {each(workers.gauge(pipeline.READY))}) or {up}"
    read = f"sum by (instance) ({workers.rate(pipeline.EVENTS, workers.PRESENT)})"
    facts = f"sum by (instance) ({workers.gauge(pipeline.FACTS)})"
    texts = {str(code): language.text(text) for code, (text, _) in STATES.items()}
    grounds = {str(code): colour for code, (_, colour) in STATES.items()}
    style = {
        "mappings": words(texts, grounds),
        "custom.cellOptions": {"type": "color-text"},
        "custom.align": "left",
        "custom.width": 90,
        "unit": "none",
    }
    own = [
        Column.of(
            language.text(name),
            language.count(each(workers.gauge(pipeline.OWNED, topic=topic.name))),
            70,
        )
        for name, topic in (("Books", MOVES), ("Figures", TERMINAL_DAYS))
    ]
    worker = language.text("Worker")
    columns = [
        Column(worker, {"custom.minWidth": 130}, label="instance"),
        Column(language.text("State"), style, quantity=Quantity(state)),
        *own,
        Column.of(language.text("Events/s"), Quantity(read, "none", 1), 84),
        Column.of(language.text("Facts"), language.count(facts), 90),
        Column.of(language.text("Memory"), Quantity(each(process(MEMORY)), "bytes"), 90),
        Column.of(language.text("Running since"), language.minute(each(process(STARTED))), 110),
    ]
    note = "Books and Figures: partitions that the worker owns of moves, and of what KPIs read."
    described = describe(language, pipeline.OWNED, pipeline.READY, pipeline.FACTS, note=note)
    return table(
        PanelHead(language.text("Workers"), described, place), columns, sort=(worker, False)
    )


def partitions_table(language: Language, place: GridPlace) -> Any:
    """Each partition of the moves: the facts in its table, and its worker."""
    rows = f"max by (partition, instance) ({workers.gauge(pipeline.FACTS)})"
    name = language.text("Partition")
    columns = [
        Column(name, {"custom.width": 80}, label="partition"),
        Column(
            language.text("Facts"),
            bar("locale", 0) | {"custom.minWidth": 76},
            quantity=language.count(rows),
        ),
        Column(language.text("Worker"), {"custom.minWidth": 110}, label="instance"),
    ]
    head = PanelHead(
        language.text("Facts by partition, and its worker"),
        describe(language, pipeline.FACTS),
        place,
    )
    return table(head, columns, sort=(name, False))
