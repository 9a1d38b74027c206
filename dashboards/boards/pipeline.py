"""The Pipeline board, for engineers: does every event arrive, counted once and in time?"""

from typing import Any

from contract.book import Book
from contract.topics import TOPICS, WRITTEN_ONLY
from dashboards.grafana.dashboard import collapsed_row
from dashboards.grafana.explain_links import ExplainLinks
from dashboards.grafana.language import Language, Quantity
from dashboards.grafana.layout import assemble, describe, kpi_figures
from dashboards.grafana.specs import GridPlace, PanelFigure, PanelHead
from dashboards.grafana.stat_panel import status_tile
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
from dashboards.panels.event_flow import (
    corrections_by_kind,
    event_rate,
    lag,
    latency,
    rejects_by_reason,
)
from dashboards.panels.inbox_figures import inbox_figures
from dashboards.panels.partner_table import delay_table, partner_table, refusal_table
from dashboards.panels.receiver_figures import receiver_figures
from dashboards.panels.register_figures import register_figures
from dashboards.panels.worker_table import partitions_table, workers_table
from dashboards.queries import workers as all_workers
from dashboards.queries.external import (
    ALERTS_DROPPED,
    HEAD_SERIES,
    REBALANCES,
    RULES_FAILED,
    SENDS_FAILED,
)
from dashboards.queries.promql import select
from kpis import pipeline as meters

QUIET, SILENT = 2 * 3600, 6 * 3600
"""Seconds without a move: the quay works day and night, so a whole shift without is a fault."""
LAG, LONG_LAG = 1_000, 10_000
"""Events of lag: one worker books the first in a third of a second, the second in seconds."""
SLOW, VERY_SLOW = 5, 30  # seconds to the books; a scrape comes every 15
OLD_BACKUP = 36  # hours: a nightly one was missed
ODD, MANY_ODD = 0.01, 0.05
"""Shares of rejected events: above the first a whole file of a partner is wrong, not one box."""
STATES = {
    1: ("Healthy", GOOD),
    2: ("Strained", BEHIND),
    3: ("Recovering", MUTED),
    4: ("Worker down", CRITICAL),
}


def pipeline(book: Book, language: Language, explain: ExplainLinks) -> Json:
    """The Pipeline board."""
    facts = [partitions_table(language, GridPlace(0, 22, 24, 6))] if book.area else []
    y = 28 if facts else 22  # a zone without a port has no facts of moves
    panels = [
        _status(language),
        kpi_figures(language, GridPlace(5, 0, 19, 4), _headline(language), note=_LIMITS),
        event_rate(language, GridPlace(0, 4, 12, 6)),
        latency(language, GridPlace(12, 4, 12, 6)),
        lag(language, GridPlace(0, 10, 10, 7)),
        rejects_by_reason(book, language, explain, GridPlace(10, 10, 7, 7)),
        corrections_by_kind(language, GridPlace(17, 10, 7, 7)),
        workers_table(language, GridPlace(0, 17, 24, 5)),
        *facts,
        collapsed_row(
            language.text("Kafka and Prometheus"),
            y,
            [_kafka(language, y + 1), _prometheus(language, y + 1)],
        ),
        collapsed_row(
            language.text("Inbox, HTTP receiver, backup"),
            y + 1,
            [
                inbox_figures(language, GridPlace(0, y + 2, 24, 4)),
                receiver_figures(language, GridPlace(0, y + 6, 18, 4)),
                _backup(language, y + 6),
            ],
        ),
        collapsed_row(
            language.text("Partners, register"),
            y + 2,
            [
                partner_table(language, GridPlace(0, y + 3, 24, 7)),
                refusal_table(book, language, explain, GridPlace(0, y + 10, 11, 6)),
                delay_table(language, GridPlace(11, y + 10, 13, 6)),
                register_figures(language, GridPlace(0, y + 16, 24, 4)),
            ],
        ),
    ]
    question = "Is every event arriving, counted once, in time?"
    return assemble("pipeline", language, book, "", question, panels)


_LIMITS = (
    "Amber: no move for two hours, 1,000 events waiting, 5 seconds to the books, 1 % rejected "
    "in 15 minutes.  Red: six hours, 10,000 events, 30 seconds, 5 %."
)


