"""topics: the topics of the contract are created on the broker."""

import click

from broker.admin import create_topics
from broker.connection import Connection
from broker.topic_settings import set_as_declared
from contract.topics import TOPICS
from stack.context import CommandContext


@click.command()
@click.option(
    "--mend",
    is_flag=True,
    help="Also give the topics that are there the settings of the contract.",
)
@click.pass_obj
def topics(context: CommandContext, mend: bool) -> None:
    """Create the topics that are missing.

    With --mend the others keep their records, and get back their retention, cleanup policy and
    timestamps as docs/events.md has them.

    Example: QUAYMARK_KAFKA=kafka.example:9092 quaymark topics
    """
    connection = Connection.of(context.settings)
    made = create_topics(connection)
    if mend:
        set_as_declared(connection, TOPICS)
    for name in made.created:
        context.say(f"created  {name}")
    for name in made.present:
        context.say(f"{'mended ' if mend else 'present'}  {name}")
