"""The settings of topics on a broker: read, and set to what contract.topics declares."""

from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code
from msgspec import Struct

from broker.admin import asked_of_kafka
from broker.connection import Connection
from contract.errors import StackError
from contract.topics import Topic

OF_TOPIC = 1
"""Kafka's source of a setting that was given to the topic itself."""


class TopicSettings(Struct, frozen=True):
    """The settings of a topic on a broker: setting -> value."""

    values: dict[str, str]
    """All of them, defaults too."""
    given: dict[str, str]
    """Those that were given to the topic itself."""


def topic_settings(connection: Connection, names: Sequence[str]) -> dict[str, TopicSettings]:
    """Return topic -> its settings, of those of these topics that are there.

    Raises:
        StackError: no broker can be reached, or it refuses.
    """
    return asked_of_kafka(connection, lambda admin: _described(admin, names))


def set_as_declared(connection: Connection, topics: Sequence[Topic]) -> None:
    """Give topics the settings that they declare; every other setting goes to its default.

    Raises:
        StackError: no broker can be reached, or it refuses.
    """
    asked_of_kafka(connection, lambda admin: _altered(admin, topics))


async def _described(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, TopicSettings]:
    there = {topic["topic"] for topic in await admin.describe_topics()}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names if name in there]
    if not asked:
        return {}
    found: dict[str, TopicSettings] = {}
    for answer in await admin.describe_configs(asked):
        for code, message, _, name, entries in answer.resources:
            if code:
                raise StackError(f"topic {name}: {message or for_code(code)}")
            found[name] = TopicSettings(
                {entry[0]: entry[1] for entry in entries},
                {entry[0]: entry[1] for entry in entries if entry[3] == OF_TOPIC},
            )
    return found


async def _altered(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    wanted = [ConfigResource(ConfigResourceType.TOPIC, one.name, one.config) for one in topics]
    if not wanted:
        return
    for answer in await admin.alter_configs(wanted):
        for code, message, _, name in answer.resources:
            if code:
                raise StackError(f"topic {name} keeps its settings: {message or for_code(code)}")
