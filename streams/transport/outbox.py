"""The outbox: records sent and not acknowledged yet, past which no source offset is committed."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from faust.types.tuples import RecordMetadata

__all__ = ["Outbox"]

MAX_PENDING = 256  # a stream with batches never waits, so without a limit sends would pile up

Send = Callable[[str, bytes | None, bytes | None, int], Awaitable[Awaitable[RecordMetadata]]]
"""(topic, key, value, partition) -> the future of the acknowledgement, once there is room."""


class Outbox:
    """Records that were sent and are not acknowledged yet.

    A failed record stays in the outbox and blocks every later commit: its events are read again.
    """

    def __init__(self, send: Send, acknowledge_seconds: float) -> None:
        """`acknowledge_seconds`: how long a broker may take to restart before the worker ends."""
        self._send, self._seconds = send, acknowledge_seconds
        self._pending: dict[asyncio.Future[RecordMetadata], float] = {}
        """Record -> when it was sent, in seconds of the monotonic clock; the oldest first."""

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def oldest_seconds(self) -> float:
        """How long the oldest record has waited for its acknowledgement; 0 if none waits."""
        sent = next(iter(self._pending.values()), None)
        return 0.0 if sent is None else time.monotonic() - sent

    async def put(
        self, topic: str, key: bytes | None, value: bytes | None, partition: int
    ) -> asyncio.Future[RecordMetadata]:
        """Send one record; waits while `MAX_PENDING` are pending.

        Raises:
            aiokafka.errors.KafkaError: an earlier record failed, and retries are over.
        """
        while len(self._pending) >= MAX_PENDING:
            done, _ = await asyncio.wait(self._pending, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                future.result()
            await asyncio.sleep(0)  # lets the callbacks of finished records run
        future = asyncio.ensure_future(await self._send(topic, key, value, partition))
        self._pending[future] = time.monotonic()
        future.add_done_callback(self._settle)
        return future

    def _settle(self, future: asyncio.Future[RecordMetadata]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._pending.pop(future, None)

    async def drained(self) -> None:
        """Wait until all pending records are acknowledged.

        Raises:
            TimeoutError: the broker took too long.
            aiokafka.errors.KafkaError: a record was lost; its events must be read again.
        """
        if not self._pending:
            return
        # not gather: a cancellation, as by a rebalance, would cancel the sends too
        done, late = await asyncio.wait(
            set(self._pending), timeout=self._seconds, return_when=asyncio.FIRST_EXCEPTION
        )
        for future in done:
            future.result()
        if late:
            raise TimeoutError(
                f"Kafka acknowledged {len(done)} of {len(done | late)} records in "
                f"{self._seconds:g} s; start the worker again: it waits for Kafka and reads on "
                "from its last commit"
            )
