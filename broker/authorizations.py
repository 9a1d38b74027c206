"""What this user may do on a broker, as the broker says it: asked before a denial comes."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError
from aiokafka.protocol.admin import DescribeGroupsRequest_v3, DescribeGroupsResponse_v3
from aiokafka.protocol.api import RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Schema, String

from broker.connection import Connection, administering
from broker.rights import lack
from contract.errors import Denied, StackError
from contract.kafka.rights import Operation, Resource, Right

__all__ = ["BITS", "Prepared", "absence", "hidden_lines", "hidden_topics", "lacking"]

NOT_AUTHORIZED = 29  # Kafka's error code TOPIC_AUTHORIZATION_FAILED
METADATA = 3  # the number of this request
SINCE = 8  # its version, of Kafka 2.3, from which on a broker says what the user may do
BITS = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.CREATE: 5,
    Operation.DELETE: 6,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
    Operation.ALTER_CONFIGS: 11,
}
"""An operation -> its bit in Kafka's sets of operations."""


class _Answer(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY, API_VERSION = METADATA, SINCE
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            Array(
                ("node_id", Int32),
                ("host", String("utf-8")),
                ("port", Int32),
                ("rack", String("utf-8")),
            ),
        ),
        ("cluster_id", String("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("topic", String("utf-8")),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("operations", Int32),
            ),
        ),
        ("cluster_operations", Int32),
    )


class _Metadata(RequestStruct):  # type: ignore[misc]
    """Metadata of topics by name, with what the user may do; aiokafka knows no version with it."""

    API_KEY, API_VERSION, RESPONSE_TYPE = METADATA, SINCE, _Answer
    SCHEMA = Schema(
        ("topics", Array(String("utf-8"))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_operations", Boolean),
        ("include_topic_operations", Boolean),
    )


class _Group(DescribeGroupsRequest_v3):  # type: ignore[misc]
    RESPONSE_TYPE = DescribeGroupsResponse_v3  # aiokafka names that of version 2


class Prepared:
    """A request of one version, as aiokafka's connection sends it."""

    def __init__(self, request: RequestStruct) -> None:
        self._request = request

    def prepare(self, _: Mapping[int, tuple[int, int]]) -> RequestStruct:
        """Return the request."""
        return self._request


async def lacking(admin: AIOKafkaAdminClient, needed: Sequence[Right]) -> list[Right]:
    """Return which of these rights, each on one topic or group, the user lacks.

    Of a topic that is not there Kafka says nothing, nor does a broker older than 2.3.
    """
    names = {right.name for right in needed if right.resource is Resource.TOPIC}
    groups = {right.name for right in needed if right.resource is Resource.GROUP}
    allowed = await _on_topics(admin, names)
    of_groups = {name: await _on_group(admin, name) for name in sorted(groups)}
    found = {Resource.TOPIC: allowed, Resource.GROUP: of_groups}
    return [
        right
        for right in needed
        if (bits := found[right.resource].get(right.name)) is not None
        and not bits >> BITS[right.operation] & 1
    ]


async def hidden_topics(admin: AIOKafkaAdminClient, names: Collection[str]) -> list[str]:
    """Return those of these topics that the user may not see, sorted."""
    return sorted(name for name, bits in (await _on_topics(admin, names)).items() if bits == 0)


def hidden_lines(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """Return topic -> the line for the right that shows it, of those that the user may not see.

    Raises:
        StackError: no broker can be reached.
    """

    async def asked() -> list[str]:
        async with administering(connection) as admin:
            return await hidden_topics(admin, names)

    needed = {name: Right(Operation.DESCRIBE, name) for name in asyncio.run(asked())}
    return {name: lack(connection.security, right) for name, right in needed.items()}


async def absence(
    connection: Connection, topic: str, operation: Operation = Operation.READ
) -> StackError:
    """Return the error for a topic that is not found: it is not there, or is hidden.

    `operation` is what the user wants to do.
    """
    with suppress(StackError):  # Kafka has gone in the meantime: say what was found
        async with administering(connection) as admin:
            if await hidden_topics(admin, [topic]):
                lacks = lack(connection.security, Right(operation, topic))
                return Denied(f"Kafka at {connection} shows no topic {topic}: {lacks}")
    return StackError(
        f"Kafka at {connection} has no topic {topic}: make it with `quaymark topics`"
    )


async def _on_topics(admin: AIOKafkaAdminClient, names: Collection[str]) -> dict[str, int | None]:
    """Return topic -> bits of what the user may do, 0 if it is hidden; None if Kafka can't say."""
    if not names:
        return {}
    request = Prepared(_Metadata(sorted(names), False, False, True))
    answer = await admin._send_request(request)
    return {
        topic: 0 if code == NOT_AUTHORIZED else None if code else bits
        for code, topic, _, _, bits in answer.topics
    }


async def _on_group(admin: AIOKafkaAdminClient, group: str) -> int | None:
    try:
        coordinator = await admin.find_coordinator(group)
        answer = await admin._send_request(Prepared(_Group([group], True)), coordinator)
    except GroupAuthorizationFailedError:
        return 0
    except KafkaError as error:
        if error.retriable:  # a cluster that has just started has no coordinator yet
            return None
        raise
    [(code, *_, bits)] = answer.groups
    return 0 if code == GroupAuthorizationFailedError.errno else None if code else int(bits)
