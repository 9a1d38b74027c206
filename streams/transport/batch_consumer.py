"""Faust fed by the batch: one Faust event a (partition, fetch), its value what came, unread.

Faust's cost is per event (futures, conductor, producer buffer), so it is paid once a batch.
Groups, rebalancing and recovery stay Faust's.  This module, `faust_tables` and
`broker.client_mends` are the only ones that hang on private names of Faust (0.15.3) and aiokafka
(0.14), and the place where their faults are worked round.
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
from streams.transport.batch import FetchedBatch

__all__ = ["BatchTransport"]

FETCH_WAIT_MS = 100  # Faust fixes 1500: an idle partition's long poll holds back the busy ones
FULL_PAUSE_SECONDS = 0.002  # Faust sleeps a whole second when back-pressure paused every partition
IDLE_PAUSE_SECONDS = 0.02  # and when there is none that flows, as at the end of a recovery
SILENT = 10.0  # seconds: idle fetches are answered after FETCH_WAIT_MS
FETCH_SECONDS = 0.25  # Faust's 1.0 is how long a seek would have to wait for a fetch


log = structlog.get_logger()


class _FetchThread(driver.AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        consumer._isolation_level = ISOLATION  # Faust asks for it under exactly_once alone
        mend_aiokafka(cast(WorkerApp, transport.app).batch_topics)
        return consumer


class BatchConsumer(driver.Consumer):
    """Faust's consumer, but for batch topics and changelogs that are read by whole fetches."""

    app: WorkerApp

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._batches: defaultdict[TP, deque[Message]] = defaultdict(deque)
        """partition -> batches delivered and not yet committed, in order."""
        self._next: dict[TP, int] = {}
        """partition -> offset of the next record to be handed out."""
        self._resuming: set[TP] = set()
        """Partitions that flow again once the queues are cleared."""
        self._moving = asyncio.Lock()
        """Held by whoever moves positions: a fetch, or a seek."""

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _FetchThread(self, loop=self.loop, beacon=self.beacon)

    def _is_batch(self, tp: TP) -> bool:
        return tp.topic in self.app.batch_topics

    async def getmany(  # the name and its timeout are Faust's
        self,
        timeout: float,  # noqa: ASYNC109
    ) -> AsyncIterator[tuple[TP, Message]]:
        """One message a batch partition: value = what a fetch brought, offset = its last."""
        records, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            return  # thrown away; the recovery to come seeks back before it lets anything flow
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
                # 10 times faster than Faust's way, one event a record
                for key, value in _standing(batch).items():
                    table.load(tp.partition, key, value)
                rest[tp] = batch[-1:]  # Faust needs the last offset alone
            else:
                rest[tp] = batch
        self._pass_over(tp for tp in active or () if self._is_batch(tp) and tp not in records)
        for tp, record in self.scheduler.iterate(rest):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            yield tp, self._to_message(tp, record)

    def _pass_over(self, partitions: Iterable[TP]) -> None:
        """Note how far those are of which a fetch brought no record: nothing waits before there.

        Behind a last record lie a transaction's marker, or what was aborted or compacted.
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
            # Kafka has no such offset any more, and aiokafka began anew
            log.warning("worker.committed_past_the_end", tp=str(tp), committed=read, begins=first)
            self._committed_offset[tp] = None  # Faust commits none that is before it
        following = fetched[-1].following
        self._read_offset[tp] = following - 1  # Faust must not see the batch as a gap
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
        """End a recovery whose last offsets hold no record (compacted, a transaction's marker).

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
        """Whether any connection to a broker is open and answers."""
        consumer = self._thread._consumer
        connections = () if consumer is None else list(consumer._client._conns.values())
        return any(one.connected() and one.silent_seconds < SILENT for one in connections)

    def held(self) -> set[TP]:
        """The partitions assigned to this worker; none before the consumer's thread runs."""
        return set() if self._thread._consumer is None else self.assignment()

    def lags(self) -> Iterator[tuple[str, int, int]]:
        """Topic, partition, events between its end and the last one booked; of those held."""
        for tp in sorted(self.held()):
            end, following = self.highwater(tp), self._next.get(tp)
            if self._is_batch(tp) and end is not None and following is not None:
                waiting = (
                    cast(FetchedBatch, message.value) for message in self._batches.get(tp, ())
                )
                first = next((batch.first for batch in waiting if not batch.done), following)
                yield tp.topic, tp.partition, max(0, end - first)

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109  # Faust's
        while (  # Faust has no event for a buffer that has room again
            self.flow_active and not self._get_active_partitions() and not self.should_stop
        ):
            full = bool(self._buffered_partitions)
            await asyncio.sleep(FULL_PAUSE_SECONDS if full else IDLE_PAUSE_SECONDS)
        return await super()._wait_next_records(timeout)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109  # Faust's
        """One fetch, of the partitions that flow when it begins, and of no other.

        Faust hands over a set that it changes while the fetch waits, and aiokafka takes an empty
        one for all.  So a fetch that was under way at the end of a recovery took what had just
        been sought, which was then thrown away: seen as a hole of a whole fetch in the books.
        """
        async with self._moving:
            if active_partitions is None:
                return await super()._getmany(None, timeout)
            flowing = set(active_partitions)
            return await super()._getmany(flowing, FETCH_SECONDS) if flowing else {}

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Move partitions, with no fetch under way that could take what comes from there."""
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
        """Hand out no more of these partitions."""
        self._resuming -= ensure_TPset(tps)
        super().pause_partitions(tps)

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Hand out these partitions again, from `resume_flow` on.

        Faust resumes partitions, seeks, and only then clears its queues.  What was fetched in
        between would be cleared away and never come again, since the position is past it: seen as
        a partition that stood still after a rebalance.
        """
        self._resuming |= ensure_TPset(tps)

    def resume_flow(self) -> None:
        """Faust calls it right after clearing its queues."""
        super().resume_partitions(self._resuming)
        self._resuming = set()
        super().resume_flow()

    async def perform_seek(self) -> None:
        """Forget what was delivered: it comes again from the committed offsets.

        aiokafka leaves a partition without one where it is, which is past what was fetched and
        thrown away while a rebalance was under way: those begin again.
        """
        async with self._moving:
            self._batches.clear()
            await super().perform_seek()
            begin: Mapping[TP, int] = {}
            anew = [
                driver.ensure_aiokafka_TP(tp)
                for tp in self.assignment()
                if self._is_batch(tp) and not self._read_offset.get(tp)
            ]
            if anew:
                begin = await self._thread.earliest_offsets(*anew)
                await self._thread.seek_wait(begin)
        self._next = {tp: read for tp, read in self._read_offset.items() if read is not None}
        self._next |= {ensure_TP(tp): offset for tp, offset in begin.items()}

    async def seek(self, partition: TP, offset: int) -> None:
        """Forget what was delivered of the partition."""
        self._batches.pop(ensure_TP(partition), None)
        self._next[ensure_TP(partition)] = offset
        await super().seek(partition, offset)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish what runs, then forget the partitions."""
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
        except Exception as error:  # whatever it was: a fact may be lost, so never commit past it
            log.error("worker.gave_up", unacknowledged=len(self.app.outbox), error=repr(error))
            await self.app.crash(error)
            return False
        return await super()._commit_offsets(offsets, start_new_transaction)


def _standing(batch: Iterable[Any]) -> dict[bytes, bytes | None]:
    """Key -> value, None if it was deleted: what compaction would leave of a fetch.

    Most small blobs of a live port are deleted in the fetch that brings them.  Left unread, a year
    of them, never compacted, is back in 9 s instead of 40.
    """
    return {record.key: record.value for record in batch}


class _Producer(driver.Producer):
    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}  # in order, and no doubles from a retry


class BatchTransport(driver.Transport):
    """Faust's aiokafka transport with the consumer above."""

    Consumer = BatchConsumer
    Producer = _Producer
