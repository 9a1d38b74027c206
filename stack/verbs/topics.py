"""topics: the topics of the contract are created on the broker."""

import click

from broker.admin import create_topics
from broker.connection import Connection
from stack.context import CommandContext


@click.command()
@click.pass_obj
def topics(context: CommandContext) -> None:
    """Create the topics that are missing.

    Example: QUAYMARK_KAFKA=kafka.example:9092 quaymark topics
    """
    made = create_topics(Connection.of(context.settings))
    for name in made.created:
        context.say(f"created  {name}")
    for name in made.present:
        context.say(f"present  {name}")
