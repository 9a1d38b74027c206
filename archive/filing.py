"""A record as Kafka keeps it: everything that a rebuild needs, so nothing else may be lost."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

from contract.binary_mode import Headers
from contract.record import ConsumerRecord

DAY_MS = 86_400_000
EPOCH = date(1970, 1, 1)
LAST_DAY = (date.max - EPOCH).days
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_US, LAST_US = (
    (end - BEGIN) // timedelta(microseconds=1)
    for end in (
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    )
)


class ArchivedRecord(Struct, frozen=True, gc=False):
    """A record read back from an archive; a named tuple takes five times as long to make."""

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class FiledRecord(NamedTuple):
    """A record and the day, or first day of the month, that it is filed under."""

    day: date
    record: ConsumerRecord
    newest: int
    """Greatest timestamp of its partition so far."""


def filed(
    records: Iterable[ConsumerRecord], newest: int = 0, *, monthly: bool = False
) -> Iterator[FiledRecord]:
    """One partition's records, each under the day of the greatest timestamp so far.

    Timestamps may go back (a year loaded afterwards, a clock set right), but these days never do:
    each day of a partition is one range of offsets.
    """
    number, day = -1, EPOCH
    for record in records:
        newest = max(newest, record.timestamp)
        if newest // DAY_MS != number:
            number = newest // DAY_MS
            day = EPOCH + timedelta(min(number, LAST_DAY))
            if monthly:
                day = day.replace(day=1)
        yield FiledRecord(day, record, newest)


def instant(microseconds: int) -> datetime:
    """Microseconds since 1970 as an aware instant; the calendar's ends stand for all beyond."""
    return BEGIN + timedelta(microseconds=min(max(microseconds, FIRST_US), LAST_US))
