"""The `import` command: which files, whose, as what; then the summary and a telling exit code."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import Progress

from contract.book import Book, Partner
from contract.errors import Misconfigured
from producers.context import ProducerContext
from producers.importing.run import READERS, Import
from producers.importing.summary import as_json, show
from producers.importing.tally import ImportTally
from producers.publish.sender import Sender
from producers.reading.input_files import Found, files_of
from producers.reading.outcome import Form, ReadingTerms

AUTO = "auto"
PATIENCE_SECONDS = 30.0  # a person waits at a prompt, so not for ever


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--partner", help="whose files these are: a [[partner]] of quaymark.toml")
@click.option("--format", "form", default=AUTO, type=click.Choice([AUTO, *map(str, READERS)]))
@click.option("--scope", help="figures: whose they are, such as singapore")
@click.option("--indicator", help="figures: their name; else the column's")
@click.option("--unit", help="figures: their unit, such as 'thousand TEU'")
@click.option("--version", type=click.IntRange(0), help="figures: a later version replaces")
@click.option("--cluster", help="projects: the cluster of those that name none")
@click.option("--functional-area", help="projects: the functional area of those that name none")
@click.option("--dry-run", is_flag=True, help="send nothing; needs no broker")
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
    **said: str | int | None,
) -> None:
    """Send what files of terminals, carriers and statisticians hold.

    PATH is a file, a folder, or - for standard input.  Exit 0: all is in; 1: something was
    refused, the rest is in; 2: nothing was usable.

    Example: quaymark import monday/ --dry-run
    """
    door: ProducerContext = context.obj
    terms = ReadingTerms(
        book=door.book,
        partner=_partner(door.book, partner, door.settings.book),
        **said,  # type: ignore[arg-type]  # click made each what its option says
    )
    found = tuple(files_of(paths))
    run = Import(terms, None if form == AUTO else Form(form), ImportTally(door.book, door.now()))
    door.run(_reading(run, found, door) if dry_run else _sending(run, found, door))
    sent = 0 if dry_run else run.sent
    if as_object:
        click.echo(as_json(run.tally, sent=sent, dry_run=dry_run))
    else:
        show(run.tally, Console(), sent=sent, dry_run=dry_run)
    context.exit(run.exit_code)


async def _sending(run: Import, found: tuple[Found, ...], door: ProducerContext) -> None:
    async with Sender(door.settings, "import", patience_seconds=PATIENCE_SECONDS) as sender:
        run.send = sender.send_encoded
        await _reading(run, found, door)


async def _reading(run: Import, found: tuple[Found, ...], door: ProducerContext) -> None:
    with _progress(found) as told:
        for one in found:
            await run.read(one, door.now(), told)


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
    """What to tell of bytes read: a bar on a terminal, nothing in a pipe."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("import", total=sum(one.size for one in found) or None)
        yield lambda size: progress.advance(bar, size)
