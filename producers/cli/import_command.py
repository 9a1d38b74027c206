"""The `import` command: reads files, sends their events and prints a summary."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import click
from msgspec import Struct
from rich.console import Console
from rich.progress import Progress

from contract.book import Book, Partner
from contract.errors import Misconfigured
from producers.cli.history_command import HistoryCommand
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
OF_TERMS = (
    *("scope", "indicator", "unit", "version", "cluster", "functional_area"),
    *("retract_old_ids", "sheet"),
)
"""ImportOptions of the command line that are fields of the `ReadingTerms`."""


class ImportOptions(Struct, frozen=True):
    """The other options of the command line."""

    paths: tuple[str, ...]
    partner: str | None
    form: str
    history: bool
    again: bool
    dry_run: bool
    as_object: bool

    @property
    def known_form(self) -> Form | None:
        """The form that the user names, None if each file shows its own."""
        return None if self.form == AUTO else Form(self.form)


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
@click.option(
    "--history",
    is_flag=True,
    help="past years: each record gets the time that it had; a stopped import goes on",
)
@click.option("--again", is_flag=True, help="history: read and send also what was sent before")
@click.option("--dry-run", is_flag=True, help="read and count, but send nothing; needs no broker")
@click.option("--json", "as_object", is_flag=True, help="print the summary as one JSON object")
@click.pass_context
def command(context: click.Context, /, **said: Any) -> None:
    """Send the events that files of terminals, carriers and statistical offices hold.

    PATH is a file, a folder, or - for standard input.  Exit code 0: everything is in; 1: something
    was refused and the rest is in; 2: nothing could be used.

    Example: quaymark import monday/ --dry-run
    """
    producer: ProducerContext = context.obj
    own = {name: said.pop(name) for name in ImportOptions.__struct_fields__}
    options = ImportOptions(**own)
    if options.again and not options.history:
        raise click.UsageError("--again belongs to --history")
    terms = ReadingTerms(
        book=producer.book,
        partner=partner_of(producer.book, options.partner, producer.settings.book),
        **said,
    )
    if options.history and not options.dry_run:
        context.exit(_history(producer, options, terms))
    tally = ImportTally(producer.book, producer.now(), as_recorded=options.history)
    run = Import(terms, options.known_form, tally)
    found = tuple(files_of(options.paths))
    producer.run((_counting if options.dry_run else _sending)(run, found, producer))
    _report(run, 0 if options.dry_run else run.sent, options)
    context.exit(run.exit_code)


def _history(producer: ProducerContext, options: ImportOptions, terms: ReadingTerms) -> int:
    """Import past years, and return the exit code."""
    given = {"partner": options.partner, "form": options.form}
    given |= {name: getattr(terms, name) for name in OF_TERMS}
    words = ", ".join(f"{name} {value}" for name, value in given.items() if value)
    past = HistoryCommand(producer, options.paths, words)
    if options.again:
        past.forget()
    done = past.run(terms, options.known_form, tuple(files_of(options.paths)))
    _report(done.run, done.sent.events, options)
    for line in done.lines(producer.book.tz):
        click.echo(line, err=options.as_object)
    return done.exit_code


def _report(run: Import, sent: int, options: ImportOptions) -> None:
    """Print the summary of an import."""
    if options.as_object:
        click.echo(as_json(run.tally, sent=sent, dry_run=options.dry_run))
    else:
        show(run.tally, Console(), sent=sent, dry_run=options.dry_run)


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


def partner_of(book: Book, name: str | None, path: str) -> Partner | None:
    """Return the partner of a name.

    Raises:
        Misconfigured: the book at `path` has none of this name.
    """
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
