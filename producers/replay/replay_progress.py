"""How far a replay is, for people: a bar on a terminal, a log record now and then elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from producers.replay.run import ReplayNotice

SAY_SECONDS = 2.0

log = structlog.get_logger(__name__)


@contextmanager
def progress(console: Console, clock: Callable[[], float]) -> Iterator["ReplayProgress"]:
    """Whom to tell of what was sent, while the block runs."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:>11,.0f} events  {task.fields[rate]:>8,.0f}/s"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        yield ReplayProgress(bar, clock)


class ReplayProgress:
    """Tells how far a replay is: the day of history, events, events a second."""

    def __init__(self, bar: Progress, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that only grow."""
        self._bar, self._clock = bar, clock
        self._task = bar.add_task("replaying", total=None, rate=0.0)
        self._sent = 0
        self._started = self._said = clock()

    def __call__(self, told: ReplayNotice) -> None:
        """Hear of what was sent."""
        self._sent += told.events
        now = self._clock()
        rate = self._sent / max(now - self._started, 1e-3)
        self._bar.update(self._task, completed=self._sent, description=str(told.day), rate=rate)
        if self._bar.disable and now - self._said >= SAY_SECONDS:
            self._said = now
            log.info("replay.progressed", day=str(told.day), sent=self._sent, rate=round(rate))
