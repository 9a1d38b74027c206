"""An event as a Kafka record: its bytes, its key, and the partition of its key."""

from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec import Struct

from contract.binary_mode import Headers
from contract.errors import Reason, Rejected
from contract.events import RawEvent, Zoned
from contract.topics import TOPICS
from contract.wire import MAX_EVENT_BYTES, encode, epoch_ms, event_key, partition_of

LIMIT_BYTES = MAX_EVENT_BYTES - 512  # room for headers of batch and record
KEYS_KEPT = 4096  # keys whose partition is cached: a port has few keys, an import may have many

PARTITIONS = {topic.name: topic.partitions for topic in TOPICS}
"""Topic -> number of partitions in the contract."""


class Encoded(Struct, frozen=True, gc=False):
    """A record whose event is already encoded; `timestamp_ms` None means the moment of sending.

    A record that is sent again keeps its partition and its headers.  For a new record, `partition`
    is None: its key decides.
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
    """Return the record of an event; `at` is the moment of the past at which it was sent."""
    sent_ms = None if at is None else epoch_ms(at)
    return Encoded(event.TOPIC, event_key(event), encode(event), sent_ms)


class _Recorded(Struct, frozen=True, gc=False):
    recordedtime: Zoned


_decode_recorded = msgspec.json.Decoder(_Recorded).decode


def recorded_ms(value: bytes, now_ms: int) -> int:
    """Return when an event was recorded, at the latest now, in milliseconds since 1970.

    That is the timestamp of its record where history is sent: the moment at which it came then.
    """
    return min(epoch_ms(_decode_recorded(value).recordedtime), now_ms)


class Slots(dict[tuple[str, bytes], PartitionSlot]):
    """(topic, key) -> slot, cached: murmur2 in Python costs more than the rest of a send."""

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
