"""The entry point of the command line: `quaymark <verb>`, or `python -m stack <verb>`.

The exit code is 2 for a mistake of the user's, 1 for every other failure.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from contract.errors import Misconfigured, QuaymarkError
from contract.settings import PREFIX, Settings
from stack.context import CommandContext
from stack.processes.signals import queries_interrupt
from stack.service.env_file import NAME as ENV_FILE
from stack.service.env_file import read_env_file
from stack.verbs import VERBS, verb

READS_ENV_FILE_ITSELF = ("service",)
"""Commands for which .env stays apart from the environment, as it does under systemd."""


class _Verbs(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return verb(cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        with queries_interrupt():
            return super().invoke(ctx)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="quaymark")
@click.pass_context
def quaymark(click_context: click.Context) -> None:
    """Port and project metrics: moves and milestones through Kafka to Prometheus.

    `quaymark up` starts everything on this machine, `quaymark status` shows the figures.
    Settings come from QUAYMARK_* and from .env in this folder (docs/settings.md), the port from
    quaymark.toml.
    """
    environ = dict(os.environ)  # noqa: TID251  # the entry point reads the environment
    if click_context.invoked_subcommand not in READS_ENV_FILE_ITSELF:
        environ = {**read_env_file(Path(ENV_FILE)), **environ}
    of_settings = dict(environ)
    if click_context.invoked_subcommand == "upgrade":  # it names the settings that are gone
        known = {PREFIX + name.upper() for name in Settings.__struct_fields__}
        of_settings = {name: value for name, value in environ.items() if name in known}
    settings = Settings.from_env(of_settings)
    click_context.obj = CommandContext(
        settings,
        environ,
        Console(),
        lambda: datetime.now(UTC),  # noqa: TID251  # and the clock
    )


def main() -> None:
    """Run the command that the arguments name."""
    try:
        quaymark(prog_name="quaymark")
    except QuaymarkError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2 if isinstance(error, Misconfigured) else 1)


if __name__ == "__main__":
    main()
