"""Stage 1 for projects and indicators: an event onto its card, the card out as a snapshot."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, get_args

import structlog
from faust.types import TP, StreamT

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
from streams.agents.dead_letters import DeadLetters
from streams.agents.snapshot_publisher import SnapshotPublisher
from streams.app_type import WorkerApp
from streams.metrics import WorkerMetrics
from streams.tables.state_table import StateTable

__all__ = ["ZoneAgent", "indicator_desk", "project_desk"]

LARGEST_CARD = 512 << 10  # bytes, of some 5,000 events: changelogs take records of 1 MiB

log = structlog.get_logger()

PostCard = Callable[
    [bytes | None, Any, Book, int, int], tuple[bytes, ProjectCard | IndicatorValue]
]
"""card so far, event, book, partition, offset -> card now, and what to say of it."""
Doubt = Callable[[Any, Any], Rejected | None]
"""event, what is said of its card now -> what to tell of an event that was booked all the same."""


class ZoneAgent:
    """The cards of one raw topic."""

    def __init__(
        self,
        topic: Topic,
        kinds: tuple[type[RawEvent], ...],
        key_of: Callable[[Any], str],
        post: PostCard,
        shelf: StateTable,
        doubt: Doubt = lambda event, card: None,
        *,
        book: Book,
        announcer: SnapshotPublisher,
        dead_letters: DeadLetters,
        meters: WorkerMetrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._topic, self._kinds, self._key_of, self._post = topic, kinds, key_of, post
        self._shelf, self._doubt, self._book, self._clock = shelf, doubt, book, clock
        self._announcer, self._dead_letters, self._meters = announcer, dead_letters, meters

    async def work(self, stream: StreamT[Any]) -> None:
        """The agent: post each event of a batch."""
        async for event in stream.events():
            tp, records = event.message.tp, event.value.records()
            self._meters.read(self._topic.name, len(records), self._clock())
            for record in records:
                try:
                    await self._post_record(tp, record)
                except Rejected as refusal:
                    await self._dead_letters.put(tp, record, refusal.reason, str(refusal))
            event.value.done = True

    async def _post_record(self, tp: TP, record: Record) -> None:
        event = decode(structured(record.value, record.headers))
        if not isinstance(event, self._kinds):
            raise Rejected(
                Reason.UNKNOWN_EVENT_TYPE,
                f"{type(event).__name__} belongs on {event.TOPIC}, not on {self._topic.name}",
                where="$.type",
            )
        refuse_future(event, received_at(record.timestamp))
        key = self._key_of(event.data).encode()
        card, snapshot = self._post(
            self._shelf.get(key), event, self._book, tp.partition, record.offset
        )
        if len(card) > LARGEST_CARD:
            raise Rejected(
                Reason.LIMIT_REACHED,
                f"{key.decode()} has more events than its books hold, {LARGEST_CARD:,} bytes; "
                "is this one id for many, or does its source send all of it again under new ids?",
                where="$.data",
            )
        await self._shelf.put(tp.partition, key, card)
        await self._announcer.say(snapshot)
        self._meters.happened(self._topic.name, event.time)
        if isinstance(snapshot, ProjectCard) and snapshot.signed is None:
            log.warning("ledger.project_orphaned", project=snapshot.project, id=event.id)
        if told := self._doubt(event, snapshot):
            await self._dead_letters.put(tp, record, told.reason, str(told))


def project_desk(app: WorkerApp, **parts: Any) -> ZoneAgent:
    """The desk of `zone.projects.raw`."""
    return ZoneAgent(
        PROJECTS,
        get_args(ProjectEvent),
        lambda project: f"{project.zone}|{project.project}",
        post_project,
        StateTable(app, "project", PROJECTS),
        reused_id,
        **parts,
    )


def indicator_desk(app: WorkerApp, **parts: Any) -> ZoneAgent:
    """The desk of `zone.indicators.raw`."""
    return ZoneAgent(
        INDICATORS,
        (IndicatorReported,),
        lambda figure: "|".join((figure.zone, figure.indicator, figure.scope, figure.period)),
        post_indicator,
        StateTable(app, "indicator", INDICATORS),
        **parts,
    )
