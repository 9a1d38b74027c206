"""A batch: what one fetch brought of one partition, which is one event to Faust."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from faust.serializers.schemas import Schema
from faust.types import Message

from broker.record_batch import RecordBatch
from contract.record import Record

__all__ = ["BatchSchema", "Chunk", "FetchedBatch"]

OFFSET, KEY, FOLLOWING = map(attrgetter, ("offset", "key", "following"))


class Chunk:
    """Record batches that are booked together; iterated, their records one after the other."""

    def __init__(self, batches: Sequence[RecordBatch]) -> None:
        self._batches = batches
        self._found: tuple[RecordBatch, list[Record]] | None = None
        self.keys = Counter[bytes | None]()
        """Of the records as they were last iterated, and how often each came."""
        self.received_ms: int | None = None
        """When Kafka got the first of those, milliseconds since 1970; None: there is none."""

    def __iter__(self) -> Iterator[Record]:
        return chain.from_iterable(self._unpacked())

    def _unpacked(self) -> Iterator[list[Record]]:
        self.keys.clear()
        for batch in self._batches:
            records = batch.records()
            self.keys.update(map(KEY, records))
            if self.received_ms is None and records:
                self.received_ms = records[0].timestamp
            yield records

    def at(self, offset: int) -> Record:
        """The record of this offset, which is one of them."""
        batch = self._batches[bisect_right(self._batches, offset, key=FOLLOWING)]
        if self._found is None or self._found[0] is not batch:
            self._found = batch, batch.records()
        records = self._found[1]
        return records[bisect_left(records, offset, key=OFFSET)]


class FetchedBatch:
    """What one fetch brought of one partition.

    Its offset is committed only once it is `done`.  That Faust calls its event acknowledged is not
    enough: a stream that is stopped or cancelled acknowledges the event at hand, booked or not.
    """

    __slots__ = ("_batches", "done", "first")

    def __init__(self, batches: list[RecordBatch]) -> None:
        self._batches = batches
        self.first = batches[0].first
        """Offset of the first record that is not booked yet."""
        self.done = False

    def records(self) -> list[Record]:
        """All records."""
        return list(Chunk(self._take()))

    def chunks(self, most: int) -> Iterator[Chunk]:
        """Its records in portions of at most so many offsets, or one record batch that has more.

        Whoever asks for the next one has booked the one before.
        """
        chunk: list[RecordBatch] = []
        for batch in self._take():
            if chunk and batch.following - self.first > most:
                yield Chunk(chunk)
                chunk = []
            if not chunk:
                self.first = batch.first
            chunk.append(batch)
        yield Chunk(chunk)

    def _take(self) -> list[RecordBatch]:
        """What it holds, which is not kept: the batch itself is, until it is committed."""
        batches, self._batches = self._batches, []
        return batches


class BatchSchema(Schema[None, Any]):
    """Hands the batch through undecoded."""

    def loads_key(self, app: Any, message: Message, **_: Any) -> None:
        """No key: each record of the batch has its own."""

    def loads_value(self, app: Any, message: Message, **_: Any) -> Any:
        """The batch."""
        return message.value
