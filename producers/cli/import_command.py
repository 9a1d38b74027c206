"""The `import` command: reads files, sends their events and prints a summary."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import click
from rich.console import Console
from rich.progress import Progress

from contract.book import Book, Partner
from contract.errors import Misconfigured
from producers.context import ProducerContext
from producers.importing.booked_reports import search_books
from producers.importing.run import READERS, Import
from producers.importing.summary import as_json, show
from producers.importing.tally import ImportTally
from producers.publish.sender import Sender
from producers.reading.input_files import Found, files_of
from producers.reading.outcome import Form, ReadingTerms

AUTO = "auto"
PATIENCE_SECONDS = 30.0  # a person waits at the prompt for the broker


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--partner", help="who wrote the files: a [[partner]] of quaymark.toml")
@click.option("--format", "form", default=AUTO, type=click.Choice([AUTO, *map(str, READERS)]))
@click.option("--scope", help="figures: the place they are of, such as singapore")
@click.option("--indicator", help="figures: their name, if not the name of the column")
@click.option("--unit", help="figures: their unit, such as 'thousand TEU'")
@click.option(
    "--version", type=click.IntRange(0), help="figures: their version; a greater one replaces"
)
@click.option("--cluster", help="projects: the cluster of projects that name none")
@click.option("--functional-area", help="projects: the functional area of projects that name none")
@click.option(
    "--retract-old-ids",
    is_flag=True,
    help="EDIFACT: retract the ids that the same moves had before 0.1.0",
)
@click.option("--sheet", help="Excel: the sheet to read; by default the first")
@click.option("--dry-run", is_flag=True, help="read and count, but send nothing; needs no broker")
@click.option("--json", "as_object", is_flag=True, help="print the summary as one JSON object")
@click.pass_context
def command(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    partner: str | None,
    form: str,
    dry_run: bool,
    as_object: bool,
    **options: str | int | None,
) -> None:
    """Send the events that files of terminals, carriers and statistical offices hold.

    PATH is a file, a folder, or - for standard input.  Exit code 0: everything is in; 1: something
    was refused and the rest is in; 2: nothing could be used.

    Example: quaymark import monday/ --dry-run
    """
    producer: ProducerContext = context.obj
    terms = ReadingTerms(
        book=producer.book,
        partner=_partner(producer.book, partner, producer.settings.book),
        **options,  # type: ignore[arg-type]  # click gives each option its type
    )
    found = tuple(files_of(paths))
    run = Import(
        terms, None if form == AUTO else Form(form), ImportTally(producer.book, producer.now())
    )
    producer.run((_counting if dry_run else _sending)(run, found, producer))
    sent = 0 if dry_run else run.sent
    if as_object:
        click.echo(as_json(run.tally, sent=sent, dry_run=dry_run))
    else:
        show(run.tally, Console(), sent=sent, dry_run=dry_run)
    context.exit(run.exit_code)


async def _sending(run: Import, found: tuple[Found, ...], producer: ProducerContext) -> None:
    async with Sender(producer.settings, "import", patience_seconds=PATIENCE_SECONDS) as sender:
        run.send = sender.send_encoded
        await _reading(run, found, producer)
        await run.finish(partial(search_books, producer.settings))


async def _counting(run: Import, found: tuple[Found, ...], producer: ProducerContext) -> None:
    await _reading(run, found, producer)
    await run.finish()


async def _reading(run: Import, found: tuple[Found, ...], producer: ProducerContext) -> None:
    with _progress(found) as report_bytes:
        for one in found:
            await run.read(one, producer.now(), report_bytes)


def _partner(book: Book, name: str | None, path: str) -> Partner | None:
    if name is None:
        return None
    for partner in book.partner:
        if partner.name == name:
            return partner
    known = ", ".join(partner.name for partner in book.partner) or "none"
    raise Misconfigured(f"--partner is {name!r}, expected a [[partner]] of {path}: {known}")


@contextmanager
def _progress(found: tuple[Found, ...]) -> Iterator[Callable[[int], None]]:
    """Give a function that takes the number of bytes read and moves a progress bar."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("import", total=sum(one.size for one in found) or None)
        yield lambda size: progress.advance(bar, size)
