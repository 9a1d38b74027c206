"""runs list, compare, pause, resume, drop: replays that have their own books."""

from datetime import UTC, datetime

import click
from rich.table import Table

from contract.errors import StackError
from kpis.port import handled
from kpis.port.throughput import THROUGHPUT
from stack.context import CommandContext
from stack.processes.broker_session import running_broker
from stack.runs.registry import FIGURES, PAUSED, RunRegistry, command_of
from stack.status.exposition import Exposition
from stack.status.headline import sections
from stack.status.live_workers import live_exposition

LIVE = "live"


@click.group()
def runs() -> None:
    """List, compare, pause or drop the runs of `replay`.

    Example: quaymark runs compare live what-if
    """


@runs.command("list")
@click.pass_obj
def list_(context: CommandContext) -> None:
    """List all runs: what each replays, and how far it has come.

    Example: quaymark runs list
    """
    found = RunRegistry(context.settings)
    table = Table(box=None, padding=(0, 2))
    for title in ("run", "state", "reached", "events", "begun as"):
        table.add_column(title, justify="right" if title == "events" else "left")
    for name in found.names():
        reached = found.reached(name)
        day, sent = ("–", "–") if reached is None else (str(reached.day), f"{reached.sent:,}")
        table.add_row(name, found.state(name), day, sent, command_of(found.known(name)))
    if table.row_count:
        context.console.print(table)
    else:
        context.say("no runs: `quaymark replay --run NAME` makes one")


@runs.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.pass_obj
def compare(context: CommandContext, names: tuple[str, ...]) -> None:
    """Show the figures of runs side by side, each as of its own newest event.

    `live` means the live books.

    Example: quaymark runs compare live what-if
    """
    table = Table(box=None, padding=(0, 2))
    table.add_column("")
    rows: dict[str, dict[str, str]] = {}
    for name in names:
        samples = Exposition(_figures(context, name))
        at = as_of(samples) or context.now()
        port = next(iter(sections(samples, context.book(), at)))
        table.add_column(f"{name}: {port.title}", justify="right")
        for what, figure in port.rows:
            rows.setdefault(what, {})[name] = figure
    for what, figures in rows.items():
        table.add_row(what, *(figures.get(name, "") for name in names))
    context.console.print(table)


@runs.command()
@click.argument("name")
@click.pass_obj
def pause(context: CommandContext, name: str) -> None:
    """Pause a run's replay.

    Example: quaymark runs pause what-if
    """
    found = RunRegistry(context.settings)
    (found.folder(found.known(name).name) / PAUSED).touch()
    context.say(f"run {name} is paused: `quaymark runs resume {name}` lets it go on")


@runs.command()
@click.argument("name")
@click.pass_obj
def resume(context: CommandContext, name: str) -> None:
    """Resume a run's replay.

    Example: quaymark runs resume what-if
    """
    found = RunRegistry(context.settings)
    (found.folder(found.known(name).name) / PAUSED).unlink(missing_ok=True)
    context.say(f"run {name} goes on")


@runs.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.pass_obj
def drop(context: CommandContext, names: tuple[str, ...]) -> None:
    """Remove runs: their topics, tables and records.

    Example: quaymark runs drop what-if
    """
    found = RunRegistry(context.settings)
    for name in names:
        found.known(name)
    with running_broker(context.settings, context.say):
        for name in names:
            for line in found.drop(name):
                context.say(line)


def as_of(samples: Exposition) -> datetime | None:
    """Return the time of the newest quay move in all years and areas; None without any."""
    newest = max((s.value for s in samples.of(THROUGHPUT[handled.as_of].series)), default=None)
    return None if newest is None else datetime.fromtimestamp(newest, UTC)


def _figures(context: CommandContext, name: str) -> str:
    """Return the exposition of a run once all of it was booked, or of the live books now."""
    if name == LIVE:
        shown = live_exposition(context.settings)
        if shown is None:
            raise StackError("no worker of the live books answers: `quaymark up` starts one")
        return shown
    found = RunRegistry(context.settings)
    found.known(name)
    try:
        return (found.folder(name) / FIGURES).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StackError(
            f"run {name} is {found.state(name)} and has no figures yet: they are written once all "
            "of its events are booked"
        ) from None
