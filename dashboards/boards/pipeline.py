"""Pipeline: is every event arriving, counted once, in time?  For the engineer."""

from typing import Any

from contract.book import Book
from contract.topics import REJECTED, TOPICS
from dashboards.grafana.dashboard import folded
from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import about, hang, read
from dashboards.grafana.specs import GridPlace, PanelFigure, PanelHead
from dashboards.grafana.stat_panel import word
from dashboards.grafana.theme import (
    ACTUAL,
    BEHIND,
    CRITICAL,
    GOOD,
    MUTED,
    TEXT,
    TILE,
    Json,
    by_steps,
    fixed,
    words,
)
from dashboards.panels.event_flow import flow, lag, latency, rejects, set_right
from dashboards.panels.worker_table import partitions, roster
from dashboards.queries import workers as all_workers
from dashboards.queries.external import (
    ALERTS_DROPPED,
    HEAD_SERIES,
    REBALANCES,
    RULES_FAILED,
    SENDS_FAILED,
)
from dashboards.queries.promql import pick
from kpis import pipeline as meters

QUIET, SILENT = 2 * 3600, 6 * 3600
"""Seconds without a move: the quay works day and night, and a whole shift without is a fault."""
LAG, LONG_LAG = 1_000, 10_000
"""Events that wait: a third of a second's work of one worker, and some seconds' of it."""
SLOW, VERY_SLOW = 5, 30  # seconds to the books; a scrape comes every 15
ODD, MANY_ODD = 0.01, 0.05
"""Share of events set aside: above the first a partner's file is wrong, not a box."""
STATES = {
    1: ("Healthy", GOOD),
    2: ("Strained", BEHIND),
    3: ("Recovering", MUTED),
    4: ("Worker down", CRITICAL),
}


def pipeline(book: Book, say: Language) -> Json:
    """The Pipeline board."""
    panels = [
        _status(say),
        read(say, GridPlace(5, 0, 19, 4), _headline(say), note=_LIMITS),
        flow(say, GridPlace(0, 4, 12, 6)),
        latency(say, GridPlace(12, 4, 12, 6)),
        lag(say, GridPlace(0, 10, 10, 7)),
        rejects(say, GridPlace(10, 10, 7, 7)),
        set_right(say, GridPlace(17, 10, 7, 7)),
        roster(say, GridPlace(0, 17, 24, 5)),
        partitions(say, GridPlace(0, 22, 24, 6)),
        folded(say("Kafka and Prometheus"), 28, [_kafka(say), _prometheus(say)]),
    ]
    question = "Is every event arriving, counted once, in time?"
    return hang("pipeline", say, book, "", question, panels)


_LIMITS = (
    "Amber: no move for two hours, 1,000 events waiting, 5 seconds to the books, 1 % set aside "
    "in 15 minutes.  Red: six hours, 10,000 events, 30 seconds, 5 %."
)


def _status(say: Language) -> Any:
    up = all_workers.workers()
    strained = (
        f"sum({all_workers.lag()}) > {LAG}",
        f"{all_workers.latency(0.95)} > {SLOW}",
        f"({all_workers.rejected_share()}) > {ODD}",
        f"({all_workers.age()}) > {QUIET}",
    )
    ready = f"min({all_workers.held(meters.READY)})"
    states = [
        f"4 * (count({up} == 0) > bool 0)",
        f"4 * absent({up})",
        f"3 * ({ready} == bool 0)",
        *(f"2 * count({why})" for why in strained),
        "vector(1)",
    ]
    tagged = " or ".join(
        f'label_replace({state}, "why", "{n}", "", "")' for n, state in enumerate(states)
    )
    described = about(say, meters.READY, note=_LIMITS)
    mapping = words(
        {str(code): say(text) for code, (text, _) in STATES.items()},
        {str(code): TILE[role] for code, (_, role) in STATES.items()},
    )
    return word(
        PanelHead("", described, GridPlace(0, 0, 5, 4)), say("Pipeline"), f"max({tagged})", mapping
    )


def _headline(say: Language) -> list[PanelFigure]:
    return [
        PanelFigure(
            say("Newest move"),
            Quantity(all_workers.age(), "s"),
            by_steps(TEXT, (QUIET, BEHIND), (SILENT, CRITICAL)),
            (meters.LAST_EVENT,),
        ),
        PanelFigure(
            say("Events/s"),
            Quantity(all_workers.events(), "none", 1),
            {"color": fixed(ACTUAL)},
            (meters.EVENTS,),
        ),
        PanelFigure(
            say("Waiting"),
            say.count(f"sum({all_workers.lag()})"),
            by_steps(TEXT, (LAG, BEHIND), (LONG_LAG, CRITICAL)),
            (meters.LAG,),
        ),
        PanelFigure(
            say("p95, s"),
            Quantity(all_workers.latency(0.95), "none", 1),
            by_steps(TEXT, (SLOW, BEHIND), (VERY_SLOW, CRITICAL)),
            (meters.LATENCY,),
        ),
        PanelFigure(
            say("Set aside, %"),
            say.percent(all_workers.rejected_share(), 2),
            by_steps(TEXT, (100 * ODD, BEHIND), (100 * MANY_ODD, CRITICAL)),
            (meters.REJECTED,),
        ),
    ]


def _kafka(say: Language) -> Any:
    """Kafka as its clients see it: it has no exporter of its own here."""
    wanted = sum(topic.partitions for topic in TOPICS if topic is not REJECTED)
    owned = f"sum({all_workers.held(meters.OWNED)})"
    failed = f"sum(increase({pick(SENDS_FAILED)}[1h]))"
    moved = f"sum(changes({pick(REBALANCES)}[1h]))"
    rows = [
        PanelFigure(
            say("Partitions without a worker"),
            say.count(f"{wanted} - ({owned} or vector(0))"),
            by_steps(TEXT, (1, CRITICAL)),
            (meters.OWNED,),
        ),
        PanelFigure(say("Failed sends, 1 h"), say.count(failed), by_steps(TEXT, (1, CRITICAL))),
        PanelFigure(say("Rebalances, 1 h"), say.count(moved), by_steps(TEXT, (4, BEHIND))),
    ]
    note = "Kafka as the workers see it: what nobody reads, what it did not take, what moved."
    return read(say, GridPlace(0, 29, 12, 4), rows, note=note)


def _prometheus(say: Language) -> Any:
    rows = [
        PanelFigure(
            say("Prometheus series"),
            say.count(f"max({HEAD_SERIES.where()})"),
            {"color": fixed(TEXT)},
        ),
        PanelFigure(
            say("Failed rules, 1 h"),
            say.count(f"sum(increase({RULES_FAILED.where()}[1h]))"),
            by_steps(TEXT, (1, CRITICAL)),
        ),
        PanelFigure(
            say("Alerts not delivered, 1 h"),
            say.count(f"sum(increase({ALERTS_DROPPED.where()}[1h]))"),
            by_steps(TEXT, (1, CRITICAL)),
        ),
    ]
    note = "Prometheus about itself: its size, rules that failed, alerts that nobody took."
    return read(say, GridPlace(12, 29, 12, 4), rows, note=note)
