"""Topics as a broker has them, beside what the contract declares."""

import re
from collections.abc import Sequence

from broker.admin import TopicLayout, layouts
from broker.authorizations import hidden_lines
from broker.connection import Connection
from broker.topic_settings import TopicSettings, topic_settings
from contract.topics import Cleanup, Topic
from stack.doctor.facts import TopicFound
from stack.doctor.topic_checks import INSYNC, UNCLEAN

OFFSETS = "__consumer_offsets"
"""Kafka's topic of what each group has read; only its copies are looked at."""
MOST_COPIES = 3  # of a topic on brokers of which one may fail while another is updated


def topics_found(
    connection: Connection, declared: Sequence[Topic], group: str = ""
) -> tuple[TopicFound, ...]:
    """Return each topic as the broker has it, and with a group also its changelogs and offsets.

    Raises:
        StackError: no broker can be reached, or the user may not read settings.
    """
    brokers, found = layouts(connection)
    hidden = hidden_lines(connection, [topic.name for topic in declared])
    wanted = connection.replication if connection.replication > 0 else min(MOST_COPIES, brokers)
    topics = [*declared, *(_changelogs(group, found) if group else ())]
    if group and OFFSETS in found:
        topics.append(Topic(OFFSETS, "", found[OFFSETS].partitions, Cleanup.COMPACT))
    settings = topic_settings(connection, [topic.name for topic in topics])
    if OFFSETS in settings:
        values = settings[OFFSETS].values
        settings[OFFSETS] = TopicSettings({name: values[name] for name in (INSYNC, UNCLEAN)}, {})
    return tuple(
        TopicFound(
            topic,
            layout.partitions if layout else None,
            of_topic.values,
            of_topic.given,
            copies=layout.copies if layout else None,
            wanted_copies=wanted,
            hidden=hidden.get(topic.name, ""),
        )
        for topic in topics
        for layout in [found.get(topic.name)]
        for of_topic in [settings.get(topic.name, TopicSettings({}, {}))]
    )


def _changelogs(group: str, found: dict[str, TopicLayout]) -> list[Topic]:
    ours = re.compile(re.escape(group) + "-[a-z]+-changelog")
    return [
        Topic(name, "", layout.partitions, Cleanup.COMPACT)
        for name, layout in sorted(found.items())
        if ours.fullmatch(name)
    ]
