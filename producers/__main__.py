"""The command line of the producers: `python -m producers <command>`.

The exit code is 2 for a mistake of the user and 1 for a failure of the system.
"""

import os
import sys
from importlib import import_module

import click

from contract.book import read_book
from contract.errors import Misconfigured, QuaymarkError
from contract.settings import Settings
from producers.context import ProducerContext, configure_log, text_of

COMMANDS = {
    "simulate": "simulate",
    "import": "import",
    "evidence": "evidence",
    "statement": "statement",
    "inbox": "inbox",
    "projects": "projects",
    "figures": "projects",
    "receive": "receive",
    "rejected": "rejected",
    "replay": "replay",
    "targets": "targets",
}
"""Command -> its module `producers.cli.…_command`."""


class _Commands(click.Group):
    """A group that imports a command when it is asked for: all of them take half a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = vars(import_module(f"producers.cli.{COMMANDS[cmd_name]}_command"))
        found = module["figures" if cmd_name == "figures" else "command"]
        assert isinstance(found, click.Command)
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def producers(context: click.Context) -> None:
    """Write raw events to Kafka from the simulation, from files and from targets.toml."""
    settings = Settings.from_env(os.environ)  # noqa: TID251 - read once, here
    configure_log(settings)
    context.obj = ProducerContext(settings, read_book(text_of(settings.book), settings.book))


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
