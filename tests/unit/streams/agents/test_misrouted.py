"""Which keys are out of place, and that none of them stays because it is long."""

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


def homes(strays: MisroutedRecords, key: bytes) -> list[int]:
    """The partitions where a key is not out of place."""
    chunk = Chunk([cast(RecordBatch, OneRecord(key))])
    assert len(list(chunk)) == 1  # iterated: its keys are counted
    return [partition for partition in range(4) if not strays.among(partition, chunk, NOW)]


def test_a_long_key_has_one_home_that_of_what_stands_before_its_bar() -> None:
    strays = MisroutedRecords()

    (short,) = homes(strays, b"/tonghai/THE")

    assert homes(strays, b"/tonghai/THE|" + b"x" * LONG) == [short]


def test_a_long_key_is_not_kept() -> None:
    strays = MisroutedRecords()
    homes(strays, b"/tonghai/THE")
    tracemalloc.start()
    try:
        for n in range(30):
            homes(strays, b"/tonghai/THE|%d" % n + b"x" * LONG)
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most > LONG
    assert kept < 5 * LONG
