"""A Faust table of bytes: RocksDB or a dict in front of a compacted changelog."""

from collections.abc import Awaitable, Callable, Iterator

from contract.topics import COMPACTION, Topic
from streams.app_type import WorkerApp
from streams.tables import DurableTable

__all__ = ["CHANGELOG", "Shelf"]

CHANGELOG = {name: value for name, value in COMPACTION.items() if name != "cleanup.policy"}
"""Kafka configuration of every changelog; that it is compacted Faust says itself."""

SMALL_ROCKS = {  # thousands of keys: Faust's defaults reserve 2 GB of cache a partition
    "write_buffer_size": 4 << 20,
    "max_write_buffer_number": 2,
    "target_file_size_base": 4 << 20,
    "block_cache_size": 8 << 20,
    "block_cache_compressed_size": 4 << 20,
}


def _nothing_kept(_: set[int]) -> None:
    """The desk holds nothing beside its shelf."""


async def _nothing_to_rebuild(_: set[int]) -> None:
    """The desk holds nothing beside its shelf."""


class Shelf:
    """key -> bytes by partition of the source topic; written while an event is at hand."""

    def __init__(
        self,
        app: WorkerApp,
        name: str,
        source: Topic,
        forget: Callable[[set[int]], None] = _nothing_kept,
        recovered: Callable[[set[int]], Awaitable[None]] = _nothing_to_rebuild,
    ) -> None:
        rocks = str(app.conf.store).startswith("rocksdb")
        self.table = DurableTable(
            app,
            name=name,
            partitions=source.partitions,
            key_type=bytes,
            value_type=bytes,
            extra_topic_configs=CHANGELOG,
            options=SMALL_ROCKS if rocks else None,
        )
        self.table.forget, self.table.recovered = forget, recovered
        app.tables.add(self.table)

    def get(self, key: bytes) -> bytes | None:
        """What lies at a key of the partition at hand."""
        value: bytes | None = self.table.get(key)
        return value

    def put(self, key: bytes, value: bytes) -> None:
        """Write through to the changelog; the commit waits for its acknowledgement."""
        self.table[key] = value

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys of the partitions that this worker holds."""
        yield from self.table.items()
