"""The `replay` command: sends history again from an archive, from topics or from files."""

import time
from datetime import date, datetime, timedelta
from pathlib import Path

import click
import structlog
from msgspec import Struct
from rich.console import Console

from broker.connection import Connection
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
    """The options of the command line."""

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
@click.option("--from", "since", type=DAY, help="First day, in the port's time zone.")
@click.option("--to", "until", type=DAY, help="Last day.")
@click.option(
    "--by",
    type=click.Choice(["event", "append"]),
    default="event",
    help="Pick by the time of the event or of its record.",
)
@click.option("--from-archive", "archive", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--from-run", metavar="NAME", help="Read the topics of a run.")
@click.option(
    "--speed", type=click.FloatRange(0, min_open=True), help="Seconds of history in one second."
)
@click.option("--allow-gaps", is_flag=True, help="Leave out files that are missing or damaged.")
@click.option("--targets/--no-targets", default=True, help="Also send the targets of the history.")
@click.option(
    "--note",
    type=click.Path(path_type=Path),
    help="File that holds the progress, to continue from.",
)
@click.option("--paused", type=click.Path(path_type=Path), help="Pause while this file exists.")
@click.pass_obj
def command(context: ProducerContext, /, **said: object) -> None:
    """Send history again, each record as it was.

    Without PATH, --from-archive or --from-run the live topics are read.  With QUAYMARK_RUN the
    records go to the topics of that run.  An event that is already booked counts once.

    Example: python -m producers replay --from-archive backup --from 2019-01-01 --to 2019-12-31
    """
    options = Options(**said)  # type: ignore[arg-type]  # click made each what its option says
    wanted = wanted_range(context, options)
    if (options.archive is not None) + (options.from_run is not None) + bool(options.paths) > 1:
        raise click.UsageError("one source at a time: PATH, --from-archive or --from-run")
    context.run(_replay(context, options, wanted))


def wanted_range(context: ProducerContext, options: Options) -> HistoryRange:
    """Return the range that the command line names.

    Raises:
        click.UsageError: the range ends before it begins, or lies in the future.
    """
    tz = context.book.tz
    first, last = (None if at is None else at.date() for at in (options.since, options.until))
    if first and last and last < first:
        raise click.UsageError(f"--to {last} is before --from {first}")
    if first and first > context.now().astimezone(tz).date():
        raise click.UsageError(f"--from {first} lies in the future")

    def begins(day: date | None) -> datetime | None:
        return None if day is None else datetime(day.year, day.month, day.day, tzinfo=tz)

    after = None if last is None else last + timedelta(1)
    return HistoryRange(begins(first), begins(after), By(options.by))


async def _replay(context: ProducerContext, options: Options, wanted: HistoryRange) -> None:
    days = _days(context, options, wanted)
    pace = Pace(options.speed, time.monotonic, options.paused)
    async with Sender(context.settings, "replay", patience_seconds=PATIENCE_SECONDS) as sender:
        with progress(Console(stderr=True), time.monotonic) as notify:
            replay = Replay(
                sender, pace, context.now, notify, options.note, targets=options.targets
            )
            await replay.run(days)
    log.info("replay.ended", sent=replay.sent)
    if not replay.sent and not replay.continues:
        raise Misconfigured(f"the source has no event of {_in_words(wanted)}, so nothing was sent")


def _days(context: ProducerContext, options: Options, wanted: HistoryRange) -> Days:
    if options.archive is not None:
        days, left_out = archived(options.archive, wanted, allow_gaps=options.allow_gaps)
        for gap in left_out:
            log.warning("replay.left_out", what=gap)
        return days
    if options.paths:
        return file_source.days(options.paths, wanted, context)
    prefix = run_prefix(options.from_run or "")
    if prefix == context.settings.prefix and prefix:
        raise click.UsageError(f"run {options.from_run} would be replayed into itself")
    return of_topics(Connection.of(context.settings), prefix, wanted)


def _in_words(wanted: HistoryRange) -> str:
    since = "the beginning" if wanted.since is None else f"{wanted.since:%Y-%m-%d}"
    last = None if wanted.until is None else wanted.until - timedelta(1)
    return f"{since} to {'now' if last is None else f'{last:%Y-%m-%d}'}"
