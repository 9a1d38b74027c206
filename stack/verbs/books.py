"""books verify, books rebuild: are the books exact, and how they are begun again."""

import subprocess
import sys
from pathlib import Path

import click
from rich.progress import Progress

from audit.recount import Recount
from broker.reader import TopicReading
from contract.errors import StackError
from contract.topics import MOVES
from stack.books import rebuild as rebuilt
from stack.books.shown_totals import by_snapshots, by_workers
from stack.books.verify import compare, judged
from stack.books.verify_report import findings
from stack.context import CommandContext
from stack.http_client import page
from stack.processes.broker_session import kafka_at_hand

WAIT_SECONDS = 60


@click.group()
def books() -> None:
    """Check the books, or begin them again.

    Example: quaymark books verify
    """


@books.command()
@click.option(
    "--worker",
    "workers",
    multiple=True,
    metavar="HOST:PORT",
    help="Where a worker answers; once for each.  QUAYMARK_METRICS_HOST and _PORT if not given.",
)
@click.option("--snapshots", is_flag=True, help="Compare with the snapshot topic; asks no worker.")
@click.option(
    "--wait",
    "seconds",
    type=click.IntRange(1),
    default=WAIT_SECONDS,
    show_default=True,
    help="Seconds for the workers to catch up.",
)
@click.pass_obj
def verify(desk: CommandContext, workers: tuple[str, ...], snapshots: bool, seconds: int) -> None:
    """Recount all moves from the raw topic and compare every total.

    The recount is plain code that shares nothing with the worker's.  Exits with 1 and the
    differences if there are any.

    Example: quaymark books verify --worker 127.0.0.1:6066 --worker 127.0.0.1:6067
    """
    if workers and snapshots:
        raise click.UsageError("--snapshots asks no worker: leave out --worker, or --snapshots")
    if wrong := [name for name in workers if not name.rpartition(":")[2].isdecimal()]:
        raise click.UsageError(f"--worker {wrong[0]}: expected HOST:PORT")
    settings, book = desk.settings, desk.book()
    addresses = tuple(dict.fromkeys(workers)) or (
        f"{settings.metrics_host}:{settings.metrics_port}",
    )
    if not snapshots and (
        deaf := [name for name in addresses if not page(f"http://{name}/livez")]
    ):
        raise StackError(
            f"no worker answers at {deaf[0]}: `quaymark up` starts one, --worker names another, "
            "--snapshots compares with what the last one left"
        )
    recount = Recount(book)
    with kafka_at_hand(settings, desk.say), TopicReading(settings.kafka, MOVES) as reading:
        _read_on(desk, reading, recount)
        if snapshots:
            verdict = judged(recount, by_snapshots(settings.kafka), book, last_year=9999)
        else:
            verdict = compare(
                lambda: _read_on(desk, reading, recount),
                reading.left,
                lambda: by_workers(addresses),
                lambda sums: judged(recount, sums, book, desk.now().astimezone(book.tz).year),
                seconds,
            )
    for line in findings(recount, verdict):
        desk.say(line)
    asked = "the snapshots" if snapshots else ", ".join(addresses)
    if not verdict.clean:
        raise StackError(
            f"the books are not exact: {len(verdict.differing):,} totals of {asked} differ, "
            f"{verdict.doubles:,} moves count twice; docs/runbook.md says what to do "
            "(The books are not exact)"
        )
    desk.say(f"the books are exact: all {len(verdict.recounted):,} totals of {asked} are the same")


@books.command()
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option(
    "--archive",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Send what an archive holds, first: on a machine that has nothing else.",
)
@click.pass_obj
def rebuild(desk: CommandContext, yes: bool, archive: Path | None) -> None:
    """Begin the books again from the raw topics.

    For after a change of quaymark.toml that is to hold for the past, or when `books verify` finds
    a difference.  Every worker must be stopped; the next that starts reads everything anew.
    Raw events, targets and events set aside stay.

    Example: quaymark books rebuild --yes
    """
    settings = desk.settings
    group, at = settings.group, settings.kafka
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("nobody is there to be asked: confirm with --yes")
    with kafka_at_hand(settings, desk.say):
        rebuilt.refuse_living_workers(at, group)
        if not yes:
            click.confirm(
                f"Drop the changelogs, snapshots and offsets of group {group} at {at} and "
                f"{len(rebuilt.stores(desk.folder))} local stores, and begin again?",
                abort=True,
            )
        for line in rebuilt.rebuild(at, group, desk.folder):
            desk.say(line)
        if archive is not None:
            send = [sys.executable, "-m", "producers", "replay", "--from-archive", str(archive)]
            if code := subprocess.run(send, env=dict(desk.environ), check=False).returncode:
                sys.exit(code)
    desk.say("the next worker that starts counts everything again")


def _read_on(desk: CommandContext, reading: TopicReading, recount: Recount) -> int:
    """Recount what came since the last time, with a bar if it takes long; gives how many."""
    before = recount.events
    left = reading.left()
    looked_at = desk.console.is_terminal and left > 10_000
    with Progress(console=desk.console, transient=True, disable=not looked_at) as progress:
        bar = progress.add_task("recounting", total=left)
        for batch in reading.rest():
            for record in batch:
                recount.take(record.partition, record.timestamp, record.value, record.headers)
            progress.advance(bar, len(batch))
    return recount.events - before
