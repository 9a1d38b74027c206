"""As of when the books are read: now, or a run's own time, which is in its books."""

from collections.abc import Callable, Collection
from datetime import datetime

from kpis.past.as_of import newest
from kpis.target.target_progress import Measured

__all__ = ["BookClock"]


class BookClock:
    """The moment as of which KPIs are measured.

    The live books are read as of now.  A run's are read as of the newest event that stands in
    them: its pace and its forecast are then those of the replayed day, however fast days go by,
    and the same after a restart and on any number of workers.
    """

    def __init__(self, now: Callable[[], datetime], run: str) -> None:
        self._now: Callable[[], datetime] | None = None if run else now

    def __call__(self, books: Collection[Measured]) -> datetime | None:
        """The moment for books that lie together; None for those of a run that hold no event."""
        return newest(books) if self._now is None else self._now()
