"""Who works: each worker with what it owns, and each partition with its worker."""

from typing import Any

from contract.topics import MOVES, TERMINAL_DAYS
from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import about
from dashboards.grafana.specs import Column, GridPlace, PanelHead
from dashboards.grafana.table_panel import table
from dashboards.grafana.theme import BEHIND, CRITICAL, GOOD, bar, words
from dashboards.queries import workers
from dashboards.queries.external import MEMORY, STARTED
from kpis import pipeline
from kpis.model.kpi import Series

STATES = {0: ("Down", CRITICAL), 1: ("Recovering", BEHIND), 2: ("Ready", GOOD)}


def roster(say: Language, place: GridPlace) -> Any:
    """Each worker: its state, what it owns, how much it does, how large and old it is."""

    def each(expr: str) -> str:
        return f"max by (instance) ({expr})"

    def process(series: Series) -> str:
        return f"last_over_time({workers.process(series)}[{workers.HOLD}])"

    up = each(workers.workers())
    state = f"({up} + on (instance) {each(workers.held(pipeline.READY))}) or {up}"
    read = f"sum by (instance) ({workers.rate(pipeline.EVENTS)})"
    facts = f"sum by (instance) ({workers.held(pipeline.FACTS)})"
    texts = {str(code): say(text) for code, (text, _) in STATES.items()}
    grounds = {str(code): colour for code, (_, colour) in STATES.items()}
    look = {
        "mappings": words(texts, grounds),
        "custom.cellOptions": {"type": "color-text"},
        "custom.align": "left",
        "custom.width": 90,
        "unit": "none",
    }
    own = [
        Column.of(
            say(name),
            say.count(each(workers.held(pipeline.OWNED, topic=topic.name))),
            70,
        )
        for name, topic in (("Books", MOVES), ("Figures", TERMINAL_DAYS))
    ]
    worker = say("Worker")
    columns = [
        Column(worker, {"custom.minWidth": 130}, label="instance"),
        Column(say("State"), look, quantity=Quantity(state)),
        *own,
        Column.of(say("Events/s"), Quantity(read, "none", 1), 84),
        Column.of(say("Facts"), say.count(facts), 90),
        Column.of(say("Memory"), Quantity(each(process(MEMORY)), "bytes"), 90),
        Column.of(say("Running for"), Quantity(f"time() - {each(process(STARTED))}", "s"), 110),
    ]
    note = "Books and Figures: partitions that the worker owns of moves, and of what KPIs read."
    described = about(say, pipeline.OWNED, pipeline.READY, pipeline.FACTS, note=note)
    return table(PanelHead(say("Workers"), described, place), columns, sort=(worker, False))


def partitions(say: Language, place: GridPlace) -> Any:
    """Each partition of the moves: its worker, and how many facts its table holds."""
    rows = f"max by (partition, instance) ({workers.held(pipeline.FACTS)})"
    name = say("Partition")
    columns = [
        Column(name, {"custom.width": 80}, label="partition"),
        Column(say("Facts"), bar("locale", 0) | {"custom.minWidth": 76}, quantity=say.count(rows)),
        Column(say("Worker"), {"custom.minWidth": 110}, label="instance"),
    ]
    head = PanelHead(
        say("Tables of the moves, and who holds them"), about(say, pipeline.FACTS), place
    )
    return table(head, columns, sort=(name, False))
