"""The type of the Faust app, with the attributes that this worker adds to it."""

from collections.abc import Callable
from typing import Any, Protocol, cast

import faust
import structlog
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery

from broker.rights import missing_right
from contract.kafka.rights import Operation
from contract.kafka.security import KafkaSecurity
from streams.transport.outbox import Outbox

__all__ = ["BatchAgent", "WorkerApp"]

log = structlog.get_logger()


class BatchAgent(Protocol):
    """A table that reads its changelog by whole fetches."""

    def load(self, partition: int, key: bytes, value: bytes | None) -> None:
        """Take one record of the changelog."""


class WorkerApp(faust.App):
    """faust.App with the outbox, and the topics and tables that are read in batches."""

    outbox: Outbox
    batch_topics: frozenset[str]
    """Names of the source topics that are read in batches."""
    prefix: str
    """The prefix of the topic names of a run; empty for the live books."""
    fed_tables: dict[str, BatchAgent]
    """Changelog topic -> the table that gets its records in recovery."""

    security: KafkaSecurity
    """How the worker logs in: its user is named where a right is lacking."""
    on_crash: Callable[[], None]
    """Is called when a crash begins, and perhaps again."""

    _is_told = False

    def unsent(self, error: BaseException) -> dict[str, object]:
        """Return the fields of a log line: how much was not sent, and why."""
        self._is_told = True
        lacking = missing_right(error, self.security, Operation.WRITE)
        return {"unacknowledged": len(self.outbox), "error": lacking or repr(error)}

    def _crash(self, reason: BaseException) -> None:
        lacking = missing_right(reason, self.security, Operation.READ)
        if lacking and not self._is_told:
            log.error("worker.denied", error=lacking)
            self._is_told = True
        # Seen after a broker was gone for a minute: Faust's thread died while it closed its
        # consumer, and the worker waited for the thread for ever.  The callback can limit that.
        self.on_crash()
        super()._crash(reason)

    @property
    def table_manager(self) -> TableManager:
        """Faust's table manager; the interface type lacks what the hooks need."""
        return cast(TableManager, self.tables)

    @property
    def table_recovery(self) -> Recovery:
        """The recovery of the tables from their changelogs."""
        return self.table_manager.recovery

    async def send_now(
        self, topic: str, key: bytes | None, value: bytes | None, partition: int
    ) -> Any:
        """Hand a record to the producer, and return the future of its acknowledgement."""
        return await self.producer.send(topic, key, value, partition, None, None)
