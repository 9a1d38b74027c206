"""What a fetch brings: record batches, kept compressed as their producers sent them until read.

A record batch is what a producer sent at once: some hundred events in a few KiB.  Unpacked when
it is its turn, each event is decoded while its bytes are still in the processor's cache, and the
batches that wait take a twelfth of the memory.
"""

from collections.abc import Iterator
from typing import Any, cast

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.memory_records import MemoryRecords

from broker.lenient_records import records_of
from contract.record import Record

__all__ = ["RecordBatch", "hand_on_unread"]

# of a record batch (message format 2, the only one since Kafka 4)
LENGTH, REST = slice(8, 12), 12  # bytes of its length, and how many that does not count
NOWHERE = -1  # in place of an offset: no position is there


class RecordBatch:
    """The records of one partition that were sent at once, from `first` on."""

    __slots__ = ("_raw", "first", "following")

    def __init__(self, raw: memoryview, first: int, following: int) -> None:
        self._raw = raw
        self.first = first
        """Offset of the first record that is wanted."""
        self.following = following
        """Offset behind the last record, also if compaction took that."""

    def records(self) -> list[Record]:
        """Its records as aiokafka's parser (in C) leaves them; unpacked anew each time."""
        records: list[Record] = records_of(self._raw)
        if records and records[0].offset < self.first:  # it comes whole, whatever was asked for
            records = [record for record in records if record.offset >= self.first]
        return records


def hand_on_unread(topics: frozenset[str]) -> None:
    """Let every consumer of this process hand on record batches of these topics, unread."""
    _PartitionRecords.unread = topics
    fetcher.MemoryRecords = _Fetch
    fetcher.PartitionRecords = _PartitionRecords


class _Fetch(MemoryRecords):  # type: ignore[misc]  # aiokafka has no types
    """What a fetch brought of a partition, and its bytes."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.raw = memoryview(raw)
        self.at = 0
        """Where the next record batch begins."""


class _PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka has no types
    """The same as aiokafka hands it on; of `unread` topics by record batches.

    aiokafka builds a dataclass with topic, partition and sizes for each record, one call of a
    generator, an iterator and a method a record: 3 of the 4 µs that parsing an event costs.
    """

    unread: frozenset[str] = frozenset()
    next_fetch_offset: int
    _records: _Fetch
    _records_iterator: Iterator[Any] | None

    def __iter__(self) -> Iterator[Any]:
        unread = self._tp.topic in self.unread
        records = self._batches() if unread else self._records_iterator
        self._records_iterator = None  # it refers to this object: a cycle that only gc would free
        return cast(Iterator[Any], records)

    def _batches(self) -> Iterator[RecordBatch]:
        records = self._records
        while records.has_next():
            batch, rest = records.next_batch(), records.raw[records.at :]
            if self._check_crcs and not batch.validate_crc():
                self.next_fetch_offset = NOWHERE  # aiokafka drops the rest, and fetches it again
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            size = REST + int.from_bytes(rest[LENGTH])
            first, following = max(batch.base_offset, self.next_fetch_offset), batch.next_offset
            records.at += size
            self.next_fetch_offset = following
            if self._is_read(batch) and first < following:
                yield RecordBatch(rest[:size], first, following)

    def _is_read(self, batch: Any) -> bool:
        """Whether it holds records, none of them of a transaction that was aborted.

        The broker names the aborted ones; of each what lies before its marker is passed over.
        """
        producer = batch.producer_id
        if self._isolation_level == fetcher.READ_COMMITTED and producer is not None:
            self._consume_aborted_up_to(batch.base_offset)
            if batch.is_control_batch and self._contains_abort_marker(batch):
                self._aborted_producers.discard(producer)
        aborted = batch.is_transactional and producer in self._aborted_producers
        return not (batch.is_control_batch or aborted)
