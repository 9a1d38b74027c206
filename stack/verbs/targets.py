"""targets: what the port is judged by, set, shown, compared."""

import json
import os
import sys

import click
from rich.table import Table

from contract.errors import StackError
from contract.target_changes import changes, in_words
from stack.context import CommandContext
from stack.http_client import page
from stack.processes import kafka
from stack.status import target_table
from stack.status.exposition import Exposition

WIDE = 150  # columns of a terminal that shows all there is to a target
BRIEF = ("target", "period", "now", "goal", "pace", "forecast", "status")


@click.group()
def targets() -> None:
    """Set the targets of targets.toml, and see how they stand.

    Example: quaymark targets apply --dry-run
    """


@targets.command()
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--by", metavar="NAME", help="Who sets them; you without it.")
@click.pass_obj
def apply(desk: CommandContext, dry_run: bool, by: str | None) -> None:
    """Make targets.toml stand.

    Only what differs is sent, dated and signed; the worker follows at once.  A target that is no
    longer in the file is withdrawn.  A mistake anywhere in the file changes nothing.

    Example: quaymark targets apply --by "Planning Office"
    """
    target_table.wanted(desk.settings, desk.book())
    _refuse_no_kafka(desk)
    line = [sys.executable, "-m", "producers", "targets"]
    line += ["--dry-run"] * dry_run + (["--by", by] if by else [])
    os.execve(sys.executable, line, dict(desk.environ))


@targets.command()
@click.pass_context
def diff(context: click.Context) -> None:
    """Compare targets.toml with what stands.

    Exits with 1 where they differ.

    Example: quaymark targets diff
    """
    desk: CommandContext = context.obj
    wanted = target_table.wanted(desk.settings, desk.book())
    _refuse_no_kafka(desk)
    found = changes(wanted, target_table.trail(desk.settings).stands)
    for line in in_words(found):
        desk.say(line)
    if found:
        desk.say(f"{len(found)} differ; `quaymark targets apply` makes the file stand")
        context.exit(1)
    desk.say(f"the {len(wanted)} targets of {desk.settings.targets} stand")


@targets.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
@click.option("--history", is_flag=True, help="Every change: when, by whom, to what.")
@click.pass_obj
def show(desk: CommandContext, as_json: bool, history: bool) -> None:
    """Show what stands, and how far each target is.

    Example: quaymark targets show --history
    """
    settings, book = desk.settings, desk.book()
    _refuse_no_kafka(desk)
    found = target_table.trail(settings)
    if history:
        for line in target_table.history(found, book.tz):
            desk.say(line)
        return
    address = f"http://{settings.metrics_host}:{settings.metrics_port}/metrics"
    exposition = page(address)
    rows = list(target_table.rows(found, Exposition(exposition or ""), book))
    if as_json:
        listed = [dict(zip(target_table.HEADS, row, strict=True)) for row in rows]
        desk.say(json.dumps(listed, indent=2, ensure_ascii=False))
    else:
        columns = desk.console.width if desk.console.is_terminal else WIDE
        desk.console.print(_table(rows, columns), width=columns, crop=False)
    if exposition is None:
        click.echo(f"no worker answers at {address}: no figures", err=True)


def _table(rows: list[tuple[str, ...]], columns: int) -> Table:
    """All columns where there is room for them, else those that tell where a target stands."""
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


def _refuse_no_kafka(desk: CommandContext) -> None:
    if not kafka.answers(desk.settings.kafka):
        raise StackError(
            f"no Kafka at {desk.settings.kafka}: start it (`make up`), or say in QUAYMARK_KAFKA "
            "where it is"
        )