def _status(language: Language) -> Any:
    up = all_workers.workers()
    strained = (
        f"sum({all_workers.lag()}) > {LAG}",
        f"{all_workers.latency(0.95, all_workers.PRESENT)} > {SLOW}",
        f"({all_workers.rejected_share()}) > {ODD}",
        f"({all_workers.age()}) > {QUIET}",
    )
    ready = f"min({all_workers.gauge(meters.READY)})"
    states = [
        f"4 * (count({up} == 0) > bool 0)",
        f"4 * (absent({up}) and on () {all_workers.known()})",
        f"3 * ({ready} == bool 0)",
        *(f"2 * count({why})" for why in strained),
        all_workers.known(),
    ]
    tagged = " or ".join(
        f'label_replace({state}, "why", "{n}", "", "")' for n, state in enumerate(states)
    )
    described = describe(language, meters.READY, note=_LIMITS)
    mapping = words(
        {str(code): language.text(text) for code, (text, _) in STATES.items()},
        {str(code): TILE[role] for code, (_, role) in STATES.items()},
    )
    return status_tile(
        PanelHead("", described, GridPlace(0, 0, 5, 4)),
        language.text("Pipeline"),
        f"max({tagged})",
        mapping,
    )


def _headline(language: Language) -> list[PanelFigure]:
    return [
        PanelFigure(
            language.text("Last move, min"),
            language.count(f"floor(({all_workers.age()}) / 60)"),
            by_steps(TEXT, (QUIET / 60, BEHIND), (SILENT / 60, CRITICAL)),
            (meters.LAST_EVENT,),
        ),
        PanelFigure(
            language.text("Events/s"),
            Quantity(all_workers.events(all_workers.PRESENT), "none", 1),
            {"color": fixed(ACTUAL)},
            (meters.EVENTS,),
        ),
        PanelFigure(
            language.text("Waiting"),
            language.count(f"sum({all_workers.lag()})"),
            by_steps(TEXT, (LAG, BEHIND), (LONG_LAG, CRITICAL)),
            (meters.LAG,),
        ),
        PanelFigure(
            language.text("p95, s"),
            Quantity(all_workers.latency(0.95, all_workers.PRESENT), "none", 1),
            by_steps(TEXT, (SLOW, BEHIND), (VERY_SLOW, CRITICAL)),
            (meters.LATENCY,),
        ),
        PanelFigure(
            language.text("Rejected, %"),
            language.percent(all_workers.rejected_share(), 2),
            by_steps(TEXT, (100 * ODD, BEHIND), (100 * MANY_ODD, CRITICAL)),
            (meters.REJECTED,),
        ),
    ]


def _kafka(language: Language, y: int) -> Any:
    """Kafka as its clients report it, since it has no exporter here."""
    wanted = sum(topic.partitions for topic in TOPICS if topic not in WRITTEN_ONLY)
    owned = f"sum({all_workers.gauge(meters.OWNED)})"
    failed = f"sum(increase({select(SENDS_FAILED)}[1h]))"
    moved = f"sum(changes({select(REBALANCES)}[1h]))"
    rows = [
        PanelFigure(
            language.text("Partitions without a worker"),
            language.count(f"{wanted} - ({owned} or 0 * {all_workers.known()})"),
            by_steps(TEXT, (1, CRITICAL)),
            (meters.OWNED,),
        ),
        PanelFigure(
            language.text("Failed sends, 1 h"),
            language.count(failed),
            by_steps(TEXT, (1, CRITICAL)),
        ),
        PanelFigure(
            language.text("Rebalances, 1 h"), language.count(moved), by_steps(TEXT, (4, BEHIND))
        ),
    ]
    note = "Kafka as the workers report it: partitions without a worker, failed sends, rebalances."
    return kpi_figures(language, GridPlace(0, y, 12, 4), rows, note=note)


def _prometheus(language: Language, y: int) -> Any:
    rows = [
        PanelFigure(
            language.text("Prometheus series"),
            language.count(f"max({HEAD_SERIES}{{}})"),
            {"color": fixed(TEXT)},
        ),
        PanelFigure(
            language.text("Failed rules, 1 h"),
            language.count(f"sum(increase({RULES_FAILED}{{}}[1h]))"),
            by_steps(TEXT, (1, CRITICAL)),
        ),
        PanelFigure(
            language.text("Alerts not delivered, 1 h"),
            language.count(f"sum(increase({ALERTS_DROPPED}{{}}[1h]))"),
            by_steps(TEXT, (1, CRITICAL)),
        ),
    ]
    note = "Prometheus about itself: its series, failed rules, alerts that it could not deliver."
    return kpi_figures(language, GridPlace(12, y, 12, 4), rows, note=note)


def _backup(language: Language, y: int) -> Any:
    last = f"max({all_workers.gauge(meters.LAST_BACKUP)})"
    row = PanelFigure(
        language.text("Last backup, h"),
        language.count(f"floor((time() - {last}) / 3600)"),
        by_steps(TEXT, (OLD_BACKUP, BEHIND)),
        (meters.LAST_BACKUP,),
    )
    note = "Empty where no backup was made and none is awaited.  Amber: 36 hours."
    return kpi_figures(language, GridPlace(18, y, 6, 4), [row], note=note)
