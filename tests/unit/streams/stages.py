"""The worker's two stages without Faust or Kafka: topics are lists, and workers can be lost.

It relies only on what Kafka and the worker guarantee.  A partition keeps its order; partitions are
interleaved at random; an offset is committed only once the journal holds all facts below it; a
worker that takes over a partition reads its changelog, as written or compacted, and publishes
every day again; snapshots of the worker that lost it may still arrive.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from contract.errors import Rejected
from contract.events import (
    ContainerMoved,
    IndicatorReported,
    MoveRetracted,
    RawEvent,
    TargetSet,
)
from contract.snapshots import IndicatorValue, ProjectCard, Snapshot, TerminalDay
from contract.topics import (
    BOOK_PARTITIONS,
    INDICATOR_VALUES,
    MOVES,
    PROJECT_CARDS,
    RAW_PARTITIONS,
    TARGETS,
    TERMINAL_DAYS,
)
from contract.wire import (
    decode,
    decode_snapshot,
    encode,
    event_key,
    partition_of,
    snapshot_key,
)
from kpis.catalogue import readings
from kpis.past.as_of import newest
from kpis.port.books import PortBooks
from kpis.target.target_book import OwnedTarget, TargetBook
from kpis.zone.indicators import IndicatorBook
from kpis.zone.portfolio import Portfolio
from ledger.indicator import post_indicator
from ledger.journal import BookedTerminal, Put
from ledger.move_ledger import MoveLedger
from ledger.project import post_project
from tests.unit.ledger.records import Raw
from tests.unit.streams.happenings import BOOK, LATEST, Said

Figures = dict[tuple[str, tuple[str, ...]], float]
"""Series and label values -> value."""
SNAPSHOTS = {
    TerminalDay: TERMINAL_DAYS,
    ProjectCard: PROJECT_CARDS,
    IndicatorValue: INDICATOR_VALUES,
}
BOOK_TOPICS = (*(topic.name for topic in SNAPSHOTS.values()), TARGETS.name)


def arrivals(said: Sequence[Said], chance: random.Random) -> list[tuple[datetime, RawEvent]]:
    """When each event arrives, in that order: at random within the lateness that days allow."""
    came: dict[int, datetime] = {}
    for one in sorted(said, key=lambda one: one.after is not None):
        since = one.since if one.after is None else max(one.since, came[id(one.after)])
        late = chance.choice((0.0, 0.0, chance.random(), chance.random()))
        came[id(one)] = since + late * LATEST / 2 + timedelta(seconds=1)
    return sorted(((came[id(one)], one.event) for one in said), key=lambda pair: pair[0])


@dataclass
class Log:
    """A partition of a topic: its records, and how far its consumers have committed."""

    records: list[Any] = field(default_factory=list)
    committed: int = 0


class Kafka:
    """The topics, and the state of the workers that outlives them."""

    def __init__(self) -> None:
        self.raw: dict[tuple[str, int], Log] = defaultdict(Log)
        self.journals: dict[int, list[Put]] = defaultdict(list)
        self.cards: dict[tuple[str, int], dict[bytes, bytes]] = defaultdict(dict)
        self.books: dict[tuple[str, int], Log] = defaultdict(Log)
        self.state_tables: dict[int, dict[bytes, bytes]] = defaultdict(dict)

    def send(self, at: datetime, event: RawEvent) -> None:
        """A producer's record."""
        key = event_key(event)
        if isinstance(event, TargetSet):
            self._append(self.books, TARGETS.name, BOOK_PARTITIONS, key, encode(event))
            return
        log = self.raw[event.TOPIC, partition_of(key, RAW_PARTITIONS)]
        log.records.append(Raw(len(log.records), encode(event), round(at.timestamp() * 1000)))

    def publish(self, snapshot: Snapshot) -> None:
        """A snapshot of stage 1."""
        key, topic = snapshot_key(snapshot), SNAPSHOTS[type(snapshot)]
        self._append(self.books, topic.name, BOOK_PARTITIONS, key, encode(snapshot))

    def _append(
        self, logs: dict[tuple[str, int], Log], topic: str, number: int, key: bytes, value: bytes
    ) -> None:
        logs[topic, partition_of(key, number)].records.append((key, value))

    def compacted(self, topic: str) -> Iterable[bytes]:
        """What compaction leaves of a topic: the newest value of each key; all targets."""
        for number in range(BOOK_PARTITIONS):
            records = self.books[topic, number].records
            kept = records if topic == TARGETS.name else dict(records).items()
            yield from (value for _, value in kept)


