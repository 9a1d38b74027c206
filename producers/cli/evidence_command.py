"""The `evidence` command: what files show of their senders, as JSON for `quaymark init`."""

import click
import msgspec

from producers.context import ProducerContext
from producers.evidence.collection import EvidenceCollection
from producers.reading.input_files import files_of
from producers.reading.outcome import ReadingTerms


@click.command("evidence", hidden=True)
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.pass_obj
def command(context: ProducerContext, paths: tuple[str, ...]) -> None:
    """Print what files show of their senders; nothing is sent.

    Example: python -m producers evidence monday/
    """
    collection = EvidenceCollection(ReadingTerms(book=context.book), context.now())

    async def read() -> None:
        for found in files_of(paths):
            await collection.read(found, context.now(), lambda size: None)

    context.run(read())
    click.echo(msgspec.json.encode(collection.evidence))
