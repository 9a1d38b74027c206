"""Workers on one Kafka in memory that join, leave and are lost at random (see `stages`)."""

import random
from collections.abc import Iterable
from datetime import datetime

from contract.errors import Rejected
from contract.events import RawEvent, TargetSet
from contract.snapshots import PastReading, Snapshot
from contract.topics import BOOK_PARTITIONS, INDICATORS, MOVES, PROJECTS, RAW_PARTITIONS
from contract.wire import decode, decode_snapshot, reading_key
from kpis.past.all_owners import PastOfOwners
from kpis.past.history import InstantSpan
from stack.backfill.snapshot_reader import daily_readings
from tests.unit.streams.happenings import BOOK
from tests.unit.streams.stages import (
    BOOK_TOPICS,
    Figures,
    Kafka,
    Stage1,
    Stage2,
    book_cards,
)

CARD_TOPICS = (PROJECTS.name, INDICATORS.name)


class TwoStages:
    """Some workers on one Kafka, who share its partitions out anew whenever one comes or goes."""

    def __init__(self, chance: random.Random, workers: int) -> None:
        self.kafka = Kafka()
        self._chance = chance
        self._most = workers
        self._late: list[Snapshot] = []
        """What a worker that lost its partitions may still send."""
        self._share(1)

    def live(self, events: Iterable[tuple[datetime, RawEvent]]) -> None:
        """Events come, and meanwhile anything happens; in the end all is read."""
        for at, event in events:
            self.kafka.send(at, event)
            for _ in range(self._chance.choice((0, 1, 3))):
                self._happen()
        self._drain()

    def figures(self, at: datetime | None) -> Figures:
        """What all workers show together; no series is shown by two."""
        found: Figures = {}
        for stage in self._stage2.values():
            more = stage.figures(at)
            assert not found.keys() & more.keys()
            found |= more
        return found

    def past(self, span: InstantSpan) -> dict[bytes, PastReading]:
        """The readings of past days by key, from what compaction leaves, in any order."""
        past = PastOfOwners(BOOK)
        values = [value for topic in BOOK_TOPICS for value in self.kafka.compacted(topic)]
        self._chance.shuffle(values)
        for value in values:
            try:
                past.take(decode_snapshot(value))
            except Rejected:
                event = decode(value)
                assert isinstance(event, TargetSet)
                past.take(event)
        return {reading_key(one): one for one in daily_readings(list(past.points(span)), BOOK)}

    def _share(self, workers: int) -> None:
        """A rebalance: every partition is taken over, by whoever it falls to."""
        self.workers = workers
        self._owner = {n: self._chance.randrange(workers) for n in range(RAW_PARTITIONS)}
        self._keeper = {n: self._chance.randrange(workers) for n in range(BOOK_PARTITIONS)}
        self._stage1 = {n: Stage1(self.kafka, n, self._chance) for n in range(RAW_PARTITIONS)}
        self._stage2 = {n: Stage2(self.kafka, n, self._chance) for n in range(BOOK_PARTITIONS)}

    def _happen(self) -> None:
        chance, batch = self._chance, self._chance.randint(1, 6)
        match chance.randrange(10):
            case 0 | 1 | 2:
                self._stage1[chance.randrange(RAW_PARTITIONS)].book(batch, survives=True)
            case 3:
                topic = chance.choice(CARD_TOPICS)
                book_cards(self.kafka, topic, chance.randrange(RAW_PARTITIONS), batch)
            case 4 | 5:
                self._stage1[chance.randrange(RAW_PARTITIONS)].publish(batch)
            case 6 | 7 | 8:
                topic = chance.choice(BOOK_TOPICS)
                self._stage2[chance.randrange(BOOK_PARTITIONS)].read(topic, batch, survives=True)
            case _ if self._most > 1 or chance.random() < 0.5:
                self._lose(chance.randrange(self.workers), batch)

    def _lose(self, worker: int, batch: int) -> None:
        """A worker is killed, paused, or leaves, in the middle of whatever it does."""
        for number, whose in self._owner.items():
            if whose == worker:
                stage = self._stage1[number]
                stage.book(batch, survives=False)
                stage.publish(self._chance.randrange(3))
                late = sorted(stage.changed)[: self._chance.randrange(3)]
                self._late += (stage.ledger.snapshot(*which) for which in late)
        for topic in CARD_TOPICS:
            number = self._chance.randrange(RAW_PARTITIONS)
            book_cards(self.kafka, topic, number, batch, lost=self._chance)
        for number, whose in self._keeper.items():
            if whose == worker:
                topic = self._chance.choice(BOOK_TOPICS)
                self._stage2[number].read(topic, batch, survives=False)
        self._share(self._chance.randint(1, self._most))
        if self._chance.random() < 0.3:  # it was only paused: it speaks once more, then joins
            for snapshot in self._late:
                self.kafka.publish(snapshot)
            self._share(self.workers)
        self._late.clear()

    def _drain(self) -> None:
        for number in range(RAW_PARTITIONS):
            stage = self._stage1[number]
            stage.book(len(self.kafka.raw[MOVES.name, number].records), survives=True)
            stage.publish(len(stage.changed))
            for topic in CARD_TOPICS:
                book_cards(self.kafka, topic, number, len(self.kafka.raw[topic, number].records))
        for number in range(BOOK_PARTITIONS):
            for topic in BOOK_TOPICS:
                rest = len(self.kafka.books[topic, number].records)
                self._stage2[number].read(topic, rest, survives=True)


def quiet(events: Iterable[tuple[datetime, RawEvent]]) -> TwoStages:
    """One worker that takes all events at once."""
    stages = TwoStages(random.Random(0), 1)
    for at, event in events:
        stages.kafka.send(at, event)
    stages._drain()
    return stages
