"""The command line's door: `quaymark <verb>`, or `python -m stack <verb>`.

Exit 2 is the user's mistake, 1 is ours.
"""

import os
import sys
from datetime import UTC, datetime

import click
from rich.console import Console

from contract.errors import Misconfigured, QuaymarkError
from contract.settings import Settings
from stack.context import CommandContext
from stack.verbs import VERBS


class _InOrder(click.Group):
    """Lists its commands as they were added: in the order of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="quaymark")
@click.pass_context
def quaymark(context: click.Context) -> None:
    """Port and project metrics: moves and milestones through Kafka to Prometheus.

    `quaymark up` starts everything on this machine, `quaymark status` shows the figures.
    Settings come from QUAYMARK_* (docs/settings.md), the port from quaymark.toml.
    """
    environ = os.environ  # noqa: TID251  # the door reads the environment
    settings = Settings.from_env(environ)
    context.obj = CommandContext(settings, dict(environ), Console(), lambda: datetime.now(UTC))  # noqa: TID251  # and the clock


for verb in VERBS:
    quaymark.add_command(verb)


def main() -> None:
    """Run the verb of the command line."""
    try:
        quaymark(prog_name="quaymark")
    except QuaymarkError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2 if isinstance(error, Misconfigured) else 1)


if __name__ == "__main__":
    main()
