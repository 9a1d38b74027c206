"""Which keys are on the wrong partition, and that long keys are not cached."""

import tracemalloc
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

from broker.record_batch import RecordBatch
from streams.agents.misrouted import MisroutedRecords
from streams.transport.batch import Chunk

NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)
LONG = 20_000  # bytes


class OneRecord:
    """A record batch of one record, of which the key alone matters."""

    def __init__(self, key: bytes) -> None:
        self._record = SimpleNamespace(key=key, offset=0, timestamp=0)

    def records(self) -> list[SimpleNamespace]:
        return [self._record]


def right_partitions(misrouted: MisroutedRecords, key: bytes) -> list[int]:
    """The partitions on which a key is not misrouted."""
    chunk = Chunk([cast(RecordBatch, OneRecord(key))])
    assert len(list(chunk)) == 1  # iterated: its keys are counted
    return [partition for partition in range(4) if not misrouted.among(partition, chunk, NOW)]


def test_a_long_key_belongs_to_the_partition_of_the_part_before_its_bar() -> None:
    misrouted = MisroutedRecords()

    (short,) = right_partitions(misrouted, b"/tonghai/THE")

    assert right_partitions(misrouted, b"/tonghai/THE|" + b"x" * LONG) == [short]


def test_a_long_key_is_not_kept() -> None:
    misrouted = MisroutedRecords()
    right_partitions(misrouted, b"/tonghai/THE")
    tracemalloc.start()
    try:
        for n in range(30):
            right_partitions(misrouted, b"/tonghai/THE|%d" % n + b"x" * LONG)
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most > LONG
    assert kept < 5 * LONG
