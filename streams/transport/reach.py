"""Whether a consumer reaches the brokers that it needs, as aiokafka's client has them."""

from collections.abc import Iterable
from typing import Any

__all__ = ["reaches"]

SILENT_SECONDS = 10.0  # idle fetches are answered after a tenth of a second


def reaches(consumer: Any, partitions: Iterable[Any]) -> bool:
    """Return whether the group's coordinator is known and all these partitions' leaders answer.

    Of three brokers the last one answers, too, and can neither take a commit nor a record.
    """
    client = consumer._client
    if consumer._coordinator.coordinator_id is None:
        return False
    answering = {
        node
        for (node, _), connection in list(client._conns.items())
        if connection.connected() and connection.silent_seconds < SILENT_SECONDS
    }
    leaders = {client.cluster.leader_for_partition(partition) for partition in partitions}
    return bool(answering) and leaders <= answering
