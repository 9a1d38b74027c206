"""Looks in the raw topic for the originals of corrections that no imported file holds.

A report reaches Kafka after its move, so only records that arrived since shortly before the oldest
of these moves are read, and of each partition only what lies where the sender's events lie.
"""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from broker.connection import Connection, consuming
from broker.reader import FETCH_BYTES, TopicCursor
from contract.binary_mode import structured
from contract.errors import Rejected
from contract.events import Classifier, ContainerMoved
from contract.record import Record
from contract.settings import Settings
from contract.topics import MOVES
from contract.wire import decode_move, event_key, partition_of
from producers.edifact.identity import ship_code
from producers.importing.dedup import milliseconds
from producers.importing.finding_text import container_of
from producers.importing.report_index import (
    DAY_MS,
    DOCUMENT_DAYS,
    VOYAGE_DAYS,
    Correction,
    Match,
)

SINCE_MS = VOYAGE_DAYS * DAY_MS + 3_600_000  # a sender's clock may be an hour ahead of Kafka's


class _Booked(Struct):
    """An id in the books whose container a correction names."""

    id: str
    document: str
    voyage: str
    at_ms: int
    first_ms: int
    """recordedtime of its oldest report."""
    newest_ms: int
    retracted: bool


class BookedReports:
    """The reports among records of the raw topic that corrections may refer to."""

    def __init__(self, corrections: Iterable[Correction]) -> None:
        self._corrections = sorted(corrections, key=lambda one: (one.recorded_ms, one.number))
        self._ids = {(c.event.source, name) for c in self._corrections for name in c.ids}
        self._containers = {(c.event.source, container_of(c.event)) for c in self._corrections} - {
            (c.event.source, "") for c in self._corrections
        }
        self._booked: dict[tuple[str, str], _Booked] = {}
        """(source, id) -> what the books hold."""
        self._of_container: dict[tuple[str, str], set[tuple[str, str]]] = {}
        """(source, move and container) -> the ids of its moves."""

    def take(self, record: Record) -> None:
        """Take the next record of a partition."""
        try:
            value = structured(record.value, record.headers) if record.headers else record.value
            event = decode_move(value or b"")
        except (Rejected, msgspec.MsgspecError, UnicodeError, RecursionError):
            return  # the worker sets it aside
        if isinstance(event, ContainerMoved):
            self._take(event)

    def matches(self) -> list[Match]:
        """Return each correction with its original in the books, the oldest correction first."""
        superseded: set[tuple[str, str]] = set()
        return [self._match(correction, superseded) for correction in self._corrections]

    def _take(self, event: ContainerMoved) -> None:
        source, container = event.source, container_of(event)
        name = (source, event.id)
        if name not in self._ids and (source, container) not in self._containers:
            return
        move, recorded_ms = event.data, milliseconds(event.recordedtime)
        actual = move.eventClassifierCode is Classifier.ACT
        reports = actual and not move.isRetracted
        known = self._booked.get(name)
        if known is None:
            known = self._booked[name] = _Booked(event.id, "", "", 0, 1 << 62, -1, True)
            place = (source, f"{move.equipmentEventTypeCode}|{container}")
            self._of_container.setdefault(place, set()).add(name)
        if reports:
            known.first_ms = min(known.first_ms, recorded_ms)
        if recorded_ms > known.newest_ms:
            known.newest_ms, known.retracted = recorded_ms, not reports
            if reports:
                known.document = event.subject or ""
                known.voyage = _voyage(event)
                known.at_ms = milliseconds(event.time)

    def _match(self, correction: Correction, superseded: set[tuple[str, str]]) -> Match:
        source, reference = correction.event.source, correction.reference
        own = {(source, name) for name in correction.ids}
        booked = [self._booked[name] for name in own if name in self._booked]
        if any(one.first_ms < correction.recorded_ms for one in booked):
            return Match(correction, found=True)
        if reference is None:
            return Match(correction, found=False)
        at_ms = milliseconds(correction.event.time)
        others = {
            name: self._booked[name]
            for name in self._of_container.get((source, reference.container), ())
            if name not in own
            and name not in superseded
            and not self._booked[name].retracted
            and self._booked[name].first_ms < correction.recorded_ms
        }
        by_document = {
            name
            for name, one in others.items()
            if reference.named
            and one.document == reference.document
            and abs(one.at_ms - at_ms) <= DOCUMENT_DAYS * DAY_MS
        }
        by_voyage = {
            name
            for name, one in others.items()
            if reference.voyage
            and one.voyage == reference.voyage
            and abs(one.at_ms - at_ms) <= VOYAGE_DAYS * DAY_MS
        }
        for found in (by_document, by_voyage):
            if len(found) == 1:
                superseded |= found
                return Match(correction, True, tuple(name for _, name in found))
        return Match(correction, found=False)


async def search_books(settings: Settings, corrections: list[Correction]) -> list[Match]:
    """Return each correction with its original in the raw topic, if it holds one.

    Raises:
        StackError: no broker can be reached, or it has no such topic.
    """
    reports = BookedReports(corrections)
    topic = MOVES.under(settings.prefix)
    partitions = {partition_of(event_key(c.event), topic.partitions) for c in corrections}
    since_ms = max(0, min(milliseconds(c.event.time) for c in corrections) - SINCE_MS)
    connection = Connection.of(settings)
    async with consuming(connection, fetch_bytes=FETCH_BYTES) as consumer:
        cursor = await TopicCursor.opened(consumer, connection, topic, partitions)
        for number, offset in (await cursor.first_since(since_ms)).items():
            cursor.seek(number, (await cursor.ends())[number] if offset is None else offset)
        async for records in cursor.rest():
            for record in records:
                reports.take(record)
    return reports.matches()


def _voyage(event: ContainerMoved) -> str:
    """Return ship and voyage as a `MoveReference` has them."""
    call = event.data.transportCall
    if call is None or not call.exportVoyageNumber:
        return ""
    ship = call.vessel
    code = ship.vesselIMONumber or ship.vesselCallSignNumber or ship.vesselName if ship else ""
    return f"{ship_code(code or '')}|{call.exportVoyageNumber}"
