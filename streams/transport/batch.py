"""A batch: the records of one partition in one fetch, which are one event to Faust."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from faust.serializers.schemas import Schema
from faust.types import Message

from broker.record_batch import RecordBatch
from contract.record import Record

__all__ = ["BatchSchema", "Chunk", "FetchedBatch", "newest_by_key"]

OFFSET, KEY, FOLLOWING = map(attrgetter, ("offset", "key", "following"))


class Chunk:
    """Record batches that are booked together; iterating yields their records."""

    def __init__(self, batches: Sequence[RecordBatch]) -> None:
        self._batches = batches
        self._found: tuple[RecordBatch, list[Record]] | None = None
        self.keys = Counter[bytes | None]()
        """Key -> how many records have it, of the records last iterated."""
        self.received_ms: int | None = None
        """When Kafka got the first record, in milliseconds since 1970; None without records."""

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
        """Return the record at an offset of the chunk."""
        batch = self._batches[bisect_right(self._batches, offset, key=FOLLOWING)]
        if self._found is None or self._found[0] is not batch:
            self._found = batch, batch.records()
        records = self._found[1]
        return records[bisect_left(records, offset, key=OFFSET)]


class FetchedBatch:
    """The records of one partition in one fetch.

    Its offset is committed only once it is `done`.  Faust's own acknowledgement is not enough: a
    stream that is stopped or cancelled acknowledges its current event, booked or not.
    """

    __slots__ = ("_batches", "done", "first")

    def __init__(self, batches: list[RecordBatch]) -> None:
        self._batches = batches
        self.first = batches[0].first
        """Offset of the first record that is not booked yet."""
        self.done = False

    def records(self) -> list[Record]:
        """Return all records."""
        return list(Chunk(self._take()))

    def chunks(self, most: int) -> Iterator[Chunk]:
        """Yield chunks of at most `most` offsets, or of one record batch if that has more.

        When the next chunk is requested, the one before counts as booked.
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
        """Return the record batches and release them; this object lives until the commit."""
        batches, self._batches = self._batches, []
        return batches


class BatchSchema(Schema[None, Any]):
    """A schema that passes the batch on undecoded."""

    def loads_key(self, app: Any, message: Message, **_: Any) -> None:
        """Return no key: each record of the batch has its own."""

    def loads_value(self, app: Any, message: Message, **_: Any) -> Any:
        """Return the batch."""
        return message.value


def newest_by_key(batch: Iterable[Any]) -> dict[bytes, bytes | None]:
    """Return key -> newest value, None if it was deleted: what compaction would leave.

    Most small blobs of a live port are deleted within the fetch that brings them.  Without reading
    those, the recovery of a year that was never compacted takes 9 s instead of 40.
    """
    return {record.key: record.value for record in batch}
