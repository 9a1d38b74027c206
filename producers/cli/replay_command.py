"""The `replay` command: history from an archive, from topics or from files, sent again."""

import time
from datetime import date, datetime, timedelta
from pathlib import Path

import click
import structlog
from msgspec import Struct
from rich.console import Console

from contract.errors import Misconfigured
from contract.settings import run_prefix
from producers.context import ProducerContext
from producers.publish.sender import Sender
from producers.replay import file_source
from producers.replay.pace import Pace
from producers.replay.replay_progress import progress
from producers.replay.run import Replay
from producers.replay.source import By, Days, HistoryRange, archived, of_topics

DAY = click.DateTime(["%Y-%m-%d"])
PATIENCE_SECONDS = 30.0

log = structlog.get_logger(__name__)


class Options(Struct, frozen=True):
    """What the command line says."""

    paths: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    by: str
    archive: Path | None
    from_run: str | None
    speed: float | None
    allow_gaps: bool
    targets: bool
    note: Path | None
    paused: Path | None


@click.command("replay")
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--from", "since", type=DAY, help="First day, in the port's zone.")
@click.option("--to", "until", type=DAY, help="Last day.")
@click.option(
    "--by", type=click.Choice(["event", "append"]), default="event", help="By which time."
)
@click.option("--from-archive", "archive", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--from-run", metavar="NAME", help="From the topics of a run.")
@click.option("--speed", type=click.FloatRange(0, min_open=True), help="Seconds in one of ours.")
@click.option("--allow-gaps", is_flag=True, help="Leave out what is missing or damaged.")
@click.option("--targets/--no-targets", default=True, help="Send the history's targets, too.")
@click.option("--note", type=click.Path(path_type=Path), help="File that says how far it is.")
@click.option("--paused", type=click.Path(path_type=Path), help="Rest while this file is there.")
@click.pass_obj
def command(door: ProducerContext, /, **said: object) -> None:
    """Send history again: live topics without PATH or --from-archive, each record as it was.

    With QUAYMARK_RUN it goes to the topics of that run.  What is booked already counts once.

    Example: python -m producers replay --from-archive backup --from 2019-01-01 --to 2019-12-31
    """
    options = Options(**said)  # type: ignore[arg-type]  # click made each what its option says
    wanted = wanted_range(door, options)
    if (options.archive is not None) + (options.from_run is not None) + bool(options.paths) > 1:
        raise click.UsageError("one source at a time: PATH, --from-archive or --from-run")
    door.run(_replay(door, options, wanted))


def wanted_range(door: ProducerContext, options: Options) -> HistoryRange:
    """The range of the command line.

    Raises:
        click.UsageError: it ends before it begins, or lies in the future.
    """
    tz = door.book.tz
    first, last = (None if at is None else at.date() for at in (options.since, options.until))
    if first and last and last < first:
        raise click.UsageError(f"--to {last} is before --from {first}")
    if first and first > door.now().astimezone(tz).date():
        raise click.UsageError(f"--from {first} lies in the future")

    def begins(day: date | None) -> datetime | None:
        return None if day is None else datetime(day.year, day.month, day.day, tzinfo=tz)

    after = None if last is None else last + timedelta(1)
    return HistoryRange(begins(first), begins(after), By(options.by))


async def _replay(door: ProducerContext, options: Options, wanted: HistoryRange) -> None:
    days = _days(door, options, wanted)
    pace = Pace(options.speed, time.monotonic, options.paused)
    async with Sender(door.settings, "replay", patience_seconds=PATIENCE_SECONDS) as sender:
        with progress(Console(stderr=True), time.monotonic) as told:
            replay = Replay(sender, pace, door.now, told, options.note, targets=options.targets)
            await replay.run(days)
    log.info("replay.ended", sent=replay.sent)
    if not replay.sent and not replay.goes_on:
        raise Misconfigured(f"no event of {_in_words(wanted)} is there: nothing was sent")


def _days(door: ProducerContext, options: Options, wanted: HistoryRange) -> Days:
    if options.archive is not None:
        days, left_out = archived(options.archive, wanted, allow_gaps=options.allow_gaps)
        for gap in left_out:
            log.warning("replay.left_out", what=gap)
        return days
    if options.paths:
        return file_source.days(options.paths, wanted, door)
    prefix = run_prefix(options.from_run or "")
    if prefix == door.settings.prefix and prefix:
        raise click.UsageError(f"run {options.from_run} would be replayed into itself")
    return of_topics(door.settings.kafka, prefix, wanted)


def _in_words(wanted: HistoryRange) -> str:
    since = "the beginning" if wanted.since is None else f"{wanted.since:%Y-%m-%d}"
    last = None if wanted.until is None else wanted.until - timedelta(1)
    return f"{since} to {'now' if last is None else f'{last:%Y-%m-%d}'}"
