"""topics: the topics of the contract are created on the broker."""

import click

from broker.admin import create_topics
from broker.connection import Connection
from broker.topic_settings import set_as_declared
from contract.errors import StackError
from contract.topics import TOPICS
from stack.context import CommandContext
from stack.doctor.topic_checks import topic_findings
from stack.doctor.topic_facts import topics_found


@click.command()
@click.option(
    "--mend",
    is_flag=True,
    help="Also give the topics that are there the settings of the contract.",
)
@click.option("--check", is_flag=True, help="Change nothing; exit 1 and say where topics differ.")
@click.pass_obj
def topics(context: CommandContext, mend: bool, check: bool) -> None:
    """Create the topics that are missing.

    With --mend the others keep their records, and get back their retention, cleanup policy and
    timestamps as docs/events.md has them.

    With --check it looks at partitions, settings and copies, of the changelogs too.

    Example: QUAYMARK_KAFKA=kafka.example:9092 quaymark topics
    """
    connection = Connection.of(context.settings)
    if check:
        _check(context, connection)
        return
    made = create_topics(connection)
    if mend:
        set_as_declared(connection, TOPICS)
    for name in made.created:
        context.say(f"created  {name}")
    for name in made.present:
        context.say(f"{'mended ' if mend else 'present'}  {name}")


def _check(context: CommandContext, connection: Connection) -> None:
    """Say where topics differ from what they should be.

    Raises:
        StackError: some do.
    """
    declared = [topic.under(context.settings.prefix) for topic in TOPICS]
    topics = topics_found(connection, declared, context.settings.group)
    found = list(topic_findings(topics))
    for one in found:
        context.say(f"{one.severity}, {one.check}: {one.where}: {one.what}")
        context.say(f"  → {one.mend}")
    if found:
        differing = {one.where for one in found}
        raise StackError(f"{len(differing)} of {len(topics)} topics are not as they should be")
    context.say(f"all {len(topics)} topics are as they should be")
