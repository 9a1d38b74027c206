"""The publisher of past readings: it sends them to the topic that other programs read."""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from broker.connection import Connection, kafka_errors, producer, started
from broker.reader import TopicReading
from contract.book import Book
from contract.kafka.rights import Operation
from contract.snapshots import PastReading
from contract.topics import Topic
from contract.wire import encode, partition_of, reading_key
from stack.backfill.history_load import HistoryWindow, Publish
from stack.backfill.snapshot_reader import daily_readings

BATCH_BYTES = 500_000

T = TypeVar("T")

_decode = msgspec.json.Decoder(PastReading).decode


@contextmanager
def reading_publisher(
    connection: Connection, topic: Topic | None, book: Book
) -> Iterator[Publish]:
    """Yield a function that sends the readings of a window; without a topic it sends nothing.

    The readings of a window that changed are sent, and a tombstone for each reading that the
    window no longer has.  The topic already holds those of unchanged windows, unless it is empty
    because it is new.

    Raises:
        StackError: the broker is gone, or refuses a record.
    """
    if topic is None:
        yield lambda window: None
        return
    with TopicReading(connection, topic) as reading:
        is_empty = reading.left() == 0
    changed: list[tuple[float, float]] = []
    published: set[int] = set()
    with Publisher(connection, topic) as publisher:

        def publish(window: HistoryWindow) -> None:
            if window.changed and not is_empty:
                changed.append((window.start, window.end))
            if window.changed or is_empty:
                readings = list(daily_readings(window.points, book))
                publisher.publish(readings)
                if not is_empty:
                    published.update(hash(reading_key(one)) for one in readings)

        yield publish
        if changed:
            with TopicReading(connection, topic) as reading:
                publisher.delete(_obsolete_keys(reading, changed, published))


class Publisher:
    """Sends readings; leaving its `with` block waits until all are acknowledged.

    Its event loop runs in a thread of its own, because minutes may pass between two windows, and
    a connection whose loop does not run for so long is lost.
    """

    def __init__(self, connection: Connection, topic: Topic) -> None:
        self._connection, self._topic = connection, topic
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="publisher", daemon=True)
        self._producer: Any = None  # aiokafka has no types
        self._batches: dict[int, Any] = {}
        self._sent: list[Any] = []
        self.count = 0

    def __enter__(self) -> "Publisher":
        """Connect.

        Raises:
            StackError: there is no broker.
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
        """Send the open batches, unless the block failed, and disconnect."""
        try:
            if error is None:
                self._run(self._flush())
        finally:
            self._run(self._producer.stop())
            self._close()

    def publish(self, readings: Iterable[PastReading]) -> None:
        """Send readings.

        Raises:
            StackError: the broker refuses a record.
        """
        self._run(self._put((reading_key(one), encode(one)) for one in readings))

    def delete(self, keys: Iterable[bytes]) -> None:
        """Send tombstones, by which compaction removes readings from the topic.

        Raises:
            StackError: the broker refuses a record.
        """
        self._run(self._put((key, None) for key in keys))

    async def _start(self) -> None:
        self._producer = producer(self._connection, max_batch_size=BATCH_BYTES)
        await started(self._producer, self._connection)

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

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        hint = "--no-readings leaves it out"
        with kafka_errors(self._connection, self._topic.name, hint, operation=Operation.WRITE):
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _obsolete_keys(
    reading: TopicReading, windows: list[tuple[float, float]], published: set[int]
) -> set[bytes]:
    """Return the keys on the topic that lie in these windows and were not published now.

    `published` holds the hashes of the published keys.
    """
    found: set[bytes] = set()
    for batch in reading.rest():
        for record in batch:
            if record.key is None:
                continue
            found.discard(record.key)
            if record.value is None or hash(record.key) in published:
                continue
            at = _decode(record.value).at.timestamp()
            if any(start <= at < end for start, end in windows):
                found.add(record.key)
    return found
