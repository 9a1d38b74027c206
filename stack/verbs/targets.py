"""targets apply, diff, show: the targets of targets.toml are set, compared and shown."""

import json
import os
import sys

import click
from rich.table import Table

from broker.connection import Connection
from contract.errors import StackError
from contract.target_changes import change_lines, changes
from stack.context import CommandContext
from stack.processes import kafka
from stack.status import target_table
from stack.status.exposition import Exposition
from stack.status.live_workers import live_exposition, worker_addresses

WIDE = 150  # columns of a terminal in which all columns of the table fit
BRIEF = ("target", "period", "now", "goal", "pace", "forecast", "status")


@click.group()
def targets() -> None:
    """Set the targets of targets.toml, and see how far each one is.

    Example: quaymark targets apply --dry-run
    """


@targets.command()
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--by", metavar="NAME", help="Who sets them; default: the user of this process.")
@click.pass_obj
def apply(context: CommandContext, dry_run: bool, by: str | None) -> None:
    """Put the targets of targets.toml into effect.

    Only the targets that differ are sent, each with its date and who set it; the worker takes them
    at once.  A target that is no longer in the file is withdrawn.  If the file has a mistake,
    nothing is sent.

    Example: quaymark targets apply --by "Planning Office"
    """
    target_table.wanted(context.settings, context.book())
    _refuse_no_kafka(context)
    line = [sys.executable, "-m", "producers", "targets"]
    line += ["--dry-run"] * dry_run + (["--by", by] if by else [])
    os.execve(sys.executable, line, dict(context.environ))


@targets.command()
@click.pass_obj
def diff(context: CommandContext) -> None:
    """Compare targets.toml with the targets in effect.

    Exits with 1 if they differ.

    Example: quaymark targets diff
    """
    wanted = target_table.wanted(context.settings, context.book())
    _refuse_no_kafka(context)
    found = changes(wanted, target_table.trail(context.settings).in_effect)
    for line in change_lines(found):
        context.say(line)
    if found:
        context.say(f"{len(found)} differ; `quaymark targets apply` puts the file into effect")
        sys.exit(1)
    context.say(f"the {len(wanted)} targets of {context.settings.targets} are in effect")


@targets.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
@click.option("--history", is_flag=True, help="Every change: when, by whom, to what.")
@click.pass_obj
def show(context: CommandContext, as_json: bool, history: bool) -> None:
    """Show the targets in effect, and how far each one is.

    Example: quaymark targets show --history
    """
    settings, book = context.settings, context.book()
    _refuse_no_kafka(context)
    found = target_table.trail(settings)
    if history:
        for line in target_table.history(found, book.tz):
            context.say(line)
        return
    exposition = live_exposition(settings)
    rows = list(target_table.rows(found, Exposition(exposition or ""), book))
    if as_json:
        listed = [dict(zip(target_table.HEADS, row, strict=True)) for row in rows]
        context.say(json.dumps(listed, indent=2, ensure_ascii=False))
    else:
        console = context.console
        if not console.is_terminal:  # a pipe is as wide as its text
            console.width = WIDE
        console.print(_table(rows, console.width), crop=False)
    if exposition is None:
        click.echo(
            f"no worker answers at {', '.join(worker_addresses(settings))}: no figures", err=True
        )


def _table(rows: list[tuple[str, ...]], columns: int) -> Table:
    """Return a table of all columns if they fit, else of those that show how far a target is."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    words = ("target", "of", "period", "status", "reached", "set")
    shown = target_table.HEADS if columns >= WIDE else BRIEF
    for head in shown:
        table.add_column(
            head, justify="left" if head in words else "right", no_wrap=head != "target"
        )
    for row in rows:
        cells = dict(zip(target_table.HEADS, row, strict=True))
        table.add_row(*(cells[head] for head in shown))
    return table


def _refuse_no_kafka(context: CommandContext) -> None:
    if not kafka.answers(Connection.of(context.settings)):
        raise StackError(
            f"no Kafka answers at {context.settings.kafka}: start it (`quaymark up`), or set "
            "QUAYMARK_KAFKA to its address"
        )
