"""Readings of the past into the topic in which others read them, by whole batches."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from contract.errors import StackError
from contract.snapshots import PastReading
from contract.topics import Topic
from contract.wire import encode, partition_of, reading_key

BATCH_BYTES = 500_000

Publish = Callable[[Iterable[PastReading]], None]

T = TypeVar("T")


@contextmanager
def publishing(bootstrap: str, topic: Topic | None) -> Iterator[Publish]:
    """A function that sends readings while the block runs; without a topic it does nothing.

    Raises:
        StackError: the broker is gone, or does not take them.
    """
    if topic is None:
        yield lambda readings: None
    else:
        with Publisher(bootstrap, topic) as publisher:
            yield publisher.publish


class Publisher:
    """Sends readings; all are acknowledged once it is left."""

    def __init__(self, bootstrap: str, topic: Topic) -> None:
        self._bootstrap, self._topic = bootstrap, topic
        self._runner = asyncio.Runner()
        self._producer: Any = None  # aiokafka has no types
        self._batches: dict[int, Any] = {}
        self._sent: list[Any] = []
        self.count = 0

    def __enter__(self) -> "Publisher":
        """Connect.

        Raises:
            StackError: no broker there.
        """
        self._runner.__enter__()
        try:
            self._run(self._start())
        except BaseException:
            self._runner.close()
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
            self._runner.run(self._producer.stop())
            self._runner.close()

    def publish(self, readings: Iterable[PastReading]) -> None:
        """Send readings.

        Raises:
            StackError: the broker does not take them.
        """
        self._run(self._publish(readings))

    async def _start(self) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, acks="all", max_batch_size=BATCH_BYTES
        )
        await self._producer.start()

    async def _publish(self, readings: Iterable[PastReading]) -> None:
        for reading in readings:
            key, value = reading_key(reading), encode(reading)
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

    def _run(self, asked: Coroutine[Any, Any, T]) -> T:
        try:
            return self._runner.run(asked)
        except (KafkaError, OSError) as error:
            raise StackError(
                f"Kafka at {self._bootstrap}, topic {self._topic.name}: {error!r}; are its topics "
                "made (`quaymark topics`)? --no-readings leaves it out"
            ) from error
