"""Stage 1 for moves: raw events into a ledger, facts into the journal, changed days out.

The journal is the changelog of the `ledger` table.  Facts fold by a join (see `ledger`), so the
one duty here is that a source offset is committed only after every fact below it is acknowledged,
which the outbox sees to.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import structlog
from faust.types import TP, StreamT

from contract.book import Book
from contract.errors import Reason
from contract.record import Record
from contract.topics import MOVES
from ledger.journal import BookedTerminal, Put
from ledger.judge import Refusal
from ledger.move_ledger import BatchResult, BatchTally, MoveLedger
from streams.agents.dead_letters import DeadLetters
from streams.agents.misrouted import MisroutedRecords
from streams.agents.snapshot_publisher import SnapshotPublisher
from streams.app_type import WorkerApp
from streams.memory import give_back_memory
from streams.metrics import WorkerMetrics
from streams.tables.faust_tables import JournalTable
from streams.tables.state_table import CHANGELOG
from streams.transport.batch import Chunk

__all__ = ["MoveAgent"]

CHUNK = (
    8192  # records folded without a break: about 70 ms, in which no other task of the worker runs
)

log = structlog.get_logger()


class MoveAgent:
    """The ledgers of the partitions that this worker holds."""

    def __init__(
        self,
        app: WorkerApp,
        book: Book,
        announcer: SnapshotPublisher,
        dead_letters: DeadLetters,
        meters: WorkerMetrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._app, self._book, self._clock = app, book, clock
        self._announcer, self._dead_letters, self._meters = announcer, dead_letters, meters
        self._strays = MisroutedRecords()
        self._ledgers: dict[int, MoveLedger] = {}
        self._held: set[int] = set()
        """Partitions whose ledger is whole: assigned, and their journal read to its end."""
        self._changed: defaultdict[int, set[tuple[BookedTerminal, date]]] = defaultdict(set)
        self._merging: defaultdict[int, list[tuple[asyncio.Future[Any], Put]]] = defaultdict(list)
        self._table = JournalTable(
            app,
            name="ledger",
            partitions=MOVES.partitions,
            key_type=bytes,
            value_type=bytes,
            extra_topic_configs=CHANGELOG,
        )
        self._table.load, self._table.forget = self.load, self.forget
        self._table.recovered = self.recovered
        app.tables.add(self._table)
        self._journal: str = self._table.changelog_topic_name
        app.fed_tables[self._journal] = self._table

    async def work(self, stream: StreamT[Any]) -> None:
        """The agent: book each batch."""
        async for event in stream.events():
            tp = event.message.tp
            for chunk in event.value.chunks(CHUNK):
                if tp.partition not in self._held:  # it went while we waited, its owner books it
                    break
                await self._book_chunk(tp, chunk)
                await asyncio.sleep(0)  # let others run: a stream that has batches never waits
            else:
                event.value.done = True

    async def _book_chunk(self, tp: TP, chunk: Chunk) -> None:
        partition, now = tp.partition, self._clock()
        for taken in self._take(partition, chunk):
            self._meters.read(MOVES.name, taken.tally.events, now)
            self._changed[partition] |= taken.touched
            await self._write(partition, taken)
            self._meters.booked(taken.tally)
            self._meters.happened(MOVES.name, taken.tally.newest)
            for refusal in taken.refusals:
                record = refusal.record or chunk.at(refusal.offset)
                await self._dead_letters.put(tp, record, refusal.reason, refusal.error)
        self._meters.flagged("misrouted", self._strays.among(partition, chunk, now))
        if chunk.received_ms is not None:
            waited = self._clock().timestamp() - chunk.received_ms / 1000
            self._meters.waited(MOVES.name, waited)
        await self._bury(partition)

    def _take(self, partition: int, records: Chunk | Sequence[Record]) -> Iterator[BatchResult]:
        """Fold records; if they trip the ledger, they are halved until the culprit is alone."""
        try:
            taken = self._ledger(partition).take(records)
        except Exception as error:  # the agent is a door: a bug must not cost good events
            singly = list(records)
            if not singly:
                raise
            if len(singly) > 1:
                middle = len(singly) // 2
                yield from self._take(partition, singly[:middle])
                yield from self._take(partition, singly[middle:])
                return
            log.exception("ledger.event_poisoned", offset=singly[0].offset)
            taken = _poisoned(singly[0], error)
        yield taken

    async def _write(self, partition: int, taken: BatchResult) -> None:
        for put in taken.puts:
            sent = await self._app.outbox.put(self._journal, put.key, put.value, partition)
            if put.then:
                self._merging[partition].append((sent, put))

    async def _bury(self, partition: int) -> None:
        """Tombstones for small blobs whose merged copy is acknowledged by now."""
        merging = self._merging[partition]
        for pair in [pair for pair in merging if pair[0].done() and not pair[0].exception()]:
            merging.remove(pair)
            if partition in self._held:
                self._ledger(partition).acknowledged(pair[1])
            for key in pair[1].then:
                await self._app.outbox.put(self._journal, key, None, partition)

    async def announce(self) -> None:
        """Say each day that changed since the last time; called twice a second."""
        for partition in list(self._changed):
            days = self._changed.pop(partition, set())  # it may have gone while we waited
            for terminal, on in sorted(days):
                if partition not in self._held or self._app.should_stop:
                    break
                await self._announcer.say(self._ledger(partition).snapshot(terminal, on))

    def load(self, partition: int, key: bytes, value: bytes | None) -> None:
        """One record of the journal, in recovery."""
        self._ledger(partition).load(key, value)

    def forget(self, partitions: set[int]) -> None:
        """The partitions went to another worker, or are read anew."""
        self._held -= partitions
        for partition in partitions:
            self._ledgers.pop(partition, None)
            self._changed.pop(partition, None)
            self._merging.pop(partition, None)

    async def recovered(self, partitions: set[int]) -> None:
        """All journals are read: say every day again, for the last may be booked but not said."""
        self.forget(set(self._ledgers) - partitions)
        for partition in partitions:
            ledger = self._ledger(partition)
            ledger.settle()
            self._changed[partition] |= {
                (BookedTerminal(day.area, day.terminal), day.on) for day in ledger.snapshots()
            }
        self._held = set(partitions)
        give_back_memory()
        log.info(
            "ledger.recovered", facts={p: ledger.facts for p, ledger in self._ledgers.items()}
        )

    def facts(self) -> Iterator[tuple[int, int]]:
        """Raw partition, facts held."""
        for partition, ledger in sorted(self._ledgers.items()):
            yield partition, ledger.facts

    def _ledger(self, partition: int) -> MoveLedger:
        if partition not in self._ledgers:
            self._ledgers[partition] = MoveLedger(partition, self._book)
        return self._ledgers[partition]


def _poisoned(record: Record, error: Exception) -> BatchResult:
    refusal = Refusal(
        record.offset, Reason.UNPROCESSABLE, f"{type(error).__name__}: {error}", record=record
    )
    return BatchResult(puts=[], touched=set(), refusals=[refusal], tally=BatchTally(events=1))
