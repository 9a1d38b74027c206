"""An event as a Kafka record: its bytes, its key, and the partition that its key belongs to."""

from typing import NamedTuple

from contract.errors import Reason, Rejected
from contract.events import RawEvent
from contract.topics import TOPICS
from contract.wire import MAX_EVENT_BYTES, encode, event_key, partition_of

LIMIT_BYTES = MAX_EVENT_BYTES - 512  # room for headers of batch and record
KEYS_KEPT = 4096  # keys whose partition is remembered: a port has few, an import may have many

PARTITIONS = {topic.name: topic.partitions for topic in TOPICS}
"""Topic -> partitions that the contract gives it."""


class Encoded(NamedTuple):
    """A record that is bytes already; `timestamp_ms` None is the moment of sending."""

    topic: str
    key: bytes
    value: bytes
    timestamp_ms: int | None = None


class Slot(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


def encoded(event: RawEvent) -> Encoded:
    """An event as the record that carries it."""
    return Encoded(event.TOPIC, event_key(event), encode(event))


class Slots(dict[tuple[str, bytes], Slot]):
    """(topic, key) -> slot, found once: murmur2 in Python costs more than the rest of a send."""

    def __missing__(self, topic_and_key: tuple[str, bytes]) -> Slot:
        topic, key = topic_and_key
        if len(self) >= KEYS_KEPT:
            self.clear()
        slot = self[topic_and_key] = Slot(topic, partition_of(key, PARTITIONS[topic]))
        return slot


def refuse_too_large(record: Encoded) -> None:
    """Refuse a record that Kafka would not take.

    Raises:
        Rejected: its size, and what to do.
    """
    if (size := len(record.key) + len(record.value)) > LIMIT_BYTES:
        raise Rejected(
            Reason.TOO_LARGE,
            f"{size} bytes with its key, Kafka takes {LIMIT_BYTES}; split the message",
        )
