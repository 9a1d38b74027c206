"""Progress of a history import, with the time that is left: a bar, or lines off a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

LINE_SECONDS = 10.0


class StepProgress:
    """How far one step of a history import is, in bytes or in records."""

    def __init__(self, name: str, total: int, bar: Progress, clock: Callable[[], float]) -> None:
        """`clock` is a monotonic clock in seconds."""
        self._name, self._total, self._bar, self._clock = name, total, bar, clock
        self._task = bar.add_task(name, total=total)
        self._done = 0
        self._begun = self._said = clock()

    def advance(self, done: int, where: str = "") -> None:
        """Show that so much more was done; `where` names the file, or says more."""
        self._done += done
        self._bar.update(self._task, completed=self._done, description=f"{self._name} {where}")
        now = self._clock()
        if self._bar.disable and now - self._said >= LINE_SECONDS:
            self._said = now
            click.echo(
                f"{self._name} {self.share:.0%}, {self.left()}{where and f': {where}'}", err=True
            )

    def leave_out(self, amount: int) -> None:
        """Take out what an earlier process has done: it took this one no time."""
        self._total -= amount
        self._bar.update(self._task, total=self._total)

    @property
    def share(self) -> float:
        """The share that is done, 0 to 1."""
        return min(self._done / self._total, 1.0) if self._total > 0 else 1.0

    def left(self) -> str:
        """Return the time that is left in words, as the time so far tells it."""
        if not self._done:
            return "the time left is not known yet"
        seconds = (self._clock() - self._begun) * (1 - self.share) / self.share
        if seconds < 90:
            return f"about {seconds:.0f} s left"
        return f"about {seconds / 60:.0f} min left"


@contextmanager
def step(
    name: str, total: int, console: Console, clock: Callable[[], float]
) -> Iterator[StepProgress]:
    """Show the progress of a step while the block runs."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        yield StepProgress(name, total, bar, clock)
