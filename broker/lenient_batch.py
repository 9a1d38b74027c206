"""The records of a record batch, also those with a header whose name is not UTF-8.

Kafka takes such a record and aiokafka can't read it.  The name, in Latin-1 say, is the sender's
mistake and hardly ever matters here: each of its characters beyond ASCII becomes a question mark,
and the record is read like any other.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.util import decode_varint

__all__ = ["records_of"]


def records_of(batch: memoryview) -> list[Any]:
    """Return the records of a record batch as aiokafka's parser (in C) makes them."""
    try:
        return list(DefaultRecordBatch(batch))
    except UnicodeDecodeError:
        return list(_LenientBatch(batch))


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # aiokafka has no types
    """aiokafka's parser in Python; it mends the names of a record and then reads it again."""

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
        """Yield where in the buffer each header name of the current record lies."""
        _, at = decode_varint(self._buffer, self._pos)  # the record's length
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
        """Return the position behind the bytes whose length begins at `at`; -1 means no bytes."""
        length, at = decode_varint(self._buffer, at)
        return int(at + max(length, 0))
