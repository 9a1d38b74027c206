"""The settings of topics on a broker: read, and set to what contract.topics declares."""

from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAuthorizationFailedError, for_code
from msgspec import Struct

from broker.admin import asked_of_kafka
from broker.connection import Connection
from broker.rights import lack
from contract.errors import Denied, StackError
from contract.kafka.rights import Operation, Right
from contract.topics import Topic

THEIRS = ("min.insync.replicas", "unclean.leader.election.enable")
"""Settings that whoever runs Kafka gives to a topic, by how many brokers there are."""
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
    return asked_of_kafka(connection, lambda admin: _described(admin, connection, names))


def set_as_declared(connection: Connection, topics: Sequence[Topic]) -> None:
    """Give topics the settings that they declare; every other setting goes to its default.

    What says how many copies a record needs stays as it is.

    Raises:
        StackError: no broker can be reached, or it refuses.
    """
    asked_of_kafka(connection, lambda admin: _altered(admin, connection, topics))


async def _described(
    admin: AIOKafkaAdminClient, connection: Connection, names: Sequence[str]
) -> dict[str, TopicSettings]:
    there = {topic["topic"] for topic in await admin.describe_topics()}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names if name in there]
    if not asked:
        return {}
    found: dict[str, TopicSettings] = {}
    for answer in await admin.describe_configs(asked):
        for code, message, _, name, entries in answer.resources:
            if code:
                raise _error(code, message, connection, Right(Operation.DESCRIBE_CONFIGS, name))
            found[name] = TopicSettings(
                {entry[0]: entry[1] for entry in entries},
                {entry[0]: entry[1] for entry in entries if entry[3] == OF_TOPIC},
            )
    return found


async def _altered(
    admin: AIOKafkaAdminClient, connection: Connection, topics: Sequence[Topic]
) -> None:
    found = await _described(admin, connection, [topic.name for topic in topics])
    kept = {
        name: {key: of_topic.given[key] for key in THEIRS if key in of_topic.given}
        for name, of_topic in found.items()
    }
    wanted = [
        ConfigResource(ConfigResourceType.TOPIC, one.name, one.config | kept.get(one.name, {}))
        for one in topics
    ]
    if not wanted:
        return
    for answer in await admin.alter_configs(wanted):
        for code, message, _, name in answer.resources:
            if code:
                raise _error(code, message, connection, Right(Operation.ALTER_CONFIGS, name))


def _error(code: int, message: str, connection: Connection, needed: Right) -> StackError:
    """Return the error for a topic whose settings are not told, or not changed."""
    if code == TopicAuthorizationFailedError.errno:
        return Denied(f"topic {needed.name}: {lack(connection.security, needed)}")
    return StackError(f"topic {needed.name}: {message or for_code(code)}")
