"""simulate, import, inbox, receive, rejected, web: commands that other rooms carry out."""

import os
import sys

import click

from stack.context import CommandContext

HANDED_ON = {"ignore_unknown_options": True, "help_option_names": []}
"""The producer parses the options itself, `--help` too."""


@click.command(context_settings=HANDED_ON, options_metavar="[OPTIONS]")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def simulate(context: CommandContext, arguments: tuple[str, ...]) -> None:
    """Send the simulated port's moves.

    Past days are sent as fast as possible, then each move at its moment.

    Example: quaymark simulate --since 2026-01-01 --no-live
    """
    _run_producer("simulate", arguments, context)


@click.command("import", context_settings=HANDED_ON, options_metavar="[OPTIONS] PATH...")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def import_(context: CommandContext, arguments: tuple[str, ...]) -> None:
    """Read files and send the events that they report.

    DCSA Track & Trace JSON, indicator CSV and more; the form of each file is recognised.

    Example: quaymark import events.json monthly-teu.csv
    """
    _run_producer("import", arguments, context)


@click.command(context_settings=HANDED_ON, options_metavar="[status|retry] [OPTIONS]")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def inbox(context: CommandContext, arguments: tuple[str, ...]) -> None:
    """Take in the files that others drop into a folder.

    `quaymark up` runs it.  `status` shows what waits and what failed, `retry` tries it again.

    Example: quaymark inbox status
    """
    _run_producer("inbox", arguments, context)


@click.command(context_settings=HANDED_ON, options_metavar="")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def receive(context: CommandContext, arguments: tuple[str, ...]) -> None:
    """Take events that other systems post over HTTP.

    POST /events, with a token of the file that QUAYMARK_RECEIVE_TOKEN_FILE names.  `quaymark up`
    runs it where that is set.

    Example: QUAYMARK_RECEIVE_TOKEN_FILE=tokens quaymark receive
    """
    _run_producer("receive", arguments, context)


@click.command(context_settings=HANDED_ON, options_metavar="list|show|retry [OPTIONS]")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def rejected(context: CommandContext, arguments: tuple[str, ...]) -> None:
    """Show the events that could not be counted, and send them again.

    After a partner or a terminal was added to quaymark.toml, `retry` counts what was rejected.

    Example: quaymark rejected retry --reason unknown_terminal
    """
    _run_producer("rejected", arguments, context)


@click.command()
@click.pass_obj
def web(context: CommandContext) -> None:
    """Show today, yesterday and issued reports in a browser.

    `quaymark up` runs it.  It reads the books from Kafka and answers on loopback, at
    http://127.0.0.1:6080 unless QUAYMARK_WEB_PORT says otherwise (docs/web.md).

    Example: quaymark web
    """
    _replace_by("web", (), context)


def _run_producer(command: str, arguments: tuple[str, ...], context: CommandContext) -> None:
    _replace_by("producers", (command, *arguments), context)


def _replace_by(room: str, arguments: tuple[str, ...], context: CommandContext) -> None:
    """Replace this process by another room's, so that signals and exit codes are its own."""
    line = [sys.executable, "-m", room, *arguments]
    os.execve(sys.executable, line, dict(context.environ))
