"""render, topics: files and topics made from what the code declares."""

from pathlib import Path

import click

from broker.admin import create_topics
from contract.errors import StackError
from dashboards.grafana.language import LANGS, Lang
from stack import render as rendered
from stack.context import CommandContext


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 and name what is out of date.")
@click.option(
    "--lang",
    "langs",
    type=click.Choice(LANGS),
    multiple=True,
    default=LANGS,
    help="Boards of this language alone; may be repeated.",
)
@click.pass_obj
def render(desk: CommandContext, check: bool, langs: tuple[Lang, ...]) -> None:
    """Write deploy/ and what docs/ has from the code.

    Example: quaymark render --check
    """
    root, files = Path(), rendered.repository(desk.book(), langs)
    if not check:
        changed = rendered.write(root, files, owned=rendered.OWNED)
        desk.say(f"{len(files)} files, {len(changed)} changed")
    elif stale := rendered.stale(root, files, owned=rendered.OWNED):
        raise StackError("not up to date, run `quaymark render`:\n  " + "\n  ".join(stale))


@click.command()
@click.pass_obj
def topics(desk: CommandContext) -> None:
    """Create the topics that are missing.

    Example: QUAYMARK_KAFKA=kafka.example:9092 quaymark topics
    """
    made = create_topics(desk.settings.kafka)
    for name in made.created:
        desk.say(f"created  {name}")
    for name in made.present:
        desk.say(f"present  {name}")
