"""Faust tables that report lost partitions and the end of a recovery to their agent."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from faust.stores import memory
from faust.tables.table import Table
from faust.types import TP

from streams.app_type import WorkerApp
from streams.tables.local_store import LocalStore

__all__ = ["FaustStateTable", "JournalTable"]


class _ReportingTable(Table[bytes, bytes]):
    """A table that reports lost partitions and the end of a recovery to its agent."""

    app: WorkerApp
    forget: Callable[[set[int]], None]
    """Is called with partitions that another worker got, or that are read from their start."""
    recovered: Callable[[set[int]], Awaitable[None]]
    """Is called with the partitions of this worker, once their changelogs are read to the end."""

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Report partitions that were revoked or are newly assigned."""
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)
        gone = {tp for tp in revoked | newly_assigned if tp.topic == self.changelog_topic_name}
        self.forget({tp.partition for tp in gone})
        for tp in gone:
            # Faust skips its own revoke if one rebalance directly follows another; a partition
            # that comes back would then be read from the middle of its changelog.
            self.app.table_recovery.revoke(tp)

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Report the partitions that are recovered."""
        await super().on_recovery_completed(active_tps, standby_tps)
        await self.recovered({tp.partition for tp in active_tps})


class FaustStateTable(_ReportingTable):
    """A table of bytes with a local store and a changelog."""

    def _new_store_by_url(self, url: Any) -> Any:
        if not str(url).startswith("rocksdb:"):
            return super()._new_store_by_url(url)
        return LocalStore(
            url,
            self.app,
            self,
            table_name=self.name,
            key_type=self.key_type,
            value_type=self.value_type,
            key_serializer=self.key_serializer,
            value_serializer=self.value_serializer,
            loop=self.loop,
            options=self.options,
        )


class _NoStore(memory.Store[bytes, bytes]):
    """A store that keeps nothing: the ledgers hold the rows."""

    def apply_changelog_batch(self, batch: Iterable[Any], to_key: Any, to_value: Any) -> None:
        """Do nothing: the consumer has already handed the records to the ledgers."""


class JournalTable(_ReportingTable):
    """A changelog without a store: recovery calls `load`, and the outbox writes records."""

    load: Callable[[int, bytes, bytes | None], None]
    """Is called with partition, key and value of each record of the changelog."""

    def _new_store(self) -> _NoStore:
        return _NoStore(
            "memory://",
            self.app,
            self,
            table_name=self.name,
            key_type=bytes,
            value_type=bytes,
            loop=self.loop,
        )
