"""The `inbox` commands: take in the files of a folder, show its state, try failed files again."""

import asyncio
from pathlib import Path

import click
import structlog

from broker.connection import Connection, check_login
from contract.errors import Misconfigured, StackError
from producers.context import ProducerContext
from producers.inbox.file_import import FileImporter
from producers.inbox.folder import RESERVED, InboxFolder
from producers.inbox.intake import Intake, IntakeTerms
from producers.inbox.listing import as_json, lines_of, put_back, state_of
from producers.inbox.metrics import InboxMetrics
from producers.inbox.seen_index import SeenIndex
from producers.inbox.service import InboxService, Pauses, blocked_by

log = structlog.get_logger(__name__)


@click.group("inbox", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Take in the files that others drop into the inbox, until a signal ends it.

    A file is taken once it is whole.  It is imported as `quaymark import` does, and then lies
    under done/ or failed/ with a receipt.  The folder in which it was dropped names its partner.

    Example: quaymark inbox
    """
    if context.invoked_subcommand is None:
        producer: ProducerContext = context.obj
        _refuse_reserved_names(producer)
        folder = _folder(producer)
        with folder.owned():
            producer.serve(_run(folder, producer))


@command.command()
@click.option("--json", "as_object", is_flag=True, help="print the state as one JSON object")
@click.pass_obj
def status(producer: ProducerContext, as_object: bool) -> None:
    """Show what waits in the inbox, what is imported, and what failed, and why.

    Example: quaymark inbox status
    """
    folder = _folder(producer)
    state = state_of(folder)
    if as_object:
        click.echo(as_json(state))
        return
    for line in lines_of(state, folder):
        click.echo(line)


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME…]")
@click.option("--all", "everything", is_flag=True, help="all failed files")
@click.pass_obj
def retry(producer: ProducerContext, names: tuple[str, ...], everything: bool) -> None:
    """Move failed files back into the inbox, once the cause is mended.

    Example: quaymark inbox retry --all
    """
    if bool(names) == everything:
        raise click.UsageError("name the files as `quaymark inbox status` does, or give --all")
    moved = put_back(_folder(producer), names, everything=everything)
    for path in moved:
        click.echo(f"{path}: waits in the inbox again")
    if not moved:
        click.echo("no file has failed")


def _folder(producer: ProducerContext) -> InboxFolder:
    return InboxFolder(Path(producer.settings.inbox_folder).absolute())


def _refuse_reserved_names(producer: ProducerContext) -> None:
    for partner in producer.book.partner:
        if partner.name in RESERVED:
            raise Misconfigured(
                f"{producer.settings.book}: a [[partner]] has the name {partner.name!r}, expected "
                "another one: the inbox has a folder of its own with this name"
            )


async def _run(folder: InboxFolder, producer: ProducerContext) -> None:
    settings, book = producer.settings, producer.book
    await check_login(Connection.of(settings))
    index = SeenIndex.opened(folder)
    try:
        for partner in book.partner:
            if partner.expect_every:
                index.expect(partner.name, producer.now())
        metrics = InboxMetrics(book.partner, index.last_files())
        metrics.serve(settings)
        terms = IntakeTerms(
            book.partner,
            settings.inbox_max_megabytes << 20,
            book.tz,
            producer.now,
            settings.book,
        )
        service = InboxService(
            folder,
            metrics,
            order=settings.inbox_order,
            settle_seconds=settings.inbox_settle_seconds,
        )
        log.info("inbox.started", folder=str(folder.root))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(service.look_for_ever())
            await _take(folder, producer, terms, index, (service, metrics))
    finally:
        index.close()


async def _take(
    folder: InboxFolder,
    producer: ProducerContext,
    terms: IntakeTerms,
    index: SeenIndex,
    shown: tuple[InboxService, InboxMetrics],
) -> None:
    """Take files in; what blocks it is waited for, and the file stays where it is.

    A refusal of Kafka's blocks, too, for a rotation of passwords may be half done.
    """
    service, metrics = shown
    pauses = Pauses()
    while True:
        taken = service.taken
        try:
            async with FileImporter(producer) as importer:
                await service.take_for_ever(Intake(folder, terms, index, importer))
        except (StackError, Misconfigured, OSError) as error:
            blocked = blocked_by(error)
            metrics.blocked(blocked)
            log.warning("inbox.blocked", why=blocked.why, error=blocked.error)
        if service.taken > taken:
            pauses.reset()
        await pauses.pause()
