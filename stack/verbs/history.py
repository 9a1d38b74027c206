"""history: past years are loaded into Prometheus at their true dates."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict, Unpack

import click

from broker.admin import create_topics
from broker.connection import Connection
from contract.book import Book
from contract.errors import StackError
from contract.settings import run_prefix
from contract.topics import READINGS
from kpis.model.calendar import day_start
from stack.backfill import manifest as manifests
from stack.backfill.blocks import faults, present_blocks
from stack.backfill.caught_up import wait_until_read
from stack.backfill.history_load import (
    HistoryLoad,
    LoadOutcome,
    WantedWindows,
    drop_history,
    wait_until_seen,
)
from stack.backfill.prometheus_api import STARTED, Prometheus
from stack.backfill.readings_publisher import reading_publisher
from stack.backfill.snapshot_reader import read_past
from stack.context import CommandContext
from stack.processes.broker_session import running_broker

_DATA = click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Prometheus's data folder, if the path that the server reports is not on this machine.",
)
_DAY = click.DateTime(["%Y-%m-%d"])
_FROM = click.option(
    "--from", "since", type=_DAY, help="First day; default: the first day of the books."
)
_TO = click.option("--to", "until", type=_DAY, help="Last day; default: up to the live samples.")
_RUN = click.option("--run", default="", help="The history of a run, not of the live books.")


class LoadOptions(TypedDict):
    """The options of `history load`, as click passes them."""

    since: datetime | None
    until: datetime | None
    run: str
    data: Path | None
    no_readings: bool
    loading_since: datetime | None
    once_read: bool
    no_wait: bool


@click.group(short_help="Past years in Prometheus at their true dates.")
def history() -> None:
    """Load past years into Prometheus at their true dates.

    A scrape gives every sample the time of the scrape.  What the books know of the past is loaded
    beside it, in blocks that end before the first scraped sample, and is replaced when the books
    are corrected.

    Example: quaymark history load
    """


@history.command()
@_FROM
@_TO
@_RUN
@_DATA
@click.option("--no-readings", is_flag=True, help="Do not write the topic port.readings.")
@click.option(
    "--loading-since",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"]),
    help="Before the first load, delete samples scraped since then, while the worker caught up.",
)
@click.option(
    "--once-read",
    is_flag=True,
    help="First wait until the workers have caught up; --loading-since is Prometheus's start.",
)
@click.option("--no-wait", is_flag=True, help="Do not wait until Prometheus shows the history.")
@click.pass_obj
def load(context: CommandContext, **options: Unpack[LoadOptions]) -> None:
    """Load what the books know of the past into Prometheus.

    A running server shows it within a minute, without a restart.  History is divided into windows
    of 20 days; windows that did not change stay as they are.  If --from or --to lies inside a
    window, all of that window is loaded.

    Example: quaymark history load --from 2019-01-01 --to 2019-12-31
    """
    settings, book = context.settings, context.book()
    wanted = _wanted(book, options["since"], options["until"], options["run"])
    server = Prometheus(settings.prometheus)
    loading_since = options["loading_since"]
    if options["once_read"]:
        context.say("waiting until the workers have caught up")
        wait_until_read(server, lambda: context.now().timestamp())
        loading_since = datetime.fromtimestamp(server.metric(STARTED), UTC)
    begun = time.monotonic()
    topic = None if options["no_readings"] else READINGS.under(run_prefix(wanted.run))
    with running_broker(settings, context.say):
        connection = Connection.of(settings)
        past = read_past(connection, book, wanted.run)
        if not past.years:
            raise StackError("the books are empty: the snapshot topics hold no records")
        if topic is not None:
            create_topics(connection, [topic])
        with reading_publisher(connection, topic, book) as publish:
            data = options["data"] or server.data_folder()
            history_load = HistoryLoad(server, data, wanted, publish)
            if loading_since is not None:
                history_load.delete_loading_samples(
                    loading_since.timestamp(), context.now().timestamp()
                )
            outcome = history_load.load(past, context.now().timestamp())
    context.say(f"{_outcome_line(outcome, book)}, in {time.monotonic() - begun:.1f} s")
    if outcome.made and not options["no_wait"]:
        wait_until_seen(server, outcome)
        context.say(f"Prometheus shows it, {time.monotonic() - begun:.0f} s after the start")


@history.command()
@_RUN
@_DATA
@click.pass_obj
def status(context: CommandContext, run: str, data: Path | None) -> None:
    """Show which days of history Prometheus holds.

    Example: quaymark history status
    """
    book = context.book()
    server = Prometheus(context.settings.prometheus)
    folder = data or server.data_folder()
    for fault in faults(folder):
        context.say(fault)
    manifest = manifests.read(folder)
    if not any(one.windows for one in manifest.runs.values()):
        context.say(f"no history in {folder}: `quaymark history load` loads it")
        return
    present = present_blocks(folder)
    for name, one in manifest.runs.items():
        if (run and name != run) or not one.windows:
            continue
        samples = sum(window.samples for window in one.windows)
        lost = len([window for window in one.windows if not {*window.blocks} <= present])
        context.say(
            f"{name or 'live books'}: {_moment(one.windows[0].begins, book)} to "
            f"{_moment(one.windows[-1].end, book)}, {len(one.windows)} windows, "
            f"{samples:,} samples" + (f"; {lost} are gone: load again" if lost else "")
        )
        if one.live_since is not None:
            context.say(f"  scraped since {_moment(one.live_since, book)}")


@history.command()
@_FROM
@_TO
@_RUN
@_DATA
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def drop(
    context: CommandContext,
    since: datetime | None,
    until: datetime | None,
    run: str,
    data: Path | None,
    yes: bool,
) -> None:
    """Take history out of Prometheus; the books and scraped samples stay.

    Example: quaymark history drop --yes
    """
    book = context.book()
    server = Prometheus(context.settings.prometheus)
    folder = data or server.data_folder()
    if not yes:
        click.confirm(f"Take history out of {folder}?", abort=True)
    gone = drop_history(server, folder, _wanted(book, since, until, run))
    context.say(f"{len(gone)} windows taken out; Prometheus sees it within a minute")


def _wanted(book: Book, since: datetime | None, until: datetime | None, run: str) -> WantedWindows:
    if since and until and until < since:
        raise click.UsageError(f"--to {until:%Y-%m-%d} is before --from {since:%Y-%m-%d}")
    return WantedWindows(
        day_start(since.date(), book.tz) if since else float("-inf"),
        day_start(until.date() + timedelta(1), book.tz) if until else float("inf"),
        run,
    )


def _outcome_line(outcome: LoadOutcome, book: Book) -> str:
    samples = sum(made.window.samples for made in outcome.made)
    return (
        f"history up to {_moment(outcome.cut, book)}: {len(outcome.made)} windows made "
        f"({samples:,} samples), {outcome.kept} unchanged, {outcome.removed} taken out"
    )


def _moment(at: float, book: Book) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(book.tz):%Y-%m-%d %H:%M}"
