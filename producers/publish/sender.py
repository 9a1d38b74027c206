"""The sender: raw events to Kafka, keyed, idempotent, in order per key, in bounded memory.

Records leave in batches that this module fills itself: aiokafka's `send()` makes a future for each
record (30 to 50 µs of Python), a batch of its makes one for some five hundred.  Its idempotent
producer retries for ever, so a broker that restarts costs time, not events.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import structlog
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from broker.authorizations import absence
from broker.connection import Connection, producer, started
from broker.rights import missing_right
from contract.errors import Denied, StackError
from contract.events import RawEvent
from contract.kafka.rights import Operation
from contract.record import Record
from contract.settings import Settings
from producers.publish.records import (
    PARTITIONS,
    Encoded,
    PartitionSlot,
    Slots,
    encoded,
    refuse_too_large,
)

BATCH_BYTES = 256 << 10  # well under a broker's limit of 1 MiB
COMPRESSION = "lz4"  # a twelfth of the bytes, and the fastest to decompress of all
LINGER_SECONDS = 0.05  # how long an event waits for others to fill its batch
CONNECT_SECONDS = 0.5  # between two attempts to connect
TOPIC_SECONDS = 10.0  # topics exist before producers start: a missing one will not appear later
CLOSE_SECONDS = 30.0  # a restarting broker is back after less
GOODBYE_SECONDS = 5.0
NO_HEADERS: list[Any] = []

log = structlog.get_logger(__name__)


class Sender:
    """A connection that sends raw events.

    Leaving its `async with` waits until Kafka has acknowledged the last one accepted.

    Attributes:
        sent: topic -> events acknowledged by Kafka.
    """

    def __init__(
        self, settings: Settings, client_id: str, *, patience_seconds: float | None = None
    ) -> None:
        """`patience_seconds`: how long to wait for a broker not there yet; None waits for ever."""
        self.sent: Counter[str] = Counter()
        self._kafka, self._prefix = Connection.of(settings), settings.prefix
        self._client_id = client_id
        self._patience_seconds = patience_seconds
        self._producer: Any = None  # aiokafka has no types
        self._open: dict[PartitionSlot, Any] = {}
        self._shipping = asyncio.Lock()  # a partition's batches leave in the order they filled
        self._lingered: set[asyncio.Task[None]] = set()
        self._on_the_way: set[asyncio.Future[Any]] = set()
        self._slots = Slots()
        self._topics: set[str] = set()
        self._failure: StackError | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        since, logged = loop.time(), False
        while (client := await self._connect()) is None:
            waited = loop.time() - since
            if self._patience_seconds is not None and waited >= self._patience_seconds:
                raise StackError(
                    f"no Kafka at {self._kafka} after {waited:.0f} s: start it (`quaymark up`), "
                    "or say in QUAYMARK_KAFKA where it is"
                )
            if not logged:
                log.warning("sender.broker_awaited", kafka=str(self._kafka))
                logged = True
            await asyncio.sleep(CONNECT_SECONDS)
        self._producer = client
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if not isinstance(error, StackError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self.flush()
        except TimeoutError:
            raise StackError(
                f"Kafka at {self._kafka} did not acknowledge the last events within "
                f"{CLOSE_SECONDS:.0f} s: see its log, then run the command again "
                "(an event that arrives twice counts once)"
            ) from error
        finally:
            with suppress(TimeoutError):  # stop() waits for a broker that is gone
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self._producer.stop()

    async def send(self, event: RawEvent, at: datetime | None = None) -> None:
        """Accept one event; it leaves within `LINGER_SECONDS`.  Waits while the buffers are full.

        An event of the past bears the moment `at` which it was sent then, so that its age is
        judged as it was.

        Raises:
            Rejected: the event is larger than Kafka takes.
            StackError: Kafka refused an earlier event, or lacks the topic.
        """
        await self.send_encoded(encoded(event, at))

    async def send_many(self, events: Iterable[RawEvent]) -> None:
        """Accept events in order, as fast as Kafka takes them; raises as `send` does."""
        for event in events:
            await self.send_encoded(encoded(event))

    async def send_encoded(self, record: Encoded) -> None:
        """Accept one record that is bytes already; raises as `send` does."""
        refuse_too_large(record.key, record.value)
        if record.partition is None:
            slot = self._slots[record.topic, record.key or b""]
        else:
            slot = PartitionSlot(record.topic, record.partition)
        while not self._append(slot, record):
            await self._ship(slot)

    async def send_stretch(self, slot: PartitionSlot, records: Iterable[Record]) -> None:
        """Accept records of one partition, each as it was; raises as `send` does."""
        batch = self._batch(slot)
        for record in records:
            key, value = record.key, record.value
            refuse_too_large(key, value)
            while (
                batch.append(
                    timestamp=record.timestamp,
                    key=key,
                    value=value,
                    headers=list(record.headers) if record.headers else NO_HEADERS,
                )
                is None
            ):
                await self._ship(slot)
                batch = self._batch(slot)

    async def flush(self) -> None:
        """Send all that was accepted and wait until Kafka has acknowledged it.

        Raises:
            StackError: Kafka refused some of it.
        """
        for slot in list(self._open):
            await self._ship(slot)
        while self._on_the_way:
            await asyncio.wait(self._on_the_way)
        if self._failure is not None:
            raise self._failure

    async def _connect(self) -> Any:
        """A started producer, or None while there is no broker."""
        client = producer(
            self._kafka,
            client_id=self._client_id,
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            compression_type=COMPRESSION,
        )
        try:
            await started(client, self._kafka)
        except KafkaConnectionError:
            await client.stop()
            return None
        except BaseException as error:
            await client.stop()
            if lacking := missing_right(error, self._kafka.security, Operation.WRITE):
                raise Denied(f"Kafka at {self._kafka}: {lacking}") from error
            raise
        return client

    def _append(self, slot: PartitionSlot, record: Encoded) -> bool:
        """Put a record into its partition's batch; False when that is full."""
        appended = self._batch(slot).append(
            timestamp=record.timestamp_ms,
            key=record.key,
            value=record.value,
            headers=list(record.headers),
        )
        return appended is not None

    def _batch(self, slot: PartitionSlot) -> Any:
        """The batch that a partition's records go into."""
        batch = self._open.get(slot)
        if batch is None:
            batch = self._open[slot] = self._producer.create_batch()
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self._ship_lone, slot, batch)
        return batch

    def _ship_lone(self, slot: PartitionSlot, batch: Any) -> None:
        """Ship a batch that has lingered; most have filled and gone by then."""
        if self._open.get(slot) is batch:
            task = asyncio.create_task(self._ship_quietly(slot))
            self._lingered.add(task)
            task.add_done_callback(self._lingered.discard)

    async def _ship_quietly(self, slot: PartitionSlot) -> None:
        with suppress(StackError):  # kept in _failure: the next send or flush raises it
            await self._ship(slot)

    async def _ship(self, slot: PartitionSlot) -> None:
        """Hand a partition's batch to aiokafka, which holds one waiting and one on the wire.

        The batch is closed first and leaves `_open` last: a caller that is cancelled while it
        waits leaves it there for `flush`.
        """
        async with self._shipping:
            if self._failure is not None:
                raise self._failure
            batch = self._open.get(slot)
            if batch is None:
                return
            batch.close()
            try:
                future = await self._enqueue(batch, slot)
            except StackError as failure:
                self._failure = failure
                raise
            del self._open[slot]
            self._on_the_way.add(future)
            count = batch.record_count()
            future.add_done_callback(lambda done: self._acknowledged(done, slot, count))

    async def _enqueue(self, batch: Any, slot: PartitionSlot) -> asyncio.Future[Any]:
        name = self._prefix + slot.topic
        if slot.topic not in self._topics:
            await self._check(slot.topic, name)
        while True:
            try:
                future: asyncio.Future[Any] = await self._producer.send_batch(
                    batch, name, partition=slot.partition
                )
            except KafkaTimeoutError:  # the broker is away: wait on, the buffers are bounded
                log.warning("sender.broker_awaited", kafka=str(self._kafka))
            except KafkaError as error:
                raise self._refused(slot, error) from error
            else:
                return future

    async def _check(self, topic: str, name: str) -> None:
        """Refuse a topic (`name` on the broker) that is not there, or not as the contract has it.

        Raises:
            StackError: which, and how to make it.
        """
        try:
            async with asyncio.timeout(TOPIC_SECONDS):
                found = len(await self._producer.partitions_for(name))
        except (TimeoutError, KafkaError):
            raise await absence(self._kafka, name, Operation.WRITE) from None
        if found != PARTITIONS[topic]:
            raise StackError(
                f"topic {name} at {self._kafka} has {found} partitions, expected "
                f"{PARTITIONS[topic]}: delete it and make it with `quaymark topics`"
            )
        self._topics.add(topic)

    def _acknowledged(self, future: asyncio.Future[Any], slot: PartitionSlot, count: int) -> None:
        self._on_the_way.discard(future)
        if future.cancelled():
            return
        if (error := future.exception()) is None:
            self.sent[slot.topic] += count
        elif self._failure is None:
            self._failure = self._refused(slot, error)

    def _refused(self, slot: PartitionSlot, error: BaseException) -> StackError:
        name = self._prefix + slot.topic
        if lacking := missing_right(error, self._kafka.security, Operation.WRITE, name):
            return Denied(f"Kafka at {self._kafka}: {lacking}")
        return StackError(
            f"Kafka at {self._kafka} refused events for {slot.topic}, partition "
            f"{slot.partition}: {type(error).__name__}: {error}: see its log, then run the "
            "command again (an event that arrives twice counts once)"
        )
