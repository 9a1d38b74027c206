"""The pace of a replay: N seconds of history in one second, or as fast as possible; pauses."""

import asyncio
from collections.abc import Callable
from pathlib import Path

CHECK_SECONDS = 0.2  # between two checks whether a pause is over
STEP_SECONDS = 0.05  # records that are due within one step are sent together


class Pace:
    """Slows a replay down; `clock` is a monotonic clock in seconds, `paused` is a file.

    The replay pauses while that file exists.
    """

    def __init__(
        self, speed: float | None, clock: Callable[[], float], paused: Path | None = None
    ) -> None:
        self._speed, self._clock, self._paused = speed, clock, paused
        self._origin: float | None = None
        self._due_ms = 0.0
        """Records with a timestamp up to this one need not wait."""
        self.paused_seconds = 0.0
        """Time spent in pauses."""

    @property
    def is_slow(self) -> bool:
        """Whether the replay is slowed down."""
        return self._speed is not None

    def is_due(self, timestamp_ms: int) -> bool:
        """Whether a record may be sent without waiting in `until`."""
        return self._speed is None or timestamp_ms <= self._due_ms

    async def until(self, timestamp_ms: int) -> None:
        """Wait until a time of history is due."""
        if self._speed is None:
            return
        if self._origin is None:
            self._origin = self._clock() - self.paused_seconds - timestamp_ms / 1000 / self._speed
        while True:
            await self.wait_while_paused()
            now = self._clock() - self.paused_seconds - self._origin
            ahead = timestamp_ms / 1000 / self._speed - now
            if ahead <= 0:
                self._due_ms = max(self._due_ms, (now + STEP_SECONDS) * self._speed * 1000)
                return
            await asyncio.sleep(min(ahead, CHECK_SECONDS))

    async def wait_while_paused(self) -> None:
        """Wait while the replay is paused."""
        if self._paused is None or not self._paused.exists():
            return
        since = self._clock()
        while self._paused.exists():  # noqa: ASYNC110  # another process removes it
            await asyncio.sleep(CHECK_SECONDS)
        self.paused_seconds += self._clock() - since
