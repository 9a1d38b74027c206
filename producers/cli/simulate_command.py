"""The `simulate` command: history as fast as Kafka takes it, then each event at its time."""

import asyncio
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import NoReturn, TypedDict, Unpack

import click
import structlog

from contract.progress import EXIT_OTHER_SOURCES
from contract.topics import MOVES
from producers.cli.progress_line import ProgressLine
from producers.context import ProducerContext
from producers.publish.resume import left_off
from producers.publish.sender import Sender
from producers.simulate import simulated_port
from producers.simulate.other_sources import (
    first_of_other_sources,
    refuse_other_sources,
    refuse_real_port,
)
from producers.simulate.sources import TimedEvent

CHECK_EVERY = 500  # events between two reads of the clock
LONGEST_SLEEP_SECONDS = 5.0  # after a laptop was suspended, events that are due go at once

DAY = click.DateTime(["%Y-%m-%d"])

log = structlog.get_logger(__name__)


class SimulateOptions(TypedDict):
    """The options of `simulate`, as click passes them."""

    since: datetime | None
    until: datetime | None
    live: bool
    rate: int | None
    resume: bool
    yes: bool
    check: bool


@click.command("simulate")
@click.option("--since", type=DAY, help="First day; by default 1 January of this year.")
@click.option("--until", type=DAY, help="Last day; by default the run has no end.")
@click.option("--live/--no-live", default=True, help="Continue in real time after the history.")
@click.option("--rate", type=click.IntRange(1), help="Most events a second during the history.")
@click.option(
    "--resume/--anew", default=True, help="Continue after the newest event, or send all again."
)
@click.option(
    "--yes", is_flag=True, help="Send even if the live topics hold events of other sources."
)
@click.option(
    "--check",
    is_flag=True,
    help="Send nothing; exit 3 if the live topics hold events of other sources.",
)
@click.pass_obj
def command(context: ProducerContext, **options: Unpack[SimulateOptions]) -> None:
    """Send the simulated port's moves: history as fast as Kafka takes it, then live.

    A day always has the same events with the same ids, so nothing is counted twice.

    Simulated events do not belong among real ones, so the command refuses live topics that hold
    events of other sources.  QUAYMARK_RUN=NAME sends them into a run of its own instead.

    Example: python -m producers simulate --since 2026-01-01 --no-live
    """
    today, live = context.today(), options["live"]
    since, until = options["since"], options["until"]
    if options["check"]:
        _check(context, today)
    refuse_real_port(context.settings, context.book)
    first = since.date() if since else date(today.year, 1, 1)
    last = until.date() if until else None if live else today
    if last is not None and last < first:
        raise click.UsageError(f"--until {last} is before --since {first}")
    until_day = last or date.max.replace(month=1)
    run = Simulation(context, first, until_day, live=live, rate=options["rate"])
    work = run.run(resume=options["resume"], among_others=options["yes"])
    context.serve(work) if live else context.run(work)


def _check(context: ProducerContext, today: date) -> NoReturn:
    """Exit with 0, or with `EXIT_OTHER_SOURCES` and the name of another source."""
    found = first_of_other_sources(context.settings, context.book, today)
    if found is not None:
        click.echo(found)
    raise SystemExit(0 if found is None else EXIT_OTHER_SOURCES)


class Simulation:
    """One run of the simulated port: its days, its pace, and where it resumes."""

    def __init__(
        self, context: ProducerContext, first: date, last: date, *, live: bool, rate: int | None
    ) -> None:
        self._context, self._first, self._last = context, first, last
        self._live, self._rate = live, rate

    async def run(self, *, resume: bool, among_others: bool) -> None:
        """Send events in order; end after the last day, or at the present if it is not live.

        Raises:
            Misconfigured: the live topics hold events of other sources, and `among_others` does
                not allow that.
        """
        context, clock = self._context, asyncio.get_running_loop().time
        async with Sender(context.settings, "simulate-port") as sender:
            if not among_others:
                await refuse_other_sources(context.settings, context.book, context.today())
            sources = simulated_port.sources_of(context.book)
            reached = await self._reached(sources) if resume else {}
            if reached and min(reached.values()).astimezone(context.book.tz).date() > self._last:
                reached = {}  # these days may be missing below later ones, so send them again
            since = self._begin(reached if reached.keys() == sources.keys() else {})
            now = context.now()
            progress = ProgressLine(since, min(now, self._ends()), clock)
            log.info("simulate.started", since=since.isoformat(), resumed=bool(reached))
            caught_up, started = False, clock()
            try:
                for due in self._left(since.date(), reached):
                    if due.at > now and due.at > (now := context.now()):
                        if not caught_up:
                            await sender.flush()
                            progress.report(now, live=True)
                            caught_up = True
                        if not self._live:
                            break
                        now = await self._wait_for(due.at)
                    await sender.send(due.event, due.at)
                    progress.sent += 1
                    if caught_up or progress.sent % CHECK_EVERY == 0:
                        progress.report_if_due(due.at, live=caught_up)
                        if self._rate and not caught_up:
                            ahead = progress.sent / self._rate - (clock() - started)
                            await asyncio.sleep(max(ahead, 0.0))
                if not caught_up:
                    await sender.flush()
                    progress.report(now, live=True)
            finally:
                progress.end()
        log.info("simulate.ended", sent=sender.sent.total())

    async def _reached(self, sources: Collection[str]) -> dict[str, datetime]:
        return await left_off(self._context.settings, MOVES, sources, self._begin({}))

    def _begin(self, reached: dict[str, datetime]) -> datetime:
        """Return the first instant of the first day, or where the slowest source stopped."""
        tz = self._context.book.tz
        first = datetime(self._first.year, self._first.month, self._first.day, tzinfo=tz)
        return max(first, min(reached.values(), default=first).astimezone(tz))

    def _ends(self) -> datetime:
        """Return the last minute of the last day."""
        last = self._last
        return datetime(last.year, last.month, last.day, 23, 59, tzinfo=self._context.book.tz)

    def _left(self, first: date, reached: dict[str, datetime]) -> Iterator[TimedEvent]:
        """Yield the events from a day on, without those that their source has sent."""
        before = dict(reached)
        for due in simulated_port.simulate(self._context.book, first, self._last):
            if before and (left := before.get(due.event.source)):
                if due.at < left:
                    continue
                del before[due.event.source]
            yield due

    async def _wait_for(self, at: datetime) -> datetime:
        """Sleep until a time of the wall clock; return the time after it."""
        now = self._context.now()
        while now < at:
            seconds = (at - now).total_seconds()
            await asyncio.sleep(min(seconds, LONGEST_SLEEP_SECONDS))
            now = self._context.now()
        return now
