"""Readings of the past into the topic in which others read them, by whole batches."""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from types import TracebackType
from typing import Any, TypeVar

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from broker.reader import TopicReading
from contract.book import Book
from contract.errors import StackError
from contract.snapshots import PastReading
from contract.topics import Topic
from contract.wire import encode, partition_of, reading_key
from stack.backfill.history_load import HistoryWindow, Publish
from stack.backfill.snapshot_reader import by_day

BATCH_BYTES = 500_000

T = TypeVar("T")

_decode = msgspec.json.Decoder(PastReading).decode


@contextmanager
def publishing(bootstrap: str, topic: Topic | None, book: Book) -> Iterator[Publish]:
    """A function that sends what windows tell while the block runs; without a topic nothing.

    A window that changed is sent, and readings that it tells no longer are taken off the topic.
    The others are there already, unless the topic is empty: new, or Kafka made anew.

    Raises:
        StackError: the broker is gone, or does not take them.
    """
    if topic is None:
        yield lambda told: None
        return
    with TopicReading(bootstrap, topic) as standing:
        is_empty = standing.left() == 0
    changed: list[tuple[float, float]] = []
    told_again: set[int] = set()
    with Publisher(bootstrap, topic) as publisher:

        def publish(told: HistoryWindow) -> None:
            if told.changed and not is_empty:
                changed.append((told.start, told.end))
            if told.changed or is_empty:
                readings = list(by_day(told.tellings, book))
                publisher.publish(readings)
                if not is_empty:
                    told_again.update(hash(reading_key(one)) for one in readings)

        yield publish
        if changed:
            with TopicReading(bootstrap, topic) as standing:
                publisher.retire(_no_longer_told(standing, changed, told_again))


class Publisher:
    """Sends readings; all are acknowledged once it is left.

    Its loop has a thread of its own: minutes may lie between two windows, and a connection that
    nobody looks after for so long is lost.
    """

    def __init__(self, bootstrap: str, topic: Topic) -> None:
        self._bootstrap, self._topic = bootstrap, topic
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="publisher", daemon=True)
        self._producer: Any = None  # aiokafka has no types
        self._batches: dict[int, Any] = {}
        self._sent: list[Any] = []
        self.count = 0

    def __enter__(self) -> "Publisher":
        """Connect.

        Raises:
            StackError: no broker there.
        """
        self._thread.start()
        try:
            self._run(self._start())
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Send what is left, unless something failed, and disconnect."""
        try:
            if error is None:
                self._run(self._flush())
        finally:
            self._run(self._producer.stop())
            self._close()

    def publish(self, readings: Iterable[PastReading]) -> None:
        """Send readings.

        Raises:
            StackError: the broker does not take them.
        """
        self._run(self._put((reading_key(one), encode(one)) for one in readings))

    def retire(self, keys: Iterable[bytes]) -> None:
        """Take readings off the topic: compaction removes what a tombstone names.

        Raises:
            StackError: the broker does not take them.
        """
        self._run(self._put((key, None) for key in keys))

    async def _start(self) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, acks="all", max_batch_size=BATCH_BYTES
        )
        await self._producer.start()

    async def _put(self, records: Iterable[tuple[bytes, bytes | None]]) -> None:
        for key, value in records:
            partition = partition_of(key, self._topic.partitions)
            batch = self._batches.get(partition)
            if batch is None or batch.append(key=key, value=value, timestamp=None) is None:
                if batch is not None:
                    await self._send(partition)
                batch = self._batches[partition] = self._producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
            self.count += 1

    async def _send(self, partition: int) -> None:
        batch = self._batches.pop(partition)
        batch.close()
        self._sent.append(
            await self._producer.send_batch(batch, self._topic.name, partition=partition)
        )

    async def _flush(self) -> None:
        for partition in list(self._batches):
            await self._send(partition)
        await asyncio.gather(*self._sent)

    def _close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, asked: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run_coroutine_threadsafe(asked, self._loop).result()
        except (KafkaError, OSError) as error:
            raise StackError(
                f"Kafka at {self._bootstrap}, topic {self._topic.name}: {error!r}; are its topics "
                "made (`quaymark topics`)? --no-readings leaves it out"
            ) from error


def _no_longer_told(
    standing: TopicReading, windows: list[tuple[float, float]], told: set[int]
) -> set[bytes]:
    """Keys on the topic whose readings are of these windows, and whose hashes are not `told`."""
    found: set[bytes] = set()
    for batch in standing.rest():
        for record in batch:
            if record.key is None:
                continue
            found.discard(record.key)
            if record.value is None or hash(record.key) in told:
                continue
            at = _decode(record.value).at.timestamp()
            if any(start <= at < end for start, end in windows):
                found.add(record.key)
    return found
