"""How fast history goes by: N of its seconds in one of ours, or as fast as it goes; and pauses."""

import asyncio
from collections.abc import Callable
from pathlib import Path

LOOK_SECONDS = 0.2  # between two looks whether a pause is over
STEP_SECONDS = 0.05  # what is due within a step leaves together


class Pace:
    """Holds a replay back; `clock` gives seconds that only grow, `paused` is a file.

    The replay rests as long as the file is there.
    """

    def __init__(
        self, speed: float | None, clock: Callable[[], float], paused: Path | None = None
    ) -> None:
        self._speed, self._clock, self._paused = speed, clock, paused
        self._origin: float | None = None
        self._due_ms = 0.0
        """Records sent up to then need not wait."""
        self.rested = 0.0
        """Seconds spent in pauses."""

    @property
    def is_slow(self) -> bool:
        """Whether it holds anything back."""
        return self._speed is not None

    def is_due(self, timestamp_ms: int) -> bool:
        """Whether a record may go without asking `until`."""
        return self._speed is None or timestamp_ms <= self._due_ms

    async def until(self, timestamp_ms: int) -> None:
        """Wait until a moment of history has come."""
        if self._speed is None:
            return
        if self._origin is None:
            self._origin = self._clock() - self.rested - timestamp_ms / 1000 / self._speed
        while True:
            await self.rest()
            now = self._clock() - self.rested - self._origin
            ahead = timestamp_ms / 1000 / self._speed - now
            if ahead <= 0:
                self._due_ms = max(self._due_ms, (now + STEP_SECONDS) * self._speed * 1000)
                return
            await asyncio.sleep(min(ahead, LOOK_SECONDS))

    async def rest(self) -> None:
        """Wait while the replay is paused."""
        if self._paused is None or not self._paused.exists():
            return
        since = self._clock()
        while self._paused.exists():  # noqa: ASYNC110  # another process removes it
            await asyncio.sleep(LOOK_SECONDS)
        self.rested += self._clock() - since
