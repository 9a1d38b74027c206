"""A table of bytes: RocksDB or a dict locally, and a compacted changelog on Kafka."""

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
"""Kafka configuration of every changelog; Faust itself sets that it is compacted."""

SMALL_ROCKS = {  # for thousands of keys; Faust's defaults reserve 2 GB of cache a partition
    "write_buffer_size": 4 << 20,
    "max_write_buffer_number": 2,
    "target_file_size_base": 4 << 20,
    "block_cache_size": 8 << 20,
    "block_cache_compressed_size": 4 << 20,
}


def _forget_nothing(_: set[int]) -> None:
    """Do nothing: the agent keeps no state beside the table."""


async def _rebuild_nothing(_: set[int]) -> None:
    """Do nothing: the agent keeps no state beside the table."""


class StateTable:
    """Key -> bytes, by the partition of the event that is being handled."""

    def __init__(
        self,
        app: WorkerApp,
        name: str,
        source: Topic,
        forget: Callable[[set[int]], None] = _forget_nothing,
        recovered: Callable[[set[int]], Awaitable[None]] = _rebuild_nothing,
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
        """Return the value of a key, on the partition of the current event; None without one."""
        value: bytes | None = self.table.get(key)
        return value

    async def put(self, partition: int, key: bytes, value: bytes) -> None:
        """Write a value locally and to the changelog; the commit waits for its acknowledgement.

        `table[key] = value` would send it from a buffer of Faust's, which has no back-pressure and
        reports no failure.
        """
        self.table.data[key] = value
        sent = await self._outbox.put(self._changelog, key, value, partition)
        sent.add_done_callback(partial(self._remember, TP(self._changelog, partition)))

    def _remember(self, tp: TP, sent: asyncio.Future[RecordMetadata]) -> None:
        """Note the offset up to which the local store is complete; recovery begins there."""
        if not sent.cancelled() and sent.exception() is None:
            self.table.data.set_persisted_offset(tp, sent.result().offset)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield all keys and values of the partitions of this worker."""
        yield from self.table.items()
