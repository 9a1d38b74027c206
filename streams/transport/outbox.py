"""Records on their way to the broker; no source offset is committed past an unacknowledged one."""

import asyncio
from collections.abc import Awaitable, Callable

from faust.types.tuples import RecordMetadata

__all__ = ["Outbox"]

MAX_UNSENT = 256  # a stream never yields while batches wait: sends would pile up

Send = Callable[[str, bytes | None, bytes | None, int], Awaitable[Awaitable[RecordMetadata]]]
"""topic, key, value, partition -> once there is room: the acknowledgement to come."""


class Outbox:
    """What was sent and is not yet acknowledged.

    A failed record stays in it for good and blocks every later commit: its events come again.
    """

    def __init__(self, send: Send, acknowledge_seconds: float) -> None:
        """A broker may restart within so many seconds; after that the worker must."""
        self._send, self._seconds = send, acknowledge_seconds
        self._unsent: set[asyncio.Future[RecordMetadata]] = set()

    def __len__(self) -> int:
        return len(self._unsent)

    async def put(
        self, topic: str, key: bytes | None, value: bytes | None, partition: int
    ) -> asyncio.Future[RecordMetadata]:
        """Send one record; waits while too many are under way.

        Raises:
            aiokafka.errors.KafkaError: an earlier record failed for good.
        """
        while len(self._unsent) >= MAX_UNSENT:
            done, _ = await asyncio.wait(self._unsent, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                future.result()
            await asyncio.sleep(0)  # lets the callbacks of the finished ones run
        future = asyncio.ensure_future(await self._send(topic, key, value, partition))
        self._unsent.add(future)
        future.add_done_callback(self._settle)
        return future

    def _settle(self, future: asyncio.Future[RecordMetadata]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._unsent.discard(future)

    async def drained(self) -> None:
        """Wait until all that is under way is acknowledged.

        Raises:
            TimeoutError: the broker took too long.
            aiokafka.errors.KafkaError: a record was lost; its events must come again.
        """
        if not self._unsent:
            return
        # not gather: whoever cancels us, as a rebalance does, would cancel the sends for good
        done, late = await asyncio.wait(
            set(self._unsent), timeout=self._seconds, return_when=asyncio.FIRST_EXCEPTION
        )
        for future in done:
            future.result()
        if late:
            raise TimeoutError(
                f"Kafka acknowledged {len(done)} of {len(done | late)} records in "
                f"{self._seconds:g} s; start the worker again: it waits for Kafka and reads on "
                "from its last commit"
            )
