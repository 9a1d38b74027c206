"""A record batch, kept compressed as its producer sent it until its records are read.

A record batch is what a producer sent at once: some hundred events in a few KiB.  Unpacked when
it is its turn, each event is decoded while its bytes are still in the processor's cache, and the
batches that wait take a twelfth of the memory.
"""

from broker.lenient_batch import records_of
from contract.record import Record

__all__ = ["RecordBatch"]


class RecordBatch:
    """The records of one partition that were sent at once, from offset `first` on."""

    __slots__ = ("_raw", "first", "following")

    def __init__(self, raw: memoryview, first: int, following: int) -> None:
        self._raw = raw
        self.first = first
        """Offset of the first record that is wanted."""
        self.following = following
        """Offset behind the last record, even if compaction has removed that record."""

    def records(self) -> list[Record]:
        """Return the records as aiokafka's parser (in C) makes them; each call unpacks anew."""
        records: list[Record] = records_of(self._raw)
        if records and records[0].offset < self.first:  # Kafka sends a batch whole
            records = [record for record in records if record.offset >= self.first]
        return records
