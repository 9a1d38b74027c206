"""An event as a Kafka record: its bytes, its key, and the partition that its key belongs to."""

from datetime import datetime
from typing import NamedTuple

from contract.binary_mode import Headers
from contract.errors import Reason, Rejected
from contract.events import RawEvent
from contract.topics import TOPICS
from contract.wire import MAX_EVENT_BYTES, encode, epoch_ms, event_key, partition_of

LIMIT_BYTES = MAX_EVENT_BYTES - 512  # room for headers of batch and record
KEYS_KEPT = 4096  # keys whose partition is remembered: a port has few, an import may have many

PARTITIONS = {topic.name: topic.partitions for topic in TOPICS}
"""Topic -> partitions that the contract gives it."""


class Encoded(NamedTuple):
    """A record that is bytes already; `timestamp_ms` None is the moment of sending.

    What is sent again keeps its partition and its headers; else the key decides, and there are
    none.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    timestamp_ms: int | None = None
    partition: int | None = None
    headers: Headers = ()


class PartitionSlot(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


def encoded(event: RawEvent, at: datetime | None = None) -> Encoded:
    """An event as the record that carries it, sent `at` a moment of the past."""
    sent_ms = None if at is None else epoch_ms(at)
    return Encoded(event.TOPIC, event_key(event), encode(event), sent_ms)


class Slots(dict[tuple[str, bytes], PartitionSlot]):
    """(topic, key) -> slot, found once: murmur2 in Python costs more than the rest of a send."""

    def __missing__(self, topic_and_key: tuple[str, bytes]) -> PartitionSlot:
        topic, key = topic_and_key
        if len(self) >= KEYS_KEPT:
            self.clear()
        slot = self[topic_and_key] = PartitionSlot(topic, partition_of(key, PARTITIONS[topic]))
        return slot


def refuse_too_large(key: bytes | None, value: bytes | None) -> None:
    """Refuse a record that Kafka would not take.

    Raises:
        Rejected: its size, and what to do.
    """
    size = len(key or b"") + len(value or b"")
    if size > LIMIT_BYTES:
        raise Rejected(
            Reason.TOO_LARGE,
            f"{size} bytes with its key, Kafka takes {LIMIT_BYTES}; split the message",
        )
