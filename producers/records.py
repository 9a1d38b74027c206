"""An event as a Kafka record: its bytes, its key, and the partition that its key belongs to."""

from typing import NamedTuple

from contract.errors import Reason, Rejected
from contract.events import RawEvent
from contract.topics import TOPICS
from contract.wire import MAX_EVENT_BYTES, encode, event_key, partition_of

OVERHEAD_BYTES = 512  # headers of batch and record, which a broker's limit counts too
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


class Slots:
    """The slot of each record, remembered by key: murmur2 in Python costs more than a send."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes], Slot] = {}

    def of(self, record: Encoded) -> Slot:
        """The slot of a record.

        Raises:
            Rejected: the record is larger than Kafka takes.
        """
        size = len(record.key) + len(record.value)
        if size > MAX_EVENT_BYTES - OVERHEAD_BYTES:
            raise Rejected(
                Reason.TOO_LARGE,
                f"{size} bytes with its key, Kafka takes {MAX_EVENT_BYTES - OVERHEAD_BYTES}; "
                "split the message",
            )
        return self._known.get((record.topic, record.key)) or self._remembered(record)

    def _remembered(self, record: Encoded) -> Slot:
        if len(self._known) >= KEYS_KEPT:
            self._known.clear()
        slot = Slot(record.topic, partition_of(record.key, PARTITIONS[record.topic]))
        self._known[record.topic, record.key] = slot
        return slot