@dataclass
class Stage1:
    """A raw partition of moves on a worker that holds it."""

    kafka: Kafka
    partition: int
    chance: random.Random
    ledger: MoveLedger = field(init=False)
    changed: set[tuple[BookedTerminal, date]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Take the partition over: read the journal, and mark every day to be published again."""
        puts = list(self.kafka.journals[self.partition])
        if self.chance.random() < 0.5:
            puts = list({put.key: put for put in puts}.values())
            self.chance.shuffle(puts)
        self.ledger = MoveLedger(self.partition, BOOK)
        for put in puts:
            self.ledger.load(put.key, put.value)
        self.ledger.settle()
        self.changed = {
            (BookedTerminal(day.area, day.terminal), day.on) for day in self.ledger.snapshots()
        }

    def book(self, batch: int, survives: bool) -> None:
        """Book some records; a worker that does not survive leaves a part of what it wrote."""
        log = self.kafka.raw[MOVES.name, self.partition]
        records = log.records[log.committed : log.committed + batch]
        taken = self.ledger.take(records)
        self.changed |= taken.touched
        puts = taken.puts + [Put(key, None) for put in taken.puts for key in put.then]
        journal = self.kafka.journals[self.partition]
        if survives:
            journal += puts
            for put in taken.puts:
                self.ledger.acknowledged(put)
            log.committed += len(records)
        else:
            journal += puts[: self.chance.randint(0, len(puts))]

    def publish(self, most: int) -> None:
        """Publish some of the days that changed."""
        for place, on in sorted(self.changed)[:most]:
            self.changed.discard((place, on))
            self.kafka.publish(self.ledger.snapshot(place, on))


def book_cards(
    kafka: Kafka, topic: str, partition: int, batch: int, lost: random.Random | None = None
) -> None:
    """Stage 1 of projects and figures: each record onto its card, and the card's snapshot.

    A worker that is `lost` has published more than its state table holds, and committed nothing.
    """
    log, kept = kafka.raw[topic, partition], kafka.cards[topic, partition]
    records = log.records[log.committed : log.committed + batch]
    if lost:
        records = records[: lost.randint(0, len(records))]
    last = lost.randint(0, len(records)) if lost else len(records)
    state = dict(kept)
    for number, record in enumerate(records):
        event = decode(record.value)
        try:
            if isinstance(event, IndicatorReported):
                name = f"{event.data.indicator}|{event.data.scope}|{event.data.period}".encode()
                found: tuple[bytes, Snapshot] = post_indicator(
                    state.get(name), event, BOOK, partition, record.offset
                )
            else:
                assert not isinstance(event, ContainerMoved | MoveRetracted | TargetSet)
                name = event.data.project.encode()
                found = post_project(state.get(name), event, BOOK, partition, record.offset)
        except Rejected:
            continue
        state[name] = found[0]
        if number < last:
            kept[name] = found[0]
        kafka.publish(found[1])
    if not lost:
        log.committed += len(records)


class Stage2:
    """A partition of the books on a worker: built from its state table, then read on."""

    def __init__(self, kafka: Kafka, partition: int, chance: random.Random) -> None:
        self._kafka, self._partition, self._chance = kafka, partition, chance
        self._books: dict[tuple[type, str], Any] = {}
        self._state = kafka.state_tables[partition]
        kept = list(self._state.items())
        chance.shuffle(kept)
        for key, value in kept:
            self._post(key.split(b"\0")[0].decode(), value)

    def read(self, topic: str, batch: int, survives: bool) -> None:
        """Take some records; a worker that does not survive may have stored some of them."""
        log = self._kafka.books[topic, self._partition]
        records = log.records[log.committed : log.committed + batch]
        if not survives:
            records = records[: self._chance.randint(0, len(records))]
        for key, value in records:
            if self._post(topic, value):
                self._state[topic.encode() + b"\0" + key] = value
        if survives:
            log.committed += len(records)

    def figures(self, at: datetime | None) -> Figures:
        """Every KPI of every owner; without an instant as of the newest event, as in a run."""
        found: Figures = {}
        measured_on = [one for one in self._books.values() if not isinstance(one, TargetBook)]
        at = at or newest(measured_on)
        if at is None:
            return found
        for (_, owner), books in self._books.items():
            measured: Any = books
            if isinstance(books, TargetBook):
                beside = (one for (_, whose), one in self._books.items() if whose == owner)
                measured = OwnedTarget(
                    books, tuple(b for b in beside if not isinstance(b, TargetBook))
                )
            for reading in readings(measured, at):
                name = str(reading.kpi.series), reading.labels
                assert name not in found
                found[name] = round(reading.value, 6)
        return found

    def _post(self, topic: str, value: bytes) -> bool:
        if topic == TARGETS.name:
            event = decode(value)
            assert isinstance(event, TargetSet)
            if event.data.owner != BOOK.described_zone().code:
                self._held(PortBooks, event.data.owner).set_target(event)
            return bool(self._held(TargetBook, event.data.owner).post(event))
        snapshot = decode_snapshot(value)
        match snapshot:
            case TerminalDay(area=area):
                return bool(self._held(PortBooks, area).post(snapshot))
            case ProjectCard(zone=zone):
                return bool(self._held(Portfolio, zone).post(snapshot))
            case IndicatorValue(zone=zone):
                return bool(self._held(IndicatorBook, zone).post(snapshot))

    def _held(self, kind: type, owner: str) -> Any:
        if (kind, owner) not in self._books:
            self._books[kind, owner] = kind(BOOK, owner)
        return self._books[kind, owner]
