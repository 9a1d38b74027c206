"""A Kafka record as every room reads it, whether from a broker, a record batch or an archive."""

from typing import Protocol

from contract.binary_mode import Headers


class Record(Protocol):
    """A record of a partition that is known from elsewhere: a record batch does not repeat it."""

    @property
    def offset(self) -> int:
        """The record's offset in its partition."""

    @property
    def timestamp(self) -> int:
        """When the record was sent, by the sender's clock, in milliseconds since 1970."""

    @property
    def key(self) -> bytes | None:
        """The key, which decides the partition."""

    @property
    def value(self) -> bytes | None:
        """The event's bytes, or in CloudEvents' binary mode those of the event's data."""

    @property
    def headers(self) -> Headers:
        """The headers; in CloudEvents' binary mode they hold the event's attributes."""


class ConsumerRecord(Record, Protocol):
    """A record that names its partition, as a consumer or an archive hands it out."""

    @property
    def partition(self) -> int:
        """The number of the record's partition in its topic."""
