"""status: the headline KPIs, their freshness and the worker's lag in the terminal."""

import contextlib
import json
import time

import click
from rich.console import RenderableType
from rich.table import Table

from contract.errors import StackError
from stack.backfill.prometheus_api import Prometheus
from stack.context import CommandContext
from stack.status import watch
from stack.status.exposition import Exposition
from stack.status.headline import Section, sections
from stack.status.live_workers import live_exposition, worker_addresses


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option(
    "--watch", "watched", is_flag=True, help="Show targets and lag every 5 s, until Ctrl-C."
)
@click.pass_obj
def status(context: CommandContext, as_json: bool, watched: bool) -> None:
    """Show the headline KPIs, their freshness and lag.

    Exits with 1 if no worker answers.

    Example: quaymark status --watch
    """
    settings = context.settings
    exposition = live_exposition(settings)
    if exposition is None:
        raise StackError(
            f"no worker answers at {', '.join(worker_addresses(settings))}: "
            "`quaymark up` starts one, "
            "QUAYMARK_METRICS_PORT names another port"
        )
    if watched:
        _watch(context)
        return
    shown = tuple(sections(Exposition(exposition), context.book(), context.now()))
    if as_json:
        context.say(json.dumps({section.title: dict(section.rows) for section in shown}, indent=2))
        return
    for section in shown:
        context.console.print(f"\n[bold]{section.title}[/bold]")
        context.console.print(_table(section))


def _watch(context: CommandContext) -> None:
    book = context.book()
    prometheus = Prometheus(context.settings.prometheus)
    past = watch.paces(prometheus, context.now())

    def draw() -> RenderableType:
        exposition = live_exposition(context.settings)
        samples = Exposition(exposition) if exposition else None
        return watch.screen(samples, book, context.now(), past)

    with contextlib.suppress(KeyboardInterrupt):
        watch.watch(context.console, draw, time.sleep)


def _table(section: Section) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_column(style="dim", min_width=26)
    table.add_column()
    for what, figure in section.rows:
        table.add_row(what, figure)
    return table
