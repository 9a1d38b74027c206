"""The `simulate` command: the port's history as fast as it goes, then each event at its moment."""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime

import click
import structlog

from contract.topics import MOVES
from producers.cli.progress_line import ProgressLine
from producers.context import ProducerContext
from producers.publish.resume import left_off
from producers.publish.sender import Sender
from producers.simulate import simulated_port
from producers.simulate.sources import TimedEvent

LOOK_EVERY = 500  # events between two looks at the clock
LONGEST_SLEEP_SECONDS = 5.0  # a laptop that slept wakes up to what is due by now

DAY = click.DateTime(["%Y-%m-%d"])

log = structlog.get_logger(__name__)


@click.command("simulate")
@click.option("--since", type=DAY, help="First day; 1 January of this year if not given.")
@click.option("--until", type=DAY, help="Last day; on and on if not given.")
@click.option("--live/--no-live", default=True, help="Go on at real time once caught up.")
@click.option("--rate", type=click.IntRange(1), help="Events a second at most, until caught up.")
@click.option("--resume/--anew", default=True, help="Go on from where the topic ends, or repeat.")
@click.pass_obj
def command(
    door: ProducerContext,
    since: datetime | None,
    until: datetime | None,
    live: bool,
    rate: int | None,
    resume: bool,
) -> None:
    """Send the simulated port's moves: history as fast as it goes, then live.

    A day is always the same events with the same ids, so nothing is ever counted twice.

    Example: python -m producers simulate --since 2026-01-01 --no-live
    """
    today = door.now().astimezone(door.book.tz).date()
    first = since.date() if since else date(today.year, 1, 1)
    last = until.date() if until else None if live else today
    if last is not None and last < first:
        raise click.UsageError(f"--until {last} is before --since {first}")
    run = Simulation(door, first, last or date.max.replace(month=1), live=live, rate=rate)
    work = run.run(resume=resume)
    door.serve(work) if live else door.run(work)


class Simulation:
    """One run of the simulated port: from a day on, resumed, paced."""

    def __init__(
        self, door: ProducerContext, first: date, last: date, *, live: bool, rate: int | None
    ) -> None:
        self._door, self._first, self._last = door, first, last
        self._live, self._rate = live, rate

    async def run(self, *, resume: bool) -> None:
        """Send what is due, in order; ends after the last day, or at now if it is not to go on."""
        door, clock = self._door, asyncio.get_running_loop().time
        async with Sender(door.settings, "simulate-port") as sender:
            sources = simulated_port.sources_of(door.book)
            reached = await left_off(door.settings, MOVES, sources) if resume else {}
            if reached and min(reached.values()).astimezone(door.book.tz).date() > self._last:
                reached = {}  # later days are there: of these it says nothing, so they go again
            since = self._begin(reached if reached.keys() == sources.keys() else {})
            now = door.now()
            progress = ProgressLine(since, min(now, self._ends()), clock)
            log.info("simulate.started", since=since.isoformat(), resumed=bool(reached))
            caught_up, started = False, clock()
            try:
                for due in self._left(since.date(), reached):
                    if due.at > now and due.at > (now := door.now()):
                        if not caught_up:
                            await sender.flush()
                            progress.tell(now, live=True)
                            caught_up = True
                        if not self._live:
                            break
                        now = await self._wait_for(due.at)
                    await sender.send(due.event, due.at)
                    progress.sent += 1
                    if caught_up or progress.sent % LOOK_EVERY == 0:
                        progress.told(due.at, live=caught_up)
                        if self._rate and not caught_up:
                            ahead = progress.sent / self._rate - (clock() - started)
                            await asyncio.sleep(max(ahead, 0.0))
                if not caught_up:
                    await sender.flush()
                    progress.tell(now, live=True)
            finally:
                progress.end()
        log.info("simulate.ended", sent=sender.sent.total())

    def _begin(self, reached: dict[str, datetime]) -> datetime:
        """The first instant of the first day, or where the source furthest behind left off."""
        tz = self._door.book.tz
        first = datetime(self._first.year, self._first.month, self._first.day, tzinfo=tz)
        return max(first, min(reached.values(), default=first).astimezone(tz))

    def _ends(self) -> datetime:
        """The last instant of the last day."""
        last = self._last
        return datetime(last.year, last.month, last.day, 23, 59, tzinfo=self._door.book.tz)

    def _left(self, first: date, reached: dict[str, datetime]) -> Iterator[TimedEvent]:
        """What is due from a day on, without what each source had sent before it left off."""
        before = dict(reached)
        for due in simulated_port.simulate(self._door.book, first, self._last):
            if before and (left := before.get(due.event.source)):
                if due.at < left:
                    continue
                del before[due.event.source]
            yield due

    async def _wait_for(self, at: datetime) -> datetime:
        """Sleep until a moment of the wall clock; gives the clock then."""
        now = self._door.now()
        while now < at:
            seconds = (at - now).total_seconds()
            await asyncio.sleep(min(seconds, LONGEST_SLEEP_SECONDS))
            now = self._door.now()
        return now
