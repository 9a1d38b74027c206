"""A published figure of one period: the newest version wins, and what it replaced is remembered.

Newest is the greatest (version, recordedtime), ties go to the lower offset.  The two newest are
kept, so that the figure and what it replaced come out alike in any order and at any repetition.
"""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
from msgspec import Struct

from contract.book import Book
from contract.errors import Reason, Rejected
from contract.events import IndicatorReported
from contract.snapshots import IndicatorValue
from contract.wire import epoch_ms


class _Version(Struct, frozen=True, array_like=True):
    version: int
    recorded: int
    offset: int
    value: Decimal
    unit: str

    @property
    def rank(self) -> tuple[int, int]:
        return self.version, self.recorded


class IndicatorBooks(Struct, array_like=True):
    """The two newest versions of one period, the newest first, and the last offset folded in."""

    offset: int = -1
    versions: list[_Version] = []


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(IndicatorBooks).decode


def post_indicator(
    state: bytes | None, event: IndicatorReported, book: Book, partition: int, offset: int
) -> tuple[bytes, IndicatorValue]:
    """The period's books with a figure posted to them, and what stands.

    Raises:
        Rejected: another zone's figure, or another value without a newer version or record.
    """
    figure = event.data
    if figure.zone != book.zone.code:
        raise Rejected(
            Reason.UNKNOWN_CODE,
            f"{figure.zone!r} is not the zone of quaymark.toml, {book.zone.code!r}",
            where="$.data.zone",
        )
    books = _decode(state) if state else IndicatorBooks()
    came = _Version(
        figure.version, epoch_ms(event.recordedtime), offset, figure.value, figure.unit
    )
    versions = {held.rank: held for held in books.versions}
    held = versions.setdefault(came.rank, came)
    if came.offset < held.offset:
        versions[came.rank] = came
    elif (came.value, came.unit) != (held.value, held.unit):
        raise Rejected(
            Reason.CONFLICT,
            f"version {came.version} of {figure.period} is booked as {held.value} {held.unit}; "
            f"came as {came.value} {came.unit}; a revision needs a greater version or a newer "
            "recordedtime",
            where="$.data.value",
        )
    books.versions = sorted(versions.values(), key=lambda held: held.rank, reverse=True)[:2]
    books.offset = max(books.offset, offset)
    newest, *before = books.versions
    return _encode(books), IndicatorValue(
        figure.zone,
        figure.indicator,
        figure.scope,
        figure.period,
        newest.value,
        newest.unit,
        newest.version,
        partition,
        books.offset,
        before[0].value if before else None,
        datetime.fromtimestamp(newest.recorded / 1000, UTC) if before else None,
    )
