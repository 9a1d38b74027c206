"""A connection that broke, as uvloop tells of it: aiokafka takes that for a bug and gives up.

asyncio's transports raise OSError when they are written to after a reset, uvloop's RuntimeError.
aiokafka knows the first alone, so its sender ended for good and the worker with it: seen when a
line was torn in the middle of a send.
"""

from typing import Any

from aiokafka import conn
from aiokafka.errors import KafkaConnectionError

__all__ = ["take_as_broken"]


def take_as_broken() -> None:
    """Let every connection of this process take uvloop's word for a broken one."""
    conn.AIOKafkaConnection = _Connection


class _Connection(conn.AIOKafkaConnection):  # type: ignore[misc]  # aiokafka has no types
    def send(self, request: Any, expect_response: bool = True) -> Any:
        """The answer to come.

        Raises:
            KafkaConnectionError: the connection is broken; aiokafka tries again.
        """
        try:
            return super().send(request, expect_response)
        except RuntimeError as error:
            self.close(reason=conn.CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError(
                f"Connection at {self.host}:{self.port} broken: {error}"
            ) from error
