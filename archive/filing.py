"""The filing of records by day, and the archived record: all that a rebuild needs."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

from contract.binary_mode import Headers
from contract.record import ConsumerRecord
from contract.topics import MOVES

DAILY = frozenset({MOVES.name})
"""Topics filed by day; the others have a few records a week, and are filed by month."""
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
    """A record read back from an archive; creating a named tuple takes five times as long."""

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class FiledRecord(NamedTuple):
    """A record and the day, or first day of the month, under which it is filed."""

    day: date
    record: ConsumerRecord
    newest: int
    """The greatest timestamp of the partition up to this record."""


def filed(
    records: Iterable[ConsumerRecord], newest: int = 0, *, monthly: bool = False
) -> Iterator[FiledRecord]:
    """File the records of one partition, each under the day of the greatest timestamp so far.

    Timestamps may go back (a year loaded afterwards, a corrected clock), but these days never do,
    so each day of a partition is one range of offsets.  `newest` is the greatest timestamp before
    the first of these records.
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
    """Return microseconds since 1970 as an aware instant, limited to the calendar's years."""
    return BEGIN + timedelta(microseconds=min(max(microseconds, FIRST_US), LAST_US))
