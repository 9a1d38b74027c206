"""render: the files that the code declares are written, or compared with those on disk."""

from pathlib import Path

import click

from contract.errors import StackError
from dashboards.grafana.language import LANGS, Lang
from stack.alert_receivers import read_alert_receivers
from stack.context import CommandContext
from stack.render import OWNED, repository_files, stale_files, write_files


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 and name what is out of date.")
@click.option(
    "--lang",
    "langs",
    type=click.Choice(LANGS),
    multiple=True,
    default=LANGS,
    help="Dashboards in this language only; may be repeated.",
)
@click.pass_obj
def render(context: CommandContext, check: bool, langs: tuple[Lang, ...]) -> None:
    """Write deploy/ and the files of docs/ that come from the code.

    Example: quaymark render --check
    """
    alerting = read_alert_receivers(context.settings).alerting
    root, files = Path(), repository_files(context.book(), langs, alerting)
    if not check:
        changed = write_files(root, files, owned=OWNED)
        context.say(f"{len(files)} files, {len(changed)} changed")
    elif stale := stale_files(root, files, owned=OWNED):
        raise StackError("not up to date, run `quaymark render`:\n  " + "\n  ".join(stale))
