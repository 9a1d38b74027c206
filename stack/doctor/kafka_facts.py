"""The facts that lie in Kafka: the books, targets, topics, the clock and refused events."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import TypeVar

from broker.clock import seconds_ahead
from broker.connection import Connection, consuming
from broker.reader import FETCH_BYTES, TopicCursor, TopicReading
from contract.binary_mode import structured
from contract.book import Book
from contract.errors import QuaymarkError, Rejected
from contract.events import Target
from contract.settings import Settings
from contract.snapshots import TerminalDay, keep_newest
from contract.topics import REJECTED, TERMINAL_DAYS, TOPICS
from contract.wire import decode_dead_letter, decode_snapshot, epoch_ms
from stack.doctor.facts import TerminalBooks, TopicFound
from stack.doctor.topic_facts import topics_found
from stack.status import target_table

LETTER_DAYS = 30  # older ones were seen to, or never will be
HANDLED = ("LOAD", "DISC")
WITH_TEU = ("normal", "transhipment")
BOOKED_ALL_THE_SAME = ("unknown_size", "reused_id")
"""Reasons of dead letters whose move or project is in the books."""

T = TypeVar("T")


class KafkaFacts:
    """Looks into Kafka, and notes what could not be looked at."""

    def __init__(self, settings: Settings, book: Book, now: datetime) -> None:
        self._settings, self._book, self._now = settings, book, now
        self._connection = Connection.of(settings)
        self.not_seen: list[str] = []

    def look(self, what: str, ask: Callable[[], T]) -> T | None:
        """Return what was asked; None if it could not be, which is noted."""
        try:
            return ask()
        except QuaymarkError as error:
            self.not_seen.append(f"{what}: {error}")
            return None

    def terminals(self) -> tuple[TerminalBooks, ...]:
        """Return what the books hold of each terminal of quaymark.toml."""
        newest: dict[tuple[str, str, date, int], TerminalDay] = {}
        topic = TERMINAL_DAYS.under(self._settings.prefix)
        with TopicReading(self._connection, topic) as reading:
            for batch in reading.rest():
                for record in batch:
                    for day in _decoded(record.value):
                        keep_newest(newest, (day.area, day.terminal, day.on, day.partition), day)
        return tuple(
            _summed(area.code, terminal.code, list(newest.values()))
            for area in self._book.area
            for terminal in area.terminal
        )

    def topics(self) -> tuple[TopicFound, ...]:
        """Return each topic of the contract as the broker has it."""
        declared = [topic.under(self._settings.prefix) for topic in TOPICS]
        return topics_found(self._connection, declared)

    def clock(self) -> float:
        """Return by how many seconds this machine's clock is ahead of the broker's."""
        return seconds_ahead(self._connection)

    def letters(self) -> dict[str, int]:
        """Return reason -> dead letters of the last 30 days, without those that are booked."""
        return asyncio.run(self._letters())

    async def _letters(self) -> dict[str, int]:
        topic = REJECTED.under(self._settings.prefix)
        since_ms = epoch_ms(self._now - timedelta(days=LETTER_DAYS))
        found: Counter[str] = Counter()
        async with consuming(self._connection, fetch_bytes=FETCH_BYTES) as consumer:
            cursor = await TopicCursor.opened(consumer, self._connection, topic)
            ends = await cursor.ends()
            for number, offset in (await cursor.first_since(since_ms)).items():
                cursor.seek(number, ends[number] if offset is None else offset)
            async for records in cursor.rest():
                for record in records:
                    try:
                        found[decode_dead_letter(record.value or b"").reason] += 1
                    except Rejected:
                        found["undecodable"] += 1
        return {why: n for why, n in found.items() if why not in BOOKED_ALL_THE_SAME}

    def targets(self) -> tuple[Target, ...]:
        """Return the targets in effect."""
        return tuple(
            event.data
            for event in target_table.trail(self._settings).in_effect.values()
            if not event.data.withdrawn
        )


def _decoded(value: bytes | None) -> Iterator[TerminalDay]:
    try:
        found = decode_snapshot(structured(value, ()) or b"") if value else None
    except Rejected:  # the worker rejects it too, and reports it
        return
    if isinstance(found, TerminalDay):
        yield found


def _summed(area: str, terminal: str, of_all: list[TerminalDay]) -> TerminalBooks:
    """Return one terminal's days with moves, and its moves of known and unknown size."""
    days: set[date] = set()
    handled = unsized = 0
    for day in of_all:
        if (day.area, day.terminal) != (area, terminal):
            continue
        for one in day.classes:
            if one.moves:
                days.add(day.on)
            if one.move in HANDLED and one.kind in WITH_TEU:
                handled += one.moves
                unsized += one.moves if one.size == "unknown" else 0
    return TerminalBooks(area, terminal, tuple(sorted(days)), handled, unsized)
