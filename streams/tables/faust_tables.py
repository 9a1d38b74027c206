"""Faust tables that tell their desk which partitions went, and when those held are recovered."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from faust.stores import memory
from faust.tables.table import Table
from faust.types import TP

from streams.app_type import WorkerApp
from streams.tables.local_store import LocalStore

__all__ = ["FaustStateTable", "JournalTable"]


class _Watched(Table[bytes, bytes]):
    """A table that tells its desk which partitions went, and when those held are recovered."""

    app: WorkerApp
    forget: Callable[[set[int]], None]
    """partitions that went to another worker, or are to be read from their start."""
    recovered: Callable[[set[int]], Awaitable[None]]
    """partitions held now, their changelogs read to the end."""

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Forget what went, and what comes anew."""
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)
        gone = {tp for tp in revoked | newly_assigned if tp.topic == self.changelog_topic_name}
        self.forget({tp.partition for tp in gone})
        for tp in gone:
            # Faust skips its own revoke when one rebalance follows on another; a partition that
            # comes back would then be read from the middle of its changelog.
            self.app.table_recovery.revoke(tp)

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Tell the desk."""
        await super().on_recovery_completed(active_tps, standby_tps)
        await self.recovered({tp.partition for tp in active_tps})


class FaustStateTable(_Watched):
    """A table of bytes with a store in front of its changelog."""

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
    """The rows live in the ledgers, not in a dict of blobs."""

    def apply_changelog_batch(self, batch: Iterable[Any], to_key: Any, to_value: Any) -> None:
        """Nothing: the consumer has fed the ledgers already."""


class JournalTable(_Watched):
    """A changelog without a store: `load` gets its records in recovery, the outbox writes it."""

    load: Callable[[int, bytes, bytes | None], None]
    """partition, key, value: one record of the changelog."""

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
