"""As of when the books are read: now, or a run's own time, which its events push forward."""

from collections.abc import Callable
from datetime import datetime

__all__ = ["BookClock"]


class BookClock:
    """The moment as of which KPIs are measured.

    The live books are read as of now.  A run's are read as of the newest event that they hold: its
    pace and its forecast are then those of the replayed day, however fast days go by.
    """

    def __init__(self, now: Callable[[], datetime], run: str) -> None:
        self._now: Callable[[], datetime] | None = None if run else now
        self._newest: datetime | None = None

    def see(self, at: datetime | None) -> None:
        """An event of that time is in the books; a run's clock never goes back."""
        if at is not None and (self._newest is None or at > self._newest):
            self._newest = at

    def __call__(self) -> datetime | None:
        """The moment; None for a run that holds no event yet."""
        return self._newest if self._now is None else self._now()
