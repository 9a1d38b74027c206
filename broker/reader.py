"""A topic read whole, and on from there: for those who check what became of it."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from types import TracebackType
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from broker.lenient_records import read_any_header_name
from contract.errors import StackError
from contract.record import ConsumerRecord
from contract.topics import ISOLATION, Topic

FETCH_BYTES = 8 << 20  # of a partition at once: a year is a few dozen fetches
WAIT_MS = 500

T = TypeVar("T")


class TopicReading:
    """A topic's records in the order of each partition; belongs to no group."""

    def __init__(self, bootstrap: str, topic: Topic) -> None:
        self._bootstrap, self._topic = bootstrap, topic
        self._runner = asyncio.Runner()
        self._partitions = [TopicPartition(topic.name, n) for n in range(topic.partitions)]
        self._next = dict.fromkeys(self._partitions, 0)
        self._consumer: Any = None  # aiokafka has no types

    def __enter__(self) -> "TopicReading":
        """Connect.

        Raises:
            StackError: no broker there, or no such topic.
        """
        self._runner.__enter__()
        try:
            self._consumer = self._run(self._started())
            self._next = self._run(self._consumer.beginning_offsets(self._partitions))
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
        """Disconnect."""
        self._runner.run(self._consumer.stop())
        self._runner.close()

    def left(self) -> int:
        """How many records have come since the last that was given out."""
        ends = self._run(self._consumer.end_offsets(self._partitions))
        return sum(ends[at] - self._next[at] for at in self._partitions)

    def rest(self) -> Iterator[Sequence[ConsumerRecord]]:
        """The records that are there now and were not given out yet, by the batch."""
        ends = self._run(self._consumer.end_offsets(self._partitions))
        while any(self._next[at] < ends[at] for at in self._partitions):
            fetched = self._run(self._consumer.getmany(timeout_ms=WAIT_MS))
            for at in self._partitions:
                self._next[at] = self._run(self._consumer.position(at))
            yield from fetched.values()

    async def _started(self) -> AIOKafkaConsumer:
        read_any_header_name()
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            enable_auto_commit=False,
            max_partition_fetch_bytes=FETCH_BYTES,
            isolation_level=ISOLATION,
        )
        try:
            await consumer.start()
            if self._topic.name not in await consumer.topics():  # it would be waited for for ever
                raise StackError(
                    f"Kafka at {self._bootstrap} has no topic {self._topic.name}: make it with "
                    "`quaymark topics`"
                )
            consumer.assign(self._partitions)
            await consumer.seek_to_beginning()
        except BaseException:
            await consumer.stop()
            raise
        return consumer

    def _run(self, asked: Coroutine[Any, Any, T]) -> T:
        try:
            return self._runner.run(asked)
        except (KafkaError, OSError, TimeoutError) as error:
            raise StackError(
                f"Kafka at {self._bootstrap}, topic {self._topic.name}: {error!r}; is it running, "
                "and are its topics made (`quaymark topics`)? QUAYMARK_KAFKA names its address"
            ) from error
