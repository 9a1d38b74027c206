"""Raw topics read day by day, each partition in its order, in bounded memory."""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from archive.filing import FiledRecord, filed
from archive.manifest import OffsetSpan
from broker.lenient_records import read_any_header_name
from contract.errors import StackError
from contract.record import ConsumerRecord
from contract.topics import ISOLATION, MOVES, Topic

FETCH_BYTES = 4 << 20
WAIT_MS = 500
MOST_RECORDS = 50_000  # of a partition in one stretch: a year loaded on one day is many of them


DAILY = frozenset({MOVES.name})
"""Topics filed by day; the others have a few records a week, and a file of their own by month."""


class Stretch(NamedTuple):
    """Records of a topic that are filed under one day, partition after partition.

    A day of very many records is several stretches.
    """

    topic: str
    day: date
    records: list[ConsumerRecord]
    spans: dict[int, OffsetSpan]


class TopicReader:
    """A connection that reads topics up to the ends that they had when it was made."""

    def __init__(self, kafka: str, prefix: str = "") -> None:
        self._kafka, self._prefix = kafka, prefix
        self._consumer: Any = None  # aiokafka has no types

    async def __aenter__(self) -> Self:
        read_any_header_name()
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._kafka,
            enable_auto_commit=False,
            max_partition_fetch_bytes=FETCH_BYTES,
            isolation_level=ISOLATION,
        )
        try:
            await self._consumer.start()
        except (KafkaError, OSError) as error:
            await self._consumer.stop()
            raise StackError(
                f"no Kafka at {self._kafka} ({error}): start it, or let QUAYMARK_KAFKA name it"
            ) from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._consumer.stop()

    async def days(
        self,
        topic: Topic,
        reached: Mapping[int, OffsetSpan],
        since_ms: int | None = None,
        *,
        monthly: bool | None = None,
    ) -> AsyncIterator[Stretch]:
        """The days of a topic, from where its spans end, up to its end of now.

        Whether they are whole months is the topic's own habit unless it is said.

        `since_ms` lets a partition without a span begin at the first record sent since then.

        Raises:
            StackError: the topic is not there, or it ends before what was read of it already.
        """
        name = topic.under(self._prefix).name
        partitions = [TopicPartition(name, number) for number in range(topic.partitions)]
        try:
            if name not in await self._consumer.topics():
                raise StackError(
                    f"Kafka at {self._kafka} has no topic {name}: `quaymark topics` makes ours"
                )
            self._consumer.assign(partitions)
            begin = await self._consumer.beginning_offsets(partitions)
            end = await self._consumer.end_offsets(partitions)
            if since_ms is not None:
                later = await self._consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
                begin |= {tp: found.offset if found else end[tp] for tp, found in later.items()}
            readers = []
            for tp in partitions:
                span = reached.get(tp.partition)
                if span is not None and end[tp] < span.end:
                    raise StackError(
                        f"{name}, partition {tp.partition}, ends at offset {end[tp]}, but was "
                        f"read up to {span.end} before: it was made anew since; begin anew, too"
                    )
                first = span.end if span is not None else begin[tp]
                self._consumer.seek(tp, first)
                newest = 0 if span is None else span.newest
                if monthly is None:
                    monthly = topic.name not in DAILY
                readers.append(_Partition(self._consumer, tp, (first, end[tp]), newest, monthly))
            async for stretch in _by_day(topic.name, readers):
                yield stretch
        except (KafkaError, OSError) as error:
            raise StackError(
                f"Kafka at {self._kafka}, topic {name}: {error!r}; is it running, and are its "
                "topics made (`quaymark topics`)?"
            ) from error


class _Partition:
    """One partition, read a fetch at a time."""

    def __init__(
        self,
        consumer: Any,
        tp: TopicPartition,
        bounds: tuple[int, int],
        newest: int,
        monthly: bool,
    ) -> None:
        self._consumer, self._tp, self._monthly = consumer, tp, monthly
        (self._first, self._end), self._newest = bounds, newest
        self._fetched: list[FiledRecord] = []
        self._at = 0

    @property
    def number(self) -> int:
        return int(self._tp.partition)

    async def next_day(self) -> date | None:
        """The day of its next record; None at its end."""
        while self._at == len(self._fetched):
            if await self._consumer.position(self._tp) >= self._end:
                return None
            found = await self._consumer.getmany(self._tp, timeout_ms=WAIT_MS)
            records = [r for r in found.get(self._tp, ()) if r.offset < self._end]
            self._fetched, self._at = list(filed(records, self._newest, monthly=self._monthly)), 0
            if records:
                self._newest = self._fetched[-1].newest
            elif found:
                return None
        return self._fetched[self._at].day

    async def take(self, day: date) -> tuple[list[ConsumerRecord], OffsetSpan | None]:
        """Its next records of a day, and their span; none if it has no more of it."""
        taken: list[ConsumerRecord] = []
        newest = 0
        while len(taken) < MOST_RECORDS and await self.next_day() == day:
            while self._at < len(self._fetched) and self._fetched[self._at].day == day:
                _, record, newest = self._fetched[self._at]
                taken.append(record)
                self._at += 1
        if not taken:
            return taken, None
        first, self._first = self._first, taken[-1].offset + 1
        return taken, OffsetSpan(first, self._first, newest, len(taken))


async def _by_day(topic: str, partitions: list[_Partition]) -> AsyncIterator[Stretch]:
    while True:
        days = [day for p in partitions if (day := await p.next_day()) is not None]
        if not days:
            return
        day = min(days)
        records: list[ConsumerRecord] = []
        spans: dict[int, OffsetSpan] = {}
        for partition in partitions:
            taken, span = await partition.take(day)
            if span is not None:
                records += taken
                spans[partition.number] = span
        yield Stretch(topic, day, records, spans)
