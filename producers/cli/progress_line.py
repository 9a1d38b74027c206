"""How far a long run has come: one line that updates itself, or a log record now and then."""

import sys
from collections.abc import Callable
from datetime import datetime

import click
import structlog

SAY_SECONDS = 2.0
SAY_LIVE_SECONDS = 60.0

log = structlog.get_logger(__name__)


class ProgressLine:
    """The progress of a run over simulated history, then of its live part.

    A log record is `simulate.progressed` with the day reached, events sent, events a second since
    the start, and the share of the history that is done: 1 once the run has caught up.
    """

    def __init__(self, since: datetime, until: datetime, clock: Callable[[], float]) -> None:
        """Days are said in the zone of `since`; `clock` gives seconds that only grow."""
        self.sent = 0
        self._since, self._length = since, max((until - since).total_seconds(), 1.0)
        self._clock = clock
        self._started = self._said = clock()
        self._in_place = sys.stderr.isatty()

    def told(self, at: datetime, *, live: bool = False) -> None:
        """Say how far the run is, unless it was said a moment ago."""
        pause = 0.2 if self._in_place else SAY_LIVE_SECONDS if live else SAY_SECONDS
        if self._clock() - self._said >= pause:
            self.tell(at, live=live)

    def tell(self, at: datetime, *, live: bool = False) -> None:
        """Say how far the run is."""
        self._said = self._clock()
        rate = self.sent / max(self._said - self._started, 1e-3)
        at = at.astimezone(self._since.tzinfo)
        share = 1.0 if live else min((at - self._since).total_seconds() / self._length, 0.9999)
        if self._in_place:
            line = f"{at:%Y-%m-%d %H:%M}  {self.sent:>9,} events  {rate:>7,.0f}/s  {share:>4.0%}"
            click.echo(f"\r\x1b[K{'live ' if live else 'sending'} {line}", err=True, nl=False)
        else:
            log.info(
                "simulate.progressed",
                day=f"{at:%Y-%m-%d}",
                sent=self.sent,
                rate=round(rate),
                share=round(share, 4),
            )

    def end(self) -> None:
        """Leave the line that updates itself."""
        if self._in_place:
            click.echo(err=True)
