"""Stage 1 for projects and indicators: each event goes onto a card, which is then published.

A card holds all events of one project, or of one figure and period.
"""

from collections.abc import Callable
from typing import Any, get_args

import structlog
from faust.types import TP, StreamT
from msgspec import Struct

from contract.binary_mode import structured
from contract.book import Book
from contract.errors import Reason, Rejected
from contract.events import IndicatorReported, ProjectEvent, RawEvent
from contract.future import refuse_future
from contract.record import Record
from contract.snapshots import IndicatorValue, ProjectCard
from contract.topics import INDICATORS, PROJECTS, Topic
from contract.wire import decode, received_at
from ledger.indicator import post_indicator
from ledger.project import post_project, reused_id
from streams.agents.agent_context import AgentContext
from streams.app_type import WorkerApp
from streams.tables.state_table import StateTable

__all__ = ["CardTopic", "ZoneAgent", "indicator_agent", "project_agent"]

LARGEST_CARD = 512 << 10  # bytes, of some 5,000 events: changelogs take records of 1 MiB

log = structlog.get_logger()

PostCard = Callable[
    [bytes | None, Any, Book, int, int], tuple[bytes, ProjectCard | IndicatorValue]
]
"""(card so far, event, book, partition, offset) -> the card with the event, and its snapshot."""
Doubt = Callable[[Any, Any], Rejected | None]
"""(event, snapshot of its card) -> a rejection to report though the event is booked, or None."""


class CardTopic(Struct, frozen=True):
    """A raw topic whose events are booked on cards, and how they are booked."""

    topic: Topic
    kinds: tuple[type[RawEvent], ...]
    """The events that belong on the topic."""
    key_of: Callable[[Any], str]
    """An event's data -> the key of its card."""
    post: PostCard
    doubt: Doubt = lambda event, snapshot: None


class ZoneAgent:
    """The cards of one raw topic."""

    def __init__(self, context: AgentContext, cards: CardTopic, state: StateTable) -> None:
        self._context, self._cards, self._state = context, cards, state
        self._topic = cards.topic

    async def work(self, stream: StreamT[Any]) -> None:
        """Post each event of the stream's batches."""
        async for event in stream.events():
            tp, records = event.message.tp, event.value.records()
            self._context.metrics.read(self._topic.name, len(records), self._context.clock())
            for record in records:
                try:
                    await self._post_record(tp, record)
                except Rejected as refusal:
                    await self._context.dead_letters.put(tp, record, refusal.reason, str(refusal))
            event.value.done = True

    async def _post_record(self, tp: TP, record: Record) -> None:
        event = decode(structured(record.value, record.headers))
        if not isinstance(event, self._cards.kinds):
            raise Rejected(
                Reason.UNKNOWN_EVENT_TYPE,
                f"{type(event).__name__} belongs on {event.TOPIC}, not on {self._topic.name}",
                where="$.type",
            )
        refuse_future(event, received_at(record.timestamp))
        key = self._cards.key_of(event.data).encode()
        card, snapshot = self._cards.post(
            self._state.get(key), event, self._context.book, tp.partition, record.offset
        )
        if len(card) > LARGEST_CARD:
            raise Rejected(
                Reason.LIMIT_REACHED,
                f"{key.decode()} has more events than a card holds, {LARGEST_CARD:,} bytes: is it "
                "one id for several, or does its source send all events again under new ids?",
                where="$.data",
            )
        await self._state.put(tp.partition, key, card)
        await self._context.publisher.publish(snapshot)
        self._context.metrics.happened(self._topic.name, event.time)
        if isinstance(snapshot, ProjectCard) and snapshot.signed is None:
            log.warning("ledger.project_orphaned", project=snapshot.project, id=event.id)
        if doubt := self._cards.doubt(event, snapshot):
            await self._context.dead_letters.put(tp, record, doubt.reason, str(doubt))


def project_agent(app: WorkerApp, context: AgentContext) -> ZoneAgent:
    """Return the agent of `zone.projects.raw`."""
    cards = CardTopic(
        PROJECTS,
        get_args(ProjectEvent),
        lambda project: f"{project.zone}|{project.project}",
        post_project,
        reused_id,
    )
    return ZoneAgent(context, cards, StateTable(app, "project", PROJECTS))


def indicator_agent(app: WorkerApp, context: AgentContext) -> ZoneAgent:
    """Return the agent of `zone.indicators.raw`."""
    cards = CardTopic(
        INDICATORS,
        (IndicatorReported,),
        lambda figure: "|".join((figure.zone, figure.indicator, figure.scope, figure.period)),
        post_indicator,
    )
    return ZoneAgent(context, cards, StateTable(app, "indicator", INDICATORS))
