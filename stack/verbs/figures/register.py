"""register update, watch, rebuild, status: the register of all moves is kept and looked after."""

import os
from datetime import datetime
from pathlib import Path

import click
import msgspec

from contract.book import Book
from contract.errors import StackError
from register import catalog as catalogs
from register.files import size_bytes
from register.questions import RegisterQuestions
from stack.context import CommandContext
from stack.explaining.answer_table import shown
from stack.explaining.following import bring_on, waiting_records
from stack.explaining.register_watch import RegisterWatch
from stack.processes.broker_session import running_broker
from stack.processes.signals import queries_interrupt, signals_interrupt

GIVES_WAY = 10  # to the worker, which reads the same moves


@click.group(short_help="Keep all records of moves, for explain and find.")
def register() -> None:
    """Keep the register: all records of moves as Parquet files, with the ledger's verdicts.

    `explain` and `find` ask it, and so may any SQL tool (docs/explain.md).

    Example: quaymark register status
    """


@register.command()
@click.pass_obj
def update(context: CommandContext) -> None:
    """Add what Kafka got since the register was last brought up to date.

    `quaymark explain` and `find` do it by themselves.

    Example: quaymark register update
    """
    with running_broker(context.settings, context.say):
        _bring_on(context, context.book())


@register.command()
@click.pass_obj
def watch(context: CommandContext) -> None:
    """Keep the register up to date until a signal ends it.

    `quaymark up` runs it, so that a question waits for nothing.  Its /metrics show how far it is
    behind Kafka, and the quality of partners.

    Example: quaymark register watch
    """
    os.nice(GIVES_WAY)
    kept = RegisterWatch(context, context.book())
    kept.metrics.serve(context.settings)
    context.say(f"the register in {context.settings.register_folder} is kept up to date")
    with signals_interrupt():
        try:
            while True:
                with queries_interrupt():
                    kept.look()
                kept.pause()
        except KeyboardInterrupt:
            context.say("stopped")


@register.command()
@click.pass_obj
def rebuild(context: CommandContext) -> None:
    """Make the register anew from the topics, by the present quaymark.toml.

    Use it after `quaymark books rebuild`, and where a register is damaged or of another release.

    Example: quaymark register rebuild
    """
    folder = Path(context.settings.register_folder)
    with running_broker(context.settings, context.say):
        with catalogs.locked(folder, context.say):
            try:
                catalogs.discard(folder)
            except OSError as error:
                raise StackError(f"{error.filename or folder}: {error.strerror}") from None
        _bring_on(context, context.book())


@register.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def status(context: CommandContext, as_json: bool) -> None:
    """Show what the register holds, and how many records Kafka has beyond it.

    Example: quaymark register status --json
    """
    settings, book = context.settings, context.book()
    folder = Path(settings.register_folder)
    catalog = catalogs.read(folder)
    size = size_bytes(folder, catalog)
    first, last = RegisterQuestions(folder, book.tz).known_span()
    with running_broker(settings, context.say):
        waiting = waiting_records(settings, catalog)
    found = {
        "folder": str(folder),
        "versions": catalog.rows,
        "files": len(catalog.files),
        "bytes": size,
        "first_known": first and first.astimezone(book.tz),
        "last_known": last and last.astimezone(book.tz),
        "waiting": waiting,
    }
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    context.say(f"{folder}: {catalog.rows:,} records in {len(catalog.files):,} files, {size:,} B")
    if first and last:
        context.say(f"from {_instant(first, book)} to {_instant(last, book)}")
    context.say(f"{waiting:,} records in Kafka are not in it yet")


def _bring_on(context: CommandContext, book: Book) -> None:
    added = bring_on(context, book)
    folder = Path(context.settings.register_folder)
    rows = catalogs.read(folder).rows
    context.say(f"{added:,} records of moves added; {folder} holds {rows:,} now")


def _instant(at: datetime, book: Book) -> str:
    return shown(at.astimezone(book.tz))
