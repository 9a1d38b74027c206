"""A connection that broke, as uvloop tells of it, or fell silent: aiokafka sees neither.

asyncio's transports raise OSError when they are written to after a reset, uvloop's RuntimeError.
aiokafka knows the first alone, so its sender ended for good and the worker with it: seen when a
line was torn in the middle of a send.

A broker that hangs (stopped, swapping) keeps its connections, and an answer is awaited for 90 s.
"""

import time
from typing import Any

from aiokafka import conn
from aiokafka.errors import KafkaConnectionError

__all__ = ["take_as_broken"]


def take_as_broken() -> None:
    """Let every connection of this process take uvloop's word for a broken one."""
    conn.AIOKafkaConnection = _Connection


class _Connection(conn.AIOKafkaConnection):  # type: ignore[misc]  # aiokafka has no types
    @property
    def silent_seconds(self) -> float:
        """For how long it has owed an answer; 0 if none is due."""
        return time.monotonic() - self._last_action if self._requests else 0.0

    def send(self, request: Any, expect_response: bool = True) -> Any:
        """The answer to come.

        Raises:
            KafkaConnectionError: the connection is broken; aiokafka tries again.
        """
        if not self._requests:
            self._last_action = time.monotonic()  # aiokafka notes answers: silence begins here
        try:
            return super().send(request, expect_response)
        except RuntimeError as error:
            self.close(reason=conn.CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError(
                f"Connection at {self.host}:{self.port} broken: {error}"
            ) from error
