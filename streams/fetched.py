"""What a fetch brings, handed on as aiokafka's parser (in C) leaves it."""

from collections.abc import Iterator
from typing import Any, cast

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException

from streams.dead_letters import Record

__all__ = ["hand_on_as_parsed"]


def hand_on_as_parsed(topics: frozenset[str]) -> None:
    """Let every consumer of this process hand on records of these topics as they were parsed."""
    _ParsedRecords.whole = topics
    fetcher.PartitionRecords = _ParsedRecords


class _ParsedRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka has no types
    """What a fetch brought of a partition; of `whole` topics the records as they were parsed.

    aiokafka builds a dataclass with topic, partition and sizes for each record, one call of a
    generator, an iterator and a method a record: 3 of the 4 µs that parsing an event costs.
    """

    whole: frozenset[str] = frozenset()
    next_fetch_offset: int
    _records_iterator: Iterator[Any] | None

    def __iter__(self) -> Iterator[Any]:
        parsed = self._tp.topic in self.whole
        records = self._parsed() if parsed else self._records_iterator
        self._records_iterator = None  # it refers to this object: a cycle that only gc would free
        return cast(Iterator[Any], records)

    def _parsed(self) -> Iterator[Record]:
        while self._records.has_next():
            batch = self._records.next_batch()
            if self._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            if self._is_read(batch):
                first = self.next_fetch_offset
                records = list(batch)
                if records and records[0].offset < first:  # a batch comes whole, from its start
                    records = [record for record in records if record.offset >= first]
                yield from records
            self.next_fetch_offset = batch.next_offset

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
