"""Progress of a replay: a bar on a terminal, otherwise log records."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from producers.replay.run import ReplayNotice

REPORT_SECONDS = 2.0

log = structlog.get_logger(__name__)


@contextmanager
def progress(console: Console, clock: Callable[[], float]) -> Iterator["ReplayProgress"]:
    """Show the progress while the block runs; call the value with each notice."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:>11,.0f} events  {task.fields[rate]:>8,.0f}/s"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        yield ReplayProgress(bar, clock)


class ReplayProgress:
    """Shows the day of history that a replay has reached, its events, and events a second."""

    def __init__(self, bar: Progress, clock: Callable[[], float]) -> None:
        """`clock` is a monotonic clock in seconds."""
        self._bar, self._clock = bar, clock
        self._task = bar.add_task("replaying", total=None, rate=0.0)
        self._sent = 0
        self._started = self._reported = clock()

    def __call__(self, notice: ReplayNotice) -> None:
        """Show what was sent."""
        self._sent += notice.events
        now = self._clock()
        rate = self._sent / max(now - self._started, 1e-3)
        self._bar.update(self._task, completed=self._sent, description=str(notice.day), rate=rate)
        if self._bar.disable and now - self._reported >= REPORT_SECONDS:
            self._reported = now
            log.info("replay.progressed", day=str(notice.day), sent=self._sent, rate=round(rate))
