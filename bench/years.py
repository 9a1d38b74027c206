"""An archive of simulated years: what the bench of the chain begins with."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from archive import part as parts
from archive.manifest import Manifest, Span
from archive.record import Kept
from contract.book import Book
from contract.events import Label, RawEvent, Target, TargetSet
from contract.topics import MOVES, TARGETS
from contract.wire import epoch_ms
from producers.records import Slots, encoded
from producers.season import SHARES
from producers.simulate_port import simulate
from producers.sources import Due

CLUSTER = "bench"
GOAL_TEU = 1_100_000

_partition = attrgetter("partition")


def archive_years(folder: Path, book: Book, years: range, volume: float) -> int:
    """Archive all that the simulated port sends in some years, each with a target.

    Gives the number of moves' events.
    """
    folder.mkdir(parents=True)
    manifest = Manifest.read(folder)
    manifest.begin(CLUSTER)
    _write(manifest, TARGETS.name, (_target(book, year) for year in years))
    sent = simulate(book, date(years[0], 1, 1), date(years[-1], 12, 31), volume)
    return _write(manifest, MOVES.name, sent)


def moves_in(folder: Path) -> Iterator[bytes]:
    """The bytes of each event of the moves in an archive."""
    for part in Manifest.read(folder).of(MOVES.name):
        for record in parts.read(folder, part):
            assert record.value is not None
            yield record.value


def _write(manifest: Manifest, topic: str, sent: Iterator[Due]) -> int:
    """Files by the day of sending; the number of events in them."""
    slots, ends, written = Slots(), Counter[int](), 0

    def kept(due: Due) -> Kept:
        record = encoded(due.event)
        at = slots[record.topic, record.key or b""].partition
        ends[at] += 1
        return Kept(at, ends[at] - 1, epoch_ms(due.at), record.key, record.value, ())

    for day, dues in groupby(sent, key=lambda due: due.at.astimezone(UTC).date()):
        records = sorted(map(kept, dues), key=_partition)
        spans = {number: _span(list(own)) for number, own in groupby(records, key=_partition)}
        manifest.add(parts.write(manifest.folder, topic, day, 0, records, spans))
        written += len(records)
    return written


def _span(records: list[Kept]) -> Span:
    newest = max(record.timestamp for record in records)
    return Span(records[0].offset, records[-1].offset + 1, newest, len(records))


def _target(book: Book, year: int) -> Due:
    at = datetime(year, 1, 1, tzinfo=book.tz)
    target = Target(
        owner=book.area[0].code,
        target="annual-teu",
        name=Label("年吞吐量", "TEU of the year"),
        measures="port_throughput_ytd_teu",
        period=str(year),
        value=Decimal(GOAL_TEU),
        monthly=SHARES,
    )
    event: RawEvent = TargetSet(
        specversion="1.0",
        id=f"{target.key}|bench",
        source="/bench",
        time=at,
        recordedtime=at,
        data=target,
    )
    return Due(at, event)
