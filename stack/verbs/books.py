"""books verify, books rebuild: the books are compared with a recount, or built anew."""

import subprocess
import sys
from pathlib import Path

import click
from rich.progress import Progress

from access.client import ask
from audit.recount import Recount
from broker.connection import Connection
from broker.reader import TopicReading
from contract.errors import StackError
from contract.topics import MOVES
from stack.books.rebuild import local_stores, rebuild_books, refuse_live_workers
from stack.books.shown_totals import totals_of_snapshots, totals_of_workers
from stack.books.verify import compare, compare_totals
from stack.books.verify_report import report_lines
from stack.context import CommandContext
from stack.processes.broker_session import running_broker
from stack.status.live_workers import worker_addresses

WAIT_SECONDS = 60


@click.group()
def books() -> None:
    """Check the books, or build them anew.

    Example: quaymark books verify
    """


@books.command()
@click.option(
    "--worker",
    "workers",
    multiple=True,
    metavar="HOST:PORT",
    help="Address of a worker; once for each.  Default: all of QUAYMARK_WORKER_HOST.",
)
@click.option(
    "--snapshots", is_flag=True, help="Compare with the snapshot topic instead of the workers."
)
@click.option(
    "--wait",
    "seconds",
    type=click.IntRange(1),
    default=WAIT_SECONDS,
    show_default=True,
    help="Seconds to wait for the workers to catch up.",
)
@click.pass_obj
def verify(
    context: CommandContext, workers: tuple[str, ...], snapshots: bool, seconds: int
) -> None:
    """Recount all moves from the raw topic and compare every total.

    The recount is plain code that shares nothing with the worker's.  If any total differs, it
    exits with 1 and lists the differences.

    Example: quaymark books verify --worker 127.0.0.1:6066 --worker 127.0.0.1:6067
    """
    if workers and snapshots:
        raise click.UsageError(
            "--snapshots asks no worker: leave out one of --worker and --snapshots"
        )
    if wrong := [name for name in workers if not name.rpartition(":")[2].isdecimal()]:
        raise click.UsageError(f"--worker {wrong[0]}: expected HOST:PORT")
    settings, book = context.settings, context.book()
    access = settings.http_access
    given = tuple(dict.fromkeys(workers))

    def asked_workers() -> tuple[str, ...]:  # a worker in a container may get another address
        return given or worker_addresses(settings)

    if not snapshots and (
        silent := [name for name in asked_workers() if not ask(access, name, "/livez")]
    ):
        raise StackError(
            f"no worker answers at {silent[0]}: `quaymark up` starts one, --worker names another, "
            "--snapshots compares with the snapshots that the last worker wrote"
        )
    recount = Recount(book)
    connection = Connection.of(settings)
    with running_broker(settings, context.say), TopicReading(connection, MOVES) as reading:
        _recount_new_moves(context, reading, recount)
        if snapshots:
            verdict = compare_totals(
                recount, totals_of_snapshots(connection), book, last_year=9999
            )
        else:
            verdict = compare(
                lambda: _recount_new_moves(context, reading, recount),
                reading.left,
                lambda: totals_of_workers(asked_workers(), access),
                lambda sums: compare_totals(
                    recount, sums, book, context.now().astimezone(book.tz).year
                ),
                seconds,
            )
    for line in report_lines(recount, verdict):
        context.say(line)
    asked = "the snapshots" if snapshots else ", ".join(asked_workers())
    if not verdict.clean:
        raise StackError(
            f"the books are not exact: {len(verdict.differing):,} totals of {asked} differ, "
            f"{verdict.duplicated:,} moves count twice; docs/runbook.md says what to do "
            "(The books are not exact)"
        )
    context.say(
        f"the books are exact: all {len(verdict.recounted):,} totals of {asked} are the same"
    )


@books.command()
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option(
    "--archive",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="First send all records of an archive: on a machine that has nothing else.",
)
@click.pass_obj
def rebuild(context: CommandContext, yes: bool, archive: Path | None) -> None:
    """Build the books anew from the raw topics.

    Use it after a change of quaymark.toml that is to hold for the past, or when `books verify`
    finds a difference.  Every worker must be stopped; the next one that starts reads all events
    again.  Raw events, targets and rejected events stay.

    Example: quaymark books rebuild --yes
    """
    settings = context.settings
    group, connection = settings.group, Connection.of(settings)
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask on: confirm with --yes")
    with running_broker(settings, context.say):
        refuse_live_workers(connection, group)
        if not yes:
            click.confirm(
                f"Drop the changelogs, snapshots and offsets of group {group} at {connection} and "
                f"{len(local_stores(context.folder))} local stores, and build them anew?",
                abort=True,
            )
        for line in rebuild_books(connection, group, context.folder):
            context.say(line)
        if archive is not None:
            send = [sys.executable, "-m", "producers", "replay", "--from-archive", str(archive)]
            if code := subprocess.run(send, env=dict(context.environ), check=False).returncode:
                sys.exit(code)
    context.say("the next worker that starts counts everything again")


def _recount_new_moves(context: CommandContext, reading: TopicReading, recount: Recount) -> int:
    """Recount the moves that came since the last call, and return how many there were.

    On a terminal it shows a progress bar if there are many.
    """
    before = recount.events
    left = reading.left()
    shown = context.console.is_terminal and left > 10_000
    with Progress(console=context.console, transient=True, disable=not shown) as progress:
        bar = progress.add_task("recounting", total=left)
        for batch in reading.rest():
            for record in batch:
                recount.take(record.partition, record.timestamp, record.value, record.headers)
            progress.advance(bar, len(batch))
    return recount.events - before
