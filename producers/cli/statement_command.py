"""The `statement` command: what a statement says, as lines of JSON for `quaymark reconcile`."""

import sys

import click
import msgspec

from producers.cli.import_command import AUTO, partner_of
from producers.context import ProducerContext
from producers.evidence.statement_reading import OF_MOVES, StatementReading
from producers.reading.input_files import files_of
from producers.reading.outcome import Form, ReadingTerms


@click.command("statement", hidden=True)
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--partner", help="who wrote the files: a [[partner]] of quaymark.toml")
@click.option("--format", "form", default=AUTO, type=click.Choice([AUTO, *map(str, OF_MOVES)]))
@click.option("--sheet", help="Excel: the sheet to read; by default the first")
@click.pass_obj
def command(
    context: ProducerContext,
    paths: tuple[str, ...],
    partner: str | None,
    form: str,
    sheet: str | None,
) -> None:
    """Print what a statement says; nothing is sent.

    Example: python -m producers statement august.csv
    """
    terms = ReadingTerms(
        book=context.book,
        partner=partner_of(context.book, partner, context.settings.book),
        sheet=sheet,
    )
    reading = StatementReading(terms, None if form == AUTO else Form(form), context.now())
    encoder = msgspec.json.Encoder()
    for line in reading.lines(files_of(paths)):
        sys.stdout.buffer.write(encoder.encode(line) + b"\n")
    sys.stdout.buffer.flush()
