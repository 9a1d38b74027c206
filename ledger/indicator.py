"""A published figure of one period: its newest version, and the version that this one replaced.

The newest has the greatest (version, recordedtime), and of equals the lower offset.  The two
newest are kept, so that order and repetition of records change neither the figure nor the one
before.
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
from ledger.stored_form import read_stored


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
    """The two newest versions of one period, newest first, and the last offset folded in."""

    offset: int = -1
    versions: list[_Version] = []


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(IndicatorBooks).decode


def post_indicator(
    state: bytes | None, event: IndicatorReported, book: Book, partition: int, offset: int
) -> tuple[bytes, IndicatorValue]:
    """Return the books of a period with a figure posted to them, and their snapshot.

    Raises:
        Rejected: the figure is of another zone, or has another value without being newer.
    """
    figure = event.data
    if book.zone is None or figure.zone != book.zone.code:
        known = repr(book.zone.code) if book.zone else "which has none"
        raise Rejected(
            Reason.UNKNOWN_CODE,
            f"{figure.zone!r} is not the zone of quaymark.toml, {known}",
            where="$.data.zone",
        )
    books = read_stored(_decode, state, "indicator") if state else IndicatorBooks()
    new = _Version(figure.version, epoch_ms(event.recordedtime), offset, figure.value, figure.unit)
    versions = {held.rank: held for held in books.versions}
    held = versions.setdefault(new.rank, new)
    if new.offset < held.offset:
        versions[new.rank] = new
    elif (new.value, new.unit) != (held.value, held.unit):
        raise Rejected(
            Reason.CONFLICT,
            f"version {new.version} of {figure.period} is booked as {held.value} {held.unit}; "
            f"came as {new.value} {new.unit}; a revision needs a greater version or a newer "
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
