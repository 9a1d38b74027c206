"""The consumer that gives Faust one event for each partition and fetch: the records, unread.

Faust's cost is per event (futures, conductor, producer buffer), so it is paid once per batch.
Groups, rebalancing and recovery stay Faust's.  This module uses private names of Faust (0.15.3)
and aiokafka (0.14), and works round their faults; both packages are pinned exactly.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, cast

import aiokafka
import structlog
from faust.transport.consumer import ensure_TP, ensure_TPset
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message

from broker.client_mends import mend_aiokafka
from broker.record_batch import RecordBatch
from contract.topics import ISOLATION
from streams.app_type import WorkerApp
from streams.transport.batch import FetchedBatch, newest_by_key
from streams.transport.reach import SILENT_SECONDS, reaches

__all__ = ["BatchTransport"]

FETCH_WAIT_MS = 100  # Faust fixes 1500: the long poll of an idle partition delays the busy ones
FULL_PAUSE_SECONDS = 0.002  # Faust sleeps a second while back-pressure pauses all partitions
IDLE_PAUSE_SECONDS = 0.02  # and while none is active, as at the end of a recovery
FETCH_SECONDS = 0.25  # a seek waits for the fetch under way, which Faust lets take 1 s

log = structlog.get_logger()


class _FetchThread(driver.AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        consumer._isolation_level = ISOLATION  # Faust sets it for exactly_once only
        mend_aiokafka(cast(WorkerApp, transport.app).batch_topics)
        return consumer


class BatchConsumer(driver.Consumer):
    """Faust's consumer, except that batch topics and some changelogs are read by whole fetches."""

    app: WorkerApp

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._batches: defaultdict[TP, deque[Message]] = defaultdict(deque)
        """Partition -> batches delivered and not yet committed, in order."""
        self._next: dict[TP, int] = {}
        """Partition -> offset of the next record to deliver."""
        self._resuming: set[TP] = set()
        """Partitions that are resumed once the queues are cleared."""
        self._moving = asyncio.Lock()
        """Held by a fetch or a seek, since both move positions."""

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _FetchThread(self, loop=self.loop, beacon=self.beacon)

    def _is_batch(self, tp: TP) -> bool:
        return tp.topic in self.app.batch_topics

    async def getmany(  # the name and its timeout are Faust's
        self,
        timeout: float,  # noqa: ASYNC109
    ) -> AsyncIterator[tuple[TP, Message]]:
        """Yield one message for each batch partition: the records, with the last offset."""
        records, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            return  # dropped: the recovery that follows seeks back before it resumes partitions
        await self._end_empty_recovery(records)
        rest: dict[TP, list[Any]] = {}
        for tp, batch in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if not (active is None or tp in active or tp in self._buffered_partitions):
                continue
            if self._is_batch(tp):
                yield tp, self._batch_message(tp, batch, generation)
            elif (table := self.app.fed_tables.get(tp.topic)) is not None:
                # 10 times faster than one event for each record, as Faust does it
                for key, value in newest_by_key(batch).items():
                    table.load(tp.partition, key, value)
                rest[tp] = batch[-1:]  # Faust needs only the last offset
            else:
                rest[tp] = batch
        self._advance(tp for tp in active or () if self._is_batch(tp) and tp not in records)
        for tp, record in self.scheduler.iterate(rest):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            yield tp, self._to_message(tp, record)

    def _advance(self, partitions: Iterable[TP]) -> None:
        """Advance the position of partitions of which a fetch brought no record.

        After the last record there may be offsets without one: a transaction's marker, or records
        that were aborted or compacted away.
        """
        consumer = self._thread._consumer
        subscription = None if consumer is None else consumer._subscription.subscription
        assignment = None if subscription is None else subscription.assignment
        for tp in partitions:
            state = assignment and assignment.state_value(driver.ensure_aiokafka_TP(tp))
            if state and state._position is not None and tp in self._next:
                self._next[tp] = max(self._next[tp], state._position)

    def _batch_message(self, tp: TP, fetched: list[RecordBatch], generation: int) -> Message:
        read = self._read_offset[tp]
        if read is not None and (first := fetched[0].first) < read:
            # Kafka no longer has the committed offset, and aiokafka began at the first one
            log.warning("worker.committed_past_the_end", tp=str(tp), committed=read, begins=first)
            self._committed_offset[tp] = None  # or Faust would commit no lower offset
        following = fetched[-1].following
        self._read_offset[tp] = following - 1  # so that Faust sees no gap
        self._next[tp] = following
        self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
        message = ConsumerMessage(
            tp.topic,
            tp.partition,
            following - 1,
            0.0,  # each record has its own time
            0,
            [],
            None,
            FetchedBatch(fetched),  # type: ignore[arg-type]  # its schema passes it on as it is
            None,
            0,
            0,
            tp,  # must stay aiokafka's TopicPartition
            generation_id=generation,
        )
        self._batches[tp].append(message)
        return message

    async def _end_empty_recovery(self, records: Mapping[TP, Any]) -> None:
        """End a recovery whose last offsets hold no record (compacted, or a transaction's marker).

        Faust waits for a record at the highwater mark for ever: faust-streaming issue 176.
        """
        recovery = self.app.table_recovery
        if records or not recovery.in_recovery:
            return
        if not self.app.table_manager.changelog_queue.empty():
            return
        for tp, end in list(recovery.active_highwaters.items()):
            if recovery.active_offsets.get(tp, end) < end < (await self.position(tp) or 0):
                recovery.active_offsets[tp] = end

    @property
    def reaches_kafka(self) -> bool:
        """Whether the brokers that it needs answer, and what is sent arrives."""
        consumer = self._thread._consumer
        if consumer is None or self.app.outbox.oldest_seconds >= SILENT_SECONDS:
            return False
        return reaches(consumer, map(driver.ensure_aiokafka_TP, self.held()))

    def held(self) -> set[TP]:
        """Return the partitions of this worker; none before the consumer's thread runs."""
        return set() if self._thread._consumer is None else self.assignment()

    def lags(self) -> Iterator[tuple[str, int, int]]:
        """Yield (topic, partition, events between the last one booked and the end)."""
        for tp in sorted(self.held()):
            end, following = self.highwater(tp), self._next.get(tp)
            if self._is_batch(tp) and end is not None and following is not None:
                waiting = (
                    cast(FetchedBatch, message.value) for message in self._batches.get(tp, ())
                )
                first = next((batch.first for batch in waiting if not batch.done), following)
                yield tp.topic, tp.partition, max(0, end - first)

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109  # Faust's
        while (  # Faust has no event for a buffer with room again
            self.flow_active and not self._get_active_partitions() and not self.should_stop
        ):
            full = bool(self._buffered_partitions)
            await asyncio.sleep(FULL_PAUSE_SECONDS if full else IDLE_PAUSE_SECONDS)
        return await super()._wait_next_records(timeout)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109  # Faust's
        """Fetch from the partitions that are active when the fetch begins, and from no other.

        Faust passes a set that it changes while the fetch waits, and aiokafka reads an empty set
        as all partitions.  So a fetch under way at the end of a recovery took records just after a
        seek, and they were dropped: a whole fetch was missing in the books.
        """
        async with self._moving:
            if active_partitions is None:
                return await super()._getmany(None, timeout)
            active = set(active_partitions)
            return await super()._getmany(active, FETCH_SECONDS) if active else {}

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Seek, while no fetch is under way that could take records from the new positions."""
        async with self._moving:
            await super().seek_wait(partitions)

    def _new_offset(self, tp: TP) -> int | None:
        if not self._is_batch(tp):
            return super()._new_offset(tp)
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        batches, offset = self._batches[tp], None
        while batches and cast(FetchedBatch, batches[0].value).done:
            offset = batches.popleft().offset + 1
        return offset

    def pause_partitions(self, tps: Iterable[TP]) -> None:
        """Deliver no more records of these partitions."""
        self._resuming -= ensure_TPset(tps)
        super().pause_partitions(tps)

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Deliver records of these partitions again, from `resume_flow` on.

        Faust resumes partitions, seeks, and only then clears its queues.  Records fetched in
        between would be cleared and never read again, since the position is past them: after a
        rebalance a partition stood still.
        """
        self._resuming |= ensure_TPset(tps)

    def resume_flow(self) -> None:
        """Resume; Faust calls this right after it has cleared its queues."""
        super().resume_partitions(self._resuming)
        self._resuming = set()
        super().resume_flow()

    async def perform_seek(self) -> None:
        """Forget delivered batches: their records are read again from the committed offsets.

        aiokafka does not move a partition without a committed offset, though its position may be
        past records that were dropped during a rebalance: such a partition begins again.
        """
        async with self._moving:
            self._batches.clear()
            await super().perform_seek()
            begin: Mapping[TP, int] = {}
            restarting = [
                driver.ensure_aiokafka_TP(tp)
                for tp in self.assignment()
                if self._is_batch(tp) and not self._read_offset.get(tp)
            ]
            if restarting:
                begin = await self._thread.earliest_offsets(*restarting)
                await self._thread.seek_wait(begin)
        self._next = {tp: read for tp, read in self._read_offset.items() if read is not None}
        self._next |= {ensure_TP(tp): offset for tp, offset in begin.items()}

    async def seek(self, partition: TP, offset: int) -> None:
        """Forget the delivered batches of a partition, and seek."""
        self._batches.pop(ensure_TP(partition), None)
        self._next[ensure_TP(partition)] = offset
        await super().seek(partition, offset)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish the current events, then forget the partitions."""
        await super().on_partitions_revoked(revoked)
        self._resuming -= revoked
        for tp in revoked:
            self._batches.pop(tp, None)
            self._next.pop(tp, None)

    async def _commit_offsets(
        self, offsets: Mapping[TP, int], start_new_transaction: bool = True
    ) -> bool:
        try:
            await self.app.outbox.drained()
        except Exception as error:  # any error: a fact may be lost, so never commit past it
            log.error("worker.gave_up", **self.app.unsent(error))
            await self.app.crash(error)
            return False
        return await super()._commit_offsets(offsets, start_new_transaction)


class _Producer(driver.Producer):
    def _settings_extra(self) -> Mapping[str, Any]:
        return {
            "acks": "all",
            "enable_idempotence": True,
        }  # in order, and a retry writes no duplicate


class BatchTransport(driver.Transport):
    """Faust's aiokafka transport, with the consumer and producer above."""

    Consumer = BatchConsumer
    Producer = _Producer
