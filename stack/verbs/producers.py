"""simulate, import, rejected: the producers' commands under one roof."""

import os
import sys

import click

from stack.context import CommandContext

HANDED_ON = {"ignore_unknown_options": True, "help_option_names": []}
"""Options, `--help` too, are the producer's own."""


@click.command(context_settings=HANDED_ON, options_metavar="[OPTIONS]")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def simulate(desk: CommandContext, arguments: tuple[str, ...]) -> None:
    """Send the simulated port's moves.

    History as fast as it goes, then live.

    Example: quaymark simulate --since 2026-01-01 --no-live
    """
    _become("simulate", arguments, desk)


@click.command("import", context_settings=HANDED_ON, options_metavar="[OPTIONS] PATH...")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def import_(desk: CommandContext, arguments: tuple[str, ...]) -> None:
    """Read files and send the events that they report.

    DCSA Track & Trace JSON, indicator CSV and more; the form is recognised.

    Example: quaymark import events.json monthly-teu.csv
    """
    _become("import", arguments, desk)


@click.command(context_settings=HANDED_ON, options_metavar="list|show|retry [OPTIONS]")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def rejected(desk: CommandContext, arguments: tuple[str, ...]) -> None:
    """See what could not be counted, and try it again.

    After a partner or a terminal was added to quaymark.toml, `retry` counts what was refused.

    Example: quaymark rejected retry --reason unknown_terminal
    """
    _become("rejected", arguments, desk)


def _become(command: str, arguments: tuple[str, ...], desk: CommandContext) -> None:
    """Go on as the producer, so that signals and exit codes are its own."""
    line = [sys.executable, "-m", "producers", command, *arguments]
    os.execve(sys.executable, line, dict(desk.environ))
