"""The time as of which KPIs are computed: now, or for a run the time of its newest event."""

from collections.abc import Callable, Collection
from datetime import datetime

from kpis.past.as_of import newest
from kpis.target.target_progress import Measured

__all__ = ["BookClock"]


class BookClock:
    """The time as of which KPIs are computed.

    For the live books it is now.  For a run it is the time of the newest event in its books: pace
    and forecast are then those of the replayed day, whatever the speed of the replay, and the same
    after a restart and on any number of workers.
    """

    def __init__(self, now: Callable[[], datetime], run: str) -> None:
        self._now: Callable[[], datetime] | None = None if run else now

    def __call__(self, books: Collection[Measured]) -> datetime | None:
        """Return the time for the books of one partition; None for a run's without an event."""
        return newest(books) if self._now is None else self._now()
