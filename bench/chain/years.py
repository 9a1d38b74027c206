"""The archive of simulated years that the bench of the chain replays."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from archive import part as parts
from archive.filing import ArchivedRecord
from archive.manifest import ArchiveManifest, OffsetSpan
from contract.book import Book
from contract.events import Label, RawEvent, Target, TargetSet
from contract.topics import MOVES, TARGETS
from contract.wire import epoch_ms
from producers.publish.records import Slots, encoded
from producers.simulate.seasonality import SHARES
from producers.simulate.simulated_port import simulate
from producers.simulate.sources import TimedEvent

CLUSTER = "bench"
GOAL_TEU = 1_100_000

_partition = attrgetter("partition")


def archive(folder: Path, book: Book, first: date, last: date, volume: float) -> None:
    """Archive all events of the simulated port from one day to another, and a target per year.

    `volume` multiplies the port's usual number of moves.
    """
    folder.mkdir(parents=True)
    manifest = ArchiveManifest.read(folder)
    manifest.begin(CLUSTER)
    years = range(first.year, last.year + 1)
    _write(manifest, TARGETS.name, (_target(book, year) for year in years))
    _write(manifest, MOVES.name, simulate(book, first, last, volume))


def moves_in(folder: Path) -> Iterator[bytes]:
    """Yield the value of each record of the moves in an archive."""
    for part in ArchiveManifest.read(folder).of(MOVES.name):
        for record in parts.read(folder, part):
            assert record.value is not None
            yield record.value


def _write(manifest: ArchiveManifest, topic: str, sent: Iterator[TimedEvent]) -> None:
    """Write one file for each UTC day on which events are sent."""
    slots, ends = Slots(), Counter[int]()

    def kept(due: TimedEvent) -> ArchivedRecord:
        record = encoded(due.event)
        at = slots[record.topic, record.key or b""].partition
        ends[at] += 1
        return ArchivedRecord(at, ends[at] - 1, epoch_ms(due.at), record.key, record.value, ())

    for day, dues in groupby(sent, key=lambda due: due.at.astimezone(UTC).date()):
        records = sorted(map(kept, dues), key=_partition)
        spans = {number: _span(list(own)) for number, own in groupby(records, key=_partition)}
        manifest.add(parts.write(manifest.folder, topic, day, 0, records, spans))


def _span(records: list[ArchivedRecord]) -> OffsetSpan:
    newest = max(record.timestamp for record in records)
    return OffsetSpan(records[0].offset, records[-1].offset + 1, newest, len(records))


def _target(book: Book, year: int) -> TimedEvent:
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
    return TimedEvent(at, event)
