"""up, down, status: the town's life."""

import contextlib
import json
import time

import click
from rich.console import RenderableType
from rich.table import Table

from contract.errors import StackError
from stack.backfill.prometheus_api import Prometheus
from stack.context import CommandContext
from stack.http_client import page
from stack.processes import lock
from stack.processes.signals import signals_interrupt
from stack.processes.supervisor import Supervisor
from stack.status import target_table, watch
from stack.status.exposition import Exposition
from stack.status.headline import Section, sections

STOP_SECONDS = 60


@click.command()
@click.option(
    "--simulate/--no-simulate",
    default=True,
    help="Load the simulated year and go on live, or leave the topics to other producers.",
)
@click.option("--story", is_flag=True, help="Load 2019 and 2020 first, as they were published.")
@click.pass_obj
def up(desk: CommandContext, simulate: bool, story: bool) -> None:
    """Start everything and load the port's year.

    Kafka, Prometheus, Alertmanager, worker and simulators run as children of this process, until
    Ctrl-C or `quaymark down`; the data stays, and the next `up` goes on with it.

    Example: quaymark up --no-simulate
    """
    target_table.wanted(
        desk.settings, desk.book()
    )  # a mistake in the file is told before all starts
    begun = desk.now()
    town = Supervisor(desk.settings, desk.book(), desk.environ, desk.say)
    with lock.held(desk.folder) as crashed, signals_interrupt():
        try:
            simulator = town.open(simulate=simulate, story=story, after_crash=crashed)
            if simulator is not None:
                town.load(simulator)
                town.load_history(begun)
            desk.say("\nEverything runs.  Where to look:")
            for what, address in town.addresses():
                desk.say(f"  {what:15} {address}")
            desk.say("  in the terminal `quaymark status`\nCtrl-C or `make down` stops all of it.")
            town.keep()
        except KeyboardInterrupt:
            desk.say("stopping, in order; the data stays")
        finally:
            town.close()
        desk.say("stopped")


@click.command()
@click.pass_obj
def down(desk: CommandContext) -> None:
    """Stop what `up` started; the data stays.

    Example: quaymark down
    """
    pid = lock.stop_holder(desk.folder, STOP_SECONDS)
    desk.say("nothing runs" if pid is None else f"stopped (process {pid})")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option("--watch", "watched", is_flag=True, help="Targets and lag every 5 s, until Ctrl-C.")
@click.pass_obj
def status(desk: CommandContext, as_json: bool, watched: bool) -> None:
    """Show the headline KPIs, their freshness and lag.

    Exits with 1 if no worker answers.

    Example: quaymark status --watch
    """
    settings = desk.settings
    address = f"http://{settings.metrics_host}:{settings.metrics_port}/metrics"
    exposition = page(address)
    if exposition is None:
        raise StackError(
            f"no worker answers at {address}: `quaymark up` starts one, "
            "QUAYMARK_METRICS_PORT names another port"
        )
    if watched:
        _watch(desk, address)
        return
    shown = tuple(sections(Exposition(exposition), desk.book(), desk.now()))
    if as_json:
        desk.say(json.dumps({section.title: dict(section.rows) for section in shown}, indent=2))
        return
    for section in shown:
        desk.console.print(f"\n[bold]{section.title}[/bold]")
        desk.console.print(_table(section))


def _watch(desk: CommandContext, address: str) -> None:
    book = desk.book()
    prometheus = Prometheus(desk.settings.prometheus)
    past = watch.paces(prometheus, desk.now())

    def look() -> RenderableType:
        told = page(address)
        return watch.screen(Exposition(told) if told else None, book, desk.now(), past)

    with contextlib.suppress(KeyboardInterrupt):
        watch.watch(desk.console, look, time.sleep)


def _table(section: Section) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_column(style="dim", min_width=26)
    table.add_column()
    for what, figure in section.rows:
        table.add_row(what, figure)
    return table
