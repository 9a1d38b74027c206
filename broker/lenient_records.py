"""Records with a header whose name is not UTF-8: Kafka takes them, aiokafka can't read them.

Such a name, in Latin-1 say, is the sender's mistake, and hardly ever of any concern to us.  What
is beyond ASCII in it becomes a question mark, and the record is as good as any.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

__all__ = ["read_any_header_name", "records_of"]

LENGTH, REST = slice(8, 12), 12  # of a record batch: its length, and the bytes not counted by it


def records_of(batch: memoryview) -> list[Any]:
    """The records of a record batch, as aiokafka's parser (in C) leaves them."""
    try:
        return list(DefaultRecordBatch(batch))
    except UnicodeDecodeError:
        return list(_LenientBatch(batch))


def read_any_header_name() -> None:
    """Let every consumer of this process read such records."""
    fetcher.MemoryRecords = _Fetch
    fetcher.PartitionRecords = _PartitionRecords


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # aiokafka has no types
    """aiokafka's parser in Python, which mends a record's names and reads it again."""

    _buffer: bytearray
    _pos: int

    def _read_msg(self) -> Any:
        try:
            return super()._read_msg()
        except UnicodeDecodeError:
            for name in self._names():
                ascii_ = self._buffer[name].decode("ascii", "replace").replace("\ufffd", "?")
                self._buffer[name] = ascii_.encode()
            return super()._read_msg()

    def _names(self) -> Iterator[slice]:
        """Where the names of the record at hand are."""
        _, at = decode_varint(self._buffer, self._pos)  # its length
        at += 1  # attributes
        for _ in "timestamp", "offset":
            _, at = decode_varint(self._buffer, at)
        for _ in "key", "value":
            at = self._behind(at)
        headers, at = decode_varint(self._buffer, at)
        for _ in range(headers):
            length, at = decode_varint(self._buffer, at)
            yield slice(at, at + length)
            at = self._behind(at + length)

    def _behind(self, at: int) -> int:
        """Behind the bytes that stand here, and their length before them; -1 for none."""
        length, at = decode_varint(self._buffer, at)
        return int(at + max(length, 0))


class _Fetch(MemoryRecords):  # type: ignore[misc]
    """What a fetch brought of a partition; it knows the bytes of the batch at hand."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.batch = self._left = memoryview(raw)

    def next_batch(self) -> Any:
        """The next one, None behind the last."""
        size = REST + int.from_bytes(self._left[LENGTH])
        self.batch, self._left = self._left[:size], self._left[size:]
        return super().next_batch()


class _PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    _records: _Fetch
    _records_iterator: Iterator[Any] | None
    next_fetch_offset: int

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except UnicodeDecodeError:
            self._records_iterator = chain(self._again(), self._unpack_records())
            return super().__next__()

    def _again(self) -> Iterator[Any]:
        """The records of the batch at hand that did not come yet."""
        batch = _LenientBatch(self._records.batch)
        for record in batch:
            if record.offset >= self.next_fetch_offset:
                self.next_fetch_offset = record.offset + 1
                yield self._consumer_record(self._tp, record)
        self.next_fetch_offset = batch.next_offset
