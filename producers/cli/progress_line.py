"""Progress of a long run: a line that updates itself on a terminal, otherwise log records."""

import sys
from collections.abc import Callable
from datetime import datetime

import click
import structlog

from contract.progress import SimulationProgress, log_record

REPORT_SECONDS = 2.0
REPORT_LIVE_SECONDS = 60.0

log = structlog.get_logger(__name__)


class ProgressLine:
    """The progress of a simulation through its history and then live.

    The log record is contract/progress.py's SimulationProgress, which the supervisor reads.
    """

    def __init__(self, since: datetime, until: datetime, clock: Callable[[], float]) -> None:
        """Days are shown in the time zone of `since`; `clock` is a monotonic clock in seconds."""
        self.sent = 0
        self._since, self._length = since, max((until - since).total_seconds(), 1.0)
        self._clock = clock
        self._started = self._reported = clock()
        self._in_place = sys.stderr.isatty()

    def report_if_due(self, at: datetime, *, live: bool = False) -> None:
        """Report the progress, unless it was reported a moment ago."""
        pause = 0.2 if self._in_place else REPORT_LIVE_SECONDS if live else REPORT_SECONDS
        if self._clock() - self._reported >= pause:
            self.report(at, live=live)

    def report(self, at: datetime, *, live: bool = False) -> None:
        """Report the progress."""
        self._reported = self._clock()
        rate = self.sent / max(self._reported - self._started, 1e-3)
        at = at.astimezone(self._since.tzinfo)
        share = 1.0 if live else min((at - self._since).total_seconds() / self._length, 0.9999)
        if self._in_place:
            line = f"{at:%Y-%m-%d %H:%M}  {self.sent:>9,} events  {rate:>7,.0f}/s  {share:>4.0%}"
            click.echo(f"\r\x1b[K{'live ' if live else 'sending'} {line}", err=True, nl=False)
        else:
            day = f"{at:%Y-%m-%d}"
            progress = SimulationProgress(day, self.sent, round(rate), round(share, 4))
            log.info(**log_record(progress))

    def end(self) -> None:
        """End the line that updates itself."""
        if self._in_place:
            click.echo(err=True)
