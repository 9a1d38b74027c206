"""The Faust app with what this worker adds to it, as a type: hooks and agents meet here."""

from collections.abc import Callable
from typing import Any, Protocol, cast

import faust
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery

from streams.transport.outbox import Outbox

__all__ = ["BatchAgent", "WorkerApp"]


class BatchAgent(Protocol):
    """A table that reads its changelog by whole fetches."""

    def load(self, partition: int, key: bytes, value: bytes | None) -> None:
        """One record of its changelog."""


class WorkerApp(faust.App):
    """faust.App plus the outbox, and the topics and tables that are read by the batch."""

    outbox: Outbox
    batch_topics: frozenset[str]
    """Names of the source topics read by the batch."""
    prefix: str
    """What stands before the names of a run's topics; nothing for the live books."""
    fed_tables: dict[str, BatchAgent]
    """Changelog topic -> table."""

    on_crash: Callable[[], None]
    """Called as a crash begins, and perhaps again."""

    def _crash(self, reason: BaseException) -> None:
        # Seen with a broker gone for a minute: Faust's thread died as it closed its consumer, and
        # the worker waited for its end for ever.  Whoever listens here can put a term to it.
        self.on_crash()
        super()._crash(reason)

    @property
    def table_manager(self) -> TableManager:
        """Faust's tables; its interface type names less than hooks need."""
        return cast(TableManager, self.tables)

    @property
    def table_recovery(self) -> Recovery:
        """How far the tables are read back from their changelogs."""
        return self.table_manager.recovery

    async def send_now(
        self, topic: str, key: bytes | None, value: bytes | None, partition: int
    ) -> Any:
        """Hand a record to the producer; the acknowledgement to come."""
        return await self.producer.send(topic, key, value, partition, None, None)
