"""Stage 1 for moves: raw events become facts in a ledger, and changed days are published.

The journal is the changelog of the `ledger` table.  The order and repetition of facts do not
matter (see `ledger`), so this module has one duty: a source offset is committed only after Kafka
has acknowledged every fact below it.  The outbox ensures that.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import structlog
from faust.types import TP, StreamT

from contract.errors import Reason
from contract.record import Record
from contract.topics import MOVES
from ledger.journal import BookedTerminal, Put
from ledger.judge import Refusal
from ledger.move_ledger import BatchResult, BatchTally, MoveLedger
from streams.agents.agent_context import AgentContext
from streams.agents.misrouted import MisroutedRecords
from streams.app_type import WorkerApp
from streams.memory import give_back_memory
from streams.tables.faust_tables import JournalTable
from streams.tables.state_table import CHANGELOG
from streams.transport.batch import Chunk

__all__ = ["MoveAgent"]

CHUNK = 8192  # records booked without a break: for about 70 ms no other task of the worker runs

log = structlog.get_logger()


class MoveAgent:
    """The ledgers of the partitions that this worker holds."""

    def __init__(
        self,
        app: WorkerApp,
        context: AgentContext,
    ) -> None:
        self._app, self._context, self._metrics = app, context, context.metrics
        self._misrouted = MisroutedRecords()
        self._ledgers: dict[int, MoveLedger] = {}
        self._held: set[int] = set()
        """Partitions whose ledger is complete: assigned, and their journal read to its end."""
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
        """Book each batch of the stream."""
        async for event in stream.events():
            tp = event.message.tp
            for chunk in event.value.chunks(CHUNK):
                if tp.partition not in self._held:  # revoked while this task waited
                    break
                await self._book_chunk(tp, chunk)
                await asyncio.sleep(0)  # let other tasks run: a stream with batches never waits
            else:
                event.value.done = True

    async def _book_chunk(self, tp: TP, chunk: Chunk) -> None:
        partition, now = tp.partition, self._context.clock()
        for taken in self._take(partition, chunk):
            self._metrics.read(MOVES.name, taken.tally.events, now)
            self._changed[partition] |= taken.touched
            await self._write(partition, taken)
            self._metrics.booked(taken.tally)
            self._metrics.happened(MOVES.name, taken.tally.newest)
            for refusal in taken.refusals:
                record = refusal.record or chunk.at(refusal.offset)
                await self._context.dead_letters.put(tp, record, refusal.reason, refusal.error)
        self._metrics.flagged("misrouted", self._misrouted.among(partition, chunk, now))
        if chunk.received_ms is not None:
            waited = self._context.clock().timestamp() - chunk.received_ms / 1000
            self._metrics.waited(MOVES.name, waited)
        await self._delete_merged(partition)

    def _take(self, partition: int, records: Chunk | Sequence[Record]) -> Iterator[BatchResult]:
        """Book records; if the ledger fails, halve them until the failing record is alone."""
        try:
            taken = self._ledger(partition).take(records)
        except Exception as error:  # a bug must not cost the other events of the batch
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

    async def _delete_merged(self, partition: int) -> None:
        """Send tombstones for small blobs whose merged copy Kafka has acknowledged."""
        merging = self._merging[partition]
        for pair in [pair for pair in merging if pair[0].done() and not pair[0].exception()]:
            merging.remove(pair)
            if partition in self._held:
                self._ledger(partition).acknowledged(pair[1])
            for key in pair[1].then:
                await self._app.outbox.put(self._journal, key, None, partition)

    async def publish(self) -> None:
        """Publish each day that changed since the last call; called twice a second."""
        for partition in list(self._changed):
            days = self._changed.pop(partition, set())  # it may have been revoked meanwhile
            for terminal, on in sorted(days):
                if partition not in self._held or self._app.should_stop:
                    break
                snapshot = self._ledger(partition).snapshot(terminal, on)
                await self._context.publisher.publish(snapshot)

    def load(self, partition: int, key: bytes, value: bytes | None) -> None:
        """Take one record of the journal, during recovery."""
        self._ledger(partition).load(key, value)

    def forget(self, partitions: set[int]) -> None:
        """Drop partitions that another worker got, or whose journal is read again."""
        self._held -= partitions
        for partition in partitions:
            self._ledgers.pop(partition, None)
            self._changed.pop(partition, None)
            self._merging.pop(partition, None)

    async def recovered(self, partitions: set[int]) -> None:
        """Publish every day again after a recovery: a day may be booked and not published yet."""
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
        """Yield (raw partition, number of facts)."""
        for partition, ledger in sorted(self._ledgers.items()):
            yield partition, ledger.facts

    def _ledger(self, partition: int) -> MoveLedger:
        if partition not in self._ledgers:
            self._ledgers[partition] = MoveLedger(partition, self._context.book)
        return self._ledgers[partition]


def _poisoned(record: Record, error: Exception) -> BatchResult:
    refusal = Refusal(
        record.offset, Reason.UNPROCESSABLE, f"{type(error).__name__}: {error}", record=record
    )
    return BatchResult(puts=[], touched=set(), refusals=[refusal], tally=BatchTally(events=1))
