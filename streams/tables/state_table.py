"""A Faust table of bytes: RocksDB or a dict in front of a compacted changelog."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from faust.types import TP
from faust.types.tuples import RecordMetadata

from contract.topics import COMPACTION, Topic
from streams.app_type import WorkerApp
from streams.tables.faust_tables import FaustStateTable

__all__ = ["CHANGELOG", "StateTable"]

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


class StateTable:
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
        self.table = FaustStateTable(
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
        self._outbox = app.outbox
        self._changelog: str = self.table.changelog_topic_name

    def get(self, key: bytes) -> bytes | None:
        """What lies at a key of the partition at hand."""
        value: bytes | None = self.table.get(key)
        return value

    async def put(self, partition: int, key: bytes, value: bytes) -> None:
        """Write here and to the changelog; the commit waits for its acknowledgement.

        Not by `table[key] = value`: Faust would send from a buffer of its own, which neither
        pushes back nor tells of a failure.
        """
        self.table.data[key] = value
        sent = await self._outbox.put(self._changelog, key, value, partition)
        sent.add_done_callback(partial(self._remember, TP(self._changelog, partition)))

    def _remember(self, tp: TP, sent: asyncio.Future[RecordMetadata]) -> None:
        """Note how far the local store is, so that recovery reads on from there."""
        if not sent.cancelled() and sent.exception() is None:
            self.table.data.set_persisted_offset(tp, sent.result().offset)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys of the partitions that this worker holds."""
        yield from self.table.items()
