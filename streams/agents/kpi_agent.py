"""Stage 2: snapshots and targets go into the books of their owners, from which KPIs are computed.

An owner is a port area or a zone.  All records of an owner are on one partition, so one worker
holds all its books and shows all its series.  Of two snapshots with one key, the one with the
greater offset counts.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar

import structlog
from faust.types import StreamT

from contract.binary_mode import structured
from contract.errors import Reason, Rejected
from contract.events import TargetSet
from contract.snapshots import IndicatorValue, ProjectCard, TerminalDay
from contract.target_changes import target_set
from contract.topics import INDICATOR_VALUES, PROJECT_CARDS, TARGETS, TERMINAL_DAYS
from contract.wire import decode_snapshot, partition_of
from kpis.catalogue import readings
from kpis.forecast.basis import Question, questions
from kpis.model.kpi import Reading
from kpis.port.books import PortBooks
from kpis.target.target_book import OwnedTarget, TargetBook
from kpis.target.target_progress import Measured
from kpis.zone.indicators import IndicatorBook
from kpis.zone.portfolio import Portfolio
from streams.agents.agent_context import AgentContext
from streams.app_type import WorkerApp
from streams.clocks import BookClock
from streams.tables.state_table import StateTable

__all__ = ["KPI_TOPICS", "KpiAgent"]

B = TypeVar("B", PortBooks, Portfolio, IndicatorBook, TargetBook)

KPI_TOPICS = (TERMINAL_DAYS, PROJECT_CARDS, INDICATOR_VALUES, TARGETS)

LARGEST_KEPT = 1_000_000  # bytes of a target or a snapshot: changelogs take records of 1 MiB

log = structlog.get_logger()


class KpiAgent:
    """The books of the owners on the partitions of this worker."""

    def __init__(self, app: WorkerApp, context: AgentContext, book_clock: BookClock) -> None:
        self._context, self._book, self._book_clock = context, context.book, book_clock
        self._prefix = app.prefix
        self._areas = {area.code for area in context.book.area}
        self._books: dict[tuple[type[Measured | TargetBook], str], Measured | TargetBook] = {}
        self._state = StateTable(app, "kpi", TERMINAL_DAYS, self.forget, self.recovered)

    async def work(self, stream: StreamT[Any]) -> None:
        """Post each snapshot and target of the stream's batches."""
        async for event in stream.events():
            message, records = event.message, event.value.records()
            topic = message.topic.removeprefix(self._prefix)
            self._context.metrics.read(topic, len(records), self._context.clock())
            for record in records:
                try:
                    value = structured(record.value, record.headers)
                    if value is not None and len(value) > LARGEST_KEPT:
                        raise Rejected(
                            Reason.TOO_LARGE,
                            f"{len(value)} bytes, at most {LARGEST_KEPT} are kept",
                        )
                    if value is not None and self._post(topic, value, record.timestamp):
                        key = _state_key(topic, record.key or b"")
                        await self._state.put(message.partition, key, value)
                except Rejected as refusal:
                    await self._context.dead_letters.put(
                        message.tp, record, refusal.reason, str(refusal)
                    )
            event.value.done = True

    def _post(self, topic: str, value: bytes, timestamp_ms: int) -> bool:
        """Post a snapshot or target to its owner's books; returns False if it changes nothing."""
        if topic == TARGETS.name:
            return self._set_target(target_set(value, timestamp_ms))
        snapshot = decode_snapshot(value)
        match snapshot:
            case TerminalDay(area=area):
                return self._held(PortBooks, area).post(snapshot)
            case ProjectCard(zone=zone):
                return self._held(Portfolio, zone).post(snapshot)
            case IndicatorValue(zone=zone):
                return self._held(IndicatorBook, zone).post(snapshot)

    def _set_target(self, event: TargetSet) -> bool:
        """Set a target, or withdraw it; the yearly plan of a port area is one of its targets."""
        owner = event.data.owner
        held = self._books.get((TargetBook, owner))
        book = held if isinstance(held, TargetBook) else TargetBook(self._book, owner)
        if not book.post(event):
            return False
        self._books[TargetBook, owner] = book  # only now: a rejected target opens no book
        if owner in self._areas:
            self._held(PortBooks, owner).set_target(event)
        return True

    async def recovered(self, partitions: set[int]) -> None:
        """Build all books from the state table, once its changelog is read."""
        self._books.clear()
        snapshots, now_ms = 0, int(self._context.clock().timestamp() * 1000)
        for key, value in self._state.items():
            topic = key.split(b"\0", 1)[0].decode()
            try:
                self._post(topic, value, now_ms)
                snapshots += 1
            except Rejected as refusal:  # of an older release; stage 1 publishes it again
                log.warning("kpis.snapshot_unreadable", topic=topic, error=str(refusal))
        log.info("kpis.recovered", partitions=sorted(partitions), snapshots=snapshots)

    def forget(self, partitions: set[int]) -> None:
        """Drop the books of the owners on partitions that another worker got."""
        for kind, owner in list(self._books):
            if _partition(owner) in partitions:
                del self._books[kind, owner]

    def readings(self) -> Iterator[Reading]:
        """Yield every KPI of every owner, as of now or of the run's own time."""
        for (_, owner), books in list(self._books.items()):
            if (at := self._moment(owner)) is None:
                continue
            if isinstance(books, TargetBook):
                yield from readings(OwnedTarget(books, self._measured(owner)), at)
            else:
                yield from readings(books, at)

    def questions(self) -> Iterator[Question]:
        """Yield the forecasts that the targets of all owners need."""
        for (_, owner), books in list(self._books.items()):
            at = self._moment(owner)
            if isinstance(books, PortBooks | Portfolio) and at is not None:
                yield from questions(books, self._held(TargetBook, owner), at)

    def _moment(self, owner: str) -> datetime | None:
        """Return the time as of which an owner's KPIs are computed; None if a run has no event.

        It depends on the books of the owner's partition alone, so the KPIs are the same on every
        worker, whatever other partitions it has.
        """
        number = _partition(owner)
        return self._book_clock(
            [
                books
                for (_, whose), books in list(self._books.items())
                if not isinstance(books, TargetBook) and _partition(whose) == number
            ]
        )

    def _measured(self, owner: str) -> tuple[Measured, ...]:
        """Return the books on which an owner's targets are measured."""
        return tuple(
            books
            for (_, whose), books in self._books.items()
            if whose == owner and not isinstance(books, TargetBook)
        )

    def _held(self, kind: type[B], owner: str) -> B:
        """Return the books of an owner, which are opened if there are none."""
        books = self._books.get((kind, owner))
        if not isinstance(books, kind):
            books = self._books[kind, owner] = kind(self._book, owner)
        return books


def _partition(owner: str) -> int:
    return partition_of(owner.encode(), TERMINAL_DAYS.partitions)


def _state_key(topic: str, key: bytes) -> bytes:
    return topic.encode() + b"\0" + key
