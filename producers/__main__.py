"""The command line of the producers: `python -m producers <command>`.

The exit code is 2 for a mistake of the user and 1 for a failure of the system.
"""

import os
import sys

import click

from contract.book import read_book
from contract.errors import Misconfigured, QuaymarkError
from contract.settings import Settings
from producers.cli import (
    evidence_command,
    import_command,
    inbox_command,
    projects_command,
    receive_command,
    rejected_command,
    replay_command,
    simulate_command,
    statement_command,
    targets_command,
)
from producers.context import ProducerContext, configure_log, text_of

COMMANDS: tuple[click.Command, ...] = (
    simulate_command.command,
    import_command.command,
    evidence_command.command,
    statement_command.command,
    inbox_command.command,
    projects_command.command,
    projects_command.figures,
    receive_command.command,
    rejected_command.command,
    replay_command.command,
    targets_command.command,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def producers(context: click.Context) -> None:
    """Write raw events to Kafka from the simulation, from files and from targets.toml."""
    settings = Settings.from_env(os.environ)  # noqa: TID251 - read once, here
    configure_log(settings)
    context.obj = ProducerContext(settings, read_book(text_of(settings.book), settings.book))


for command in COMMANDS:
    producers.add_command(command)


def main() -> None:
    """Run the command that the command line names."""
    try:
        producers(prog_name="python -m producers")
    except Misconfigured as error:
        sys.exit(_report(error, 2))
    except QuaymarkError as error:
        sys.exit(_report(error, 1))


def _report(error: QuaymarkError, code: int) -> int:
    """Print an error; return the exit code."""
    click.echo(f"error: {error}", err=True)
    return code


if __name__ == "__main__":
    main()
