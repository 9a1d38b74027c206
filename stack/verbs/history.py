"""history: past years in Prometheus at their true dates."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from broker.admin import create_topics
from contract.book import Book
from contract.errors import StackError
from contract.settings import run_prefix
from contract.topics import READINGS
from kpis.model.calendar import day_start
from stack.backfill import history_load as past_years
from stack.backfill import manifest as manifests
from stack.backfill.blocks import faults
from stack.backfill.caught_up import wait_until_read
from stack.backfill.history_load import HistoryLoad, WantedWindows, wait_until_seen
from stack.backfill.prometheus_api import STARTED, Prometheus
from stack.backfill.readings_publisher import publishing
from stack.backfill.snapshot_reader import gathered
from stack.context import CommandContext
from stack.processes.broker_session import kafka_at_hand

_DATA = click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Prometheus's data folder, where it can't say itself.",
)
_DAY = click.DateTime(["%Y-%m-%d"])
_FROM = click.option("--from", "since", type=_DAY, help="First day; default: where books begin.")
_TO = click.option("--to", "until", type=_DAY, help="Last day; default: up to the live samples.")
_RUN = click.option("--run", default="", help="A run's history, instead of the live books'.")


@click.group(short_help="Past years in Prometheus at their true dates.")
def history() -> None:
    """Past years in Prometheus at their true dates.

    Scraping stamps all it sees with now.  What the books know of the past is loaded beside it, in
    blocks that end before the first scraped sample, and is replaced when the books are corrected.

    Example: quaymark history load
    """


@history.command()
@_FROM
@_TO
@_RUN
@_DATA
@click.option("--no-readings", is_flag=True, help="Leave out the topic port.readings.")
@click.option(
    "--loading-since",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"]),
    help="Before the first load: delete what was scraped since, of books that were being read.",
)
@click.option(
    "--once-read",
    is_flag=True,
    help="First wait for the workers to read all there is; --loading-since is Prometheus's start.",
)
@click.option("--no-wait", is_flag=True, help="Don't wait until Prometheus has seen it.")
@click.pass_obj
def load(
    desk: CommandContext,
    since: datetime | None,
    until: datetime | None,
    run: str,
    data: Path | None,
    no_readings: bool,
    loading_since: datetime | None,
    once_read: bool,
    no_wait: bool,
) -> None:
    """Bring Prometheus up to what the books say of the past.

    A running server takes it in without a restart, within a minute.  Windows of 20 days that did
    not change stay as they are; days at the edge of --from and --to bring their window along.

    Example: quaymark history load --from 2019-01-01 --to 2019-12-31
    """
    settings, book = desk.settings, desk.book()
    server = Prometheus(settings.prometheus)
    if once_read:
        desk.say("waiting until the workers have read what there is")
        wait_until_read(server, lambda: desk.now().timestamp())
        loading_since = datetime.fromtimestamp(server.metric(STARTED), UTC)
    begun = time.monotonic()
    topic = READINGS.under(run_prefix(run))
    with kafka_at_hand(settings, desk.say):
        past = gathered(settings.kafka, book, run)
        if not past.years:
            raise StackError("the books hold nothing yet: there are no snapshots on the topics")
        if not no_readings:
            create_topics(settings.kafka, [topic])
        with publishing(settings.kafka, None if no_readings else topic, book) as publish:
            loading = HistoryLoad(
                server,
                data or server.data_folder(),
                _wanted(book, since, until, run),
                publish,
            )
            if loading_since is not None:
                loading.forget_loading(loading_since.timestamp(), desk.now().timestamp())
            outcome = loading.load(past, desk.now().timestamp())
    samples = sum(made.window.samples for made in outcome.made)
    desk.say(
        f"history up to {_moment(outcome.cut, book)}: {len(outcome.made)} windows made "
        f"({samples:,} samples), {outcome.kept} unchanged, {outcome.removed} taken out, "
        f"in {time.monotonic() - begun:.1f} s"
    )
    if outcome.made and not no_wait:
        wait_until_seen(server, outcome)
        desk.say(f"Prometheus shows it, {time.monotonic() - begun:.0f} s after the start")


@history.command()
@_RUN
@_DATA
@click.pass_obj
def status(desk: CommandContext, run: str, data: Path | None) -> None:
    """Show which days of history Prometheus holds.

    Example: quaymark history status
    """
    book = desk.book()
    server = Prometheus(desk.settings.prometheus)
    folder = data or server.data_folder()
    for fault in faults(folder):
        desk.say(fault)
    held = manifests.read(folder)
    if not any(one.windows for one in held.runs.values()):
        desk.say(f"no history in {folder}: `quaymark history load` brings it in")
        return
    for name, one in held.runs.items():
        if (run and name != run) or not one.windows:
            continue
        samples = sum(window.samples for window in one.windows)
        lost = len([w for w in one.windows if not {*w.blocks} <= past_years.blocks_there(folder)])
        desk.say(
            f"{name or 'live books'}: {_moment(one.windows[0].begins, book)} to "
            f"{_moment(one.windows[-1].end, book)}, {len(one.windows)} windows, "
            f"{samples:,} samples" + (f"; {lost} are gone: load again" if lost else "")
        )
        if one.live_since is not None:
            desk.say(f"  scraped since {_moment(one.live_since, book)}")


@history.command()
@_FROM
@_TO
@_RUN
@_DATA
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_obj
def drop(
    desk: CommandContext,
    since: datetime | None,
    until: datetime | None,
    run: str,
    data: Path | None,
    yes: bool,
) -> None:
    """Take history out of Prometheus; the books and what was scraped stay.

    Example: quaymark history drop --yes
    """
    book = desk.book()
    server = Prometheus(desk.settings.prometheus)
    folder = data or server.data_folder()
    if not yes:
        click.confirm(f"Take history out of {folder}?", abort=True)
    gone = past_years.drop(server, folder, _wanted(book, since, until, run))
    desk.say(f"{len(gone)} windows taken out; Prometheus sees it within a minute")


def _wanted(book: Book, since: datetime | None, until: datetime | None, run: str) -> WantedWindows:
    if since and until and until < since:
        raise click.UsageError(f"--to {until:%Y-%m-%d} is before --from {since:%Y-%m-%d}")
    return WantedWindows(
        day_start(since.date(), book.tz) if since else float("-inf"),
        day_start(until.date() + timedelta(1), book.tz) if until else float("inf"),
        run,
    )


def _moment(at: float, book: Book) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(book.tz):%Y-%m-%d %H:%M}"
