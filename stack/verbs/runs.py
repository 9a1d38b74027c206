"""runs list, compare, pause, resume, drop: the replays that have books of their own."""

from datetime import UTC, datetime

import click
from rich.table import Table

from contract.errors import StackError
from kpis.port import handled
from kpis.port.throughput import THROUGHPUT
from stack.context import CommandContext
from stack.http_client import page
from stack.processes.broker_session import kafka_at_hand
from stack.runs.registry import FIGURES, PAUSED, RunRegistry, words
from stack.status.exposition import Exposition
from stack.status.headline import sections

LIVE = "live"


@click.group()
def runs() -> None:
    """See the runs of `replay`, compare or drop them.

    Example: quaymark runs compare live what-if
    """


@runs.command("list")
@click.pass_obj
def list_(desk: CommandContext) -> None:
    """List all runs: what each replays, and how far it is.

    Example: quaymark runs list
    """
    found = RunRegistry(desk.settings)
    table = Table(box=None, padding=(0, 2))
    for title in ("run", "state", "reached", "events", "begun as"):
        table.add_column(title, justify="right" if title == "events" else "left")
    for name in found.names():
        reached = found.reached(name)
        day, sent = ("–", "–") if reached is None else (str(reached.day), f"{reached.sent:,}")
        table.add_row(name, found.state(name), day, sent, words(found.known(name)))
    if table.row_count:
        desk.console.print(table)
    else:
        desk.say("no runs: `quaymark replay --run NAME` makes one")


@runs.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.pass_obj
def compare(desk: CommandContext, names: tuple[str, ...]) -> None:
    """Show the figures of runs side by side, each as of its own newest event.

    `live` means the live books.

    Example: quaymark runs compare live what-if
    """
    table = Table(box=None, padding=(0, 2))
    table.add_column("")
    rows: dict[str, dict[str, str]] = {}
    for name in names:
        samples = Exposition(_figures(desk, name))
        at = as_of(samples) or desk.now()
        port = next(iter(sections(samples, desk.book(), at)))
        table.add_column(f"{name}: {port.title}", justify="right")
        for what, figure in port.rows:
            rows.setdefault(what, {})[name] = figure
    for what, figures in rows.items():
        table.add_row(what, *(figures.get(name, "") for name in names))
    desk.console.print(table)


@runs.command()
@click.argument("name")
@click.pass_obj
def pause(desk: CommandContext, name: str) -> None:
    """Let a run's replay rest.

    Example: quaymark runs pause what-if
    """
    found = RunRegistry(desk.settings)
    (found.folder(found.known(name).name) / PAUSED).touch()
    desk.say(f"run {name} rests: `quaymark runs resume {name}` lets it go on")


@runs.command()
@click.argument("name")
@click.pass_obj
def resume(desk: CommandContext, name: str) -> None:
    """Let a run's replay go on.

    Example: quaymark runs resume what-if
    """
    found = RunRegistry(desk.settings)
    (found.folder(found.known(name).name) / PAUSED).unlink(missing_ok=True)
    desk.say(f"run {name} goes on")


@runs.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.pass_obj
def drop(desk: CommandContext, names: tuple[str, ...]) -> None:
    """Remove runs: their topics, tables and records.

    Example: quaymark runs drop what-if
    """
    found = RunRegistry(desk.settings)
    for name in names:
        found.known(name)
    with kafka_at_hand(desk.settings, desk.say):
        for name in names:
            for line in found.drop(name):
                desk.say(line)


def as_of(samples: Exposition) -> datetime | None:
    """The newest quay move of all years and areas."""
    newest = max((s.value for s in samples.of(THROUGHPUT[handled.as_of].series)), default=None)
    return None if newest is None else datetime.fromtimestamp(newest, UTC)


def _figures(desk: CommandContext, name: str) -> str:
    """What a run showed when all of it was booked, or what the live books show now."""
    if name == LIVE:
        settings = desk.settings
        shown = page(f"http://{settings.metrics_host}:{settings.metrics_port}/metrics")
        if shown is None:
            raise StackError("no worker of the live books answers: `quaymark up` starts one")
        return shown
    found = RunRegistry(desk.settings)
    found.known(name)
    try:
        return (found.folder(name) / FIGURES).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StackError(
            f"run {name} is {found.state(name)} and has no figures yet: they are kept once all "
            "of it is booked"
        ) from None
