"""The history of a replay: a range of the raw topics or of an archive, day by day."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from archive.day_reader import DayReader
from archive.envelope import event_time
from archive.filing import DAILY, filed, instant
from archive.manifest import ArchiveManifest, Part
from broker.connection import Connection
from contract.errors import Misconfigured, StackError
from contract.record import ConsumerRecord
from contract.topics import INDICATORS, MOVES, PROJECTS, TARGETS, Topic

ORDER = (TARGETS, PROJECTS, INDICATORS, MOVES)
"""Targets come first, since a year is measured against them; the rest day by day in this order."""
NAMED_GAPS = 12  # gaps named in a message; a thousand would hide the first


class By(StrEnum):
    """The time by which a range picks records."""

    EVENT = "event"
    APPEND = "append"


class HistoryRange(Struct, frozen=True):
    """A half-open range of instants; None is no limit.

    Targets are in every range, because the target of a year is often set in another year.
    """

    since: datetime | None = None
    until: datetime | None = None
    by: By = By.EVENT

    @property
    def is_open(self) -> bool:
        """Whether the range has no limit."""
        return self.since is None and self.until is None

    def holds(self, record: ConsumerRecord) -> bool:
        """Whether a record is in the range; a record that is no event counts by its send time."""
        at = event_time(record) if self.by is By.EVENT else None
        at = at or instant(record.timestamp * 1000)
        return not (
            (self.since is not None and at < self.since)
            or (self.until is not None and at >= self.until)
        )

    def may_hold(self, part: Part) -> bool:
        """Whether any record of a file can be in the range."""
        first, last = self._bounds(part)
        return not (
            (self.since is not None and last < self.since)
            or (self.until is not None and first >= self.until)
        )

    def holds_all_of(self, part: Part) -> bool:
        """Whether every record of a file is in the range, so that none needs to be decoded."""
        first, last = self._bounds(part)
        return (self.since is None or first >= self.since) and (
            self.until is None or last < self.until
        )

    def _bounds(self, part: Part) -> tuple[datetime, datetime]:
        """Return the first and the last time that a record of a file may have."""
        bounds = [(part.first_sent, part.last_sent)]
        if self.by is By.EVENT and part.first_event and part.last_event:
            bounds.append((part.first_event, part.last_event))
        return min(b[0] for b in bounds), max(b[1] for b in bounds)


class HistoryDay(NamedTuple):
    """Records of one topic and day, in the order of each partition."""

    topic: Topic
    on: date
    records: list[ConsumerRecord]


Days = AsyncIterator[HistoryDay]


def archived(folder: Path, wanted: HistoryRange, *, allow_gaps: bool) -> tuple[Days, list[str]]:
    """Return the days of an archive in a range, and the gaps that are left out.

    Raises:
        Misconfigured: there is no archive, or it has no record in the range.
        StackError: a file of the range is missing or damaged, and gaps are not allowed.
    """
    from archive.verify import gaps  # imports pyarrow, which only an archive needs

    manifest = ArchiveManifest.read(folder)
    if not manifest.parts:
        raise Misconfigured(f"{folder} is no archive: it has no manifest that names a file")
    chosen = {
        part.path: part
        for part in manifest.parts
        if part.topic == TARGETS.name or wanted.may_hold(part)
    }
    if all(part.topic == TARGETS.name for part in chosen.values()):
        raise Misconfigured(f"{folder} has no record in that range: it {_reach(manifest)}")
    found = [gap for gap in gaps(manifest) if not gap.path or gap.path in chosen]
    if found and not allow_gaps:
        more = f"\n  and {len(found) - NAMED_GAPS} more" if len(found) > NAMED_GAPS else ""
        raise StackError(
            f"{folder} is not whole:\n  "
            + "\n  ".join(map(str, found[:NAMED_GAPS]))
            + f"{more}\nrestore the files from a copy, or use --allow-gaps to replay the rest"
        )
    for gap in found:
        chosen.pop(gap.path, None)
    streams = [_of_archive(manifest, topic, list(chosen.values()), wanted) for topic in ORDER]
    return _merged(streams), [str(gap) for gap in found]


def of_topics(connection: Connection, prefix: str, wanted: HistoryRange) -> Days:
    """Return the days of the raw topics in a range, up to their present ends."""
    return _merged([_of_topic(connection, prefix, topic, wanted) for topic in ORDER])


async def _of_archive(
    manifest: ArchiveManifest, topic: Topic, chosen: list[Part], wanted: HistoryRange
) -> Days:
    from archive import part as parts

    for part in chosen:
        if part.topic == topic.name:
            found: Iterator[ConsumerRecord] = parts.read(manifest.folder, part)
            whole = topic.name in DAILY
            looked_into = not wanted.holds_all_of(part)
            for day, records in [(part.day, list(found))] if whole else _days_of(found):
                if held := _held(topic, records, wanted) if looked_into else records:
                    yield HistoryDay(topic, day, held)


async def _of_topic(
    connection: Connection, prefix: str, topic: Topic, wanted: HistoryRange
) -> Days:
    since = wanted.since if wanted.by is By.APPEND and topic is not TARGETS else None
    since_ms = None if since is None else int(since.timestamp() * 1000)
    async with DayReader(connection, prefix) as reader:
        async for found in reader.days(topic, {}, since_ms, monthly=False):
            if held := _held(topic, found.records, wanted):
                yield HistoryDay(topic, found.day, held)


def _held(
    topic: Topic, records: list[ConsumerRecord], wanted: HistoryRange
) -> list[ConsumerRecord]:
    if wanted.is_open or topic is TARGETS:
        return records
    return [record for record in records if wanted.holds(record)]


def _days_of(records: Iterator[ConsumerRecord]) -> Iterator[tuple[date, list[ConsumerRecord]]]:
    """Yield the records of a file by day: a monthly file holds several days."""
    days: dict[date, list[ConsumerRecord]] = {}
    for _, own in groupby(records, key=attrgetter("partition")):
        for day, record, _ in filed(own):
            days.setdefault(day, []).append(record)
    yield from sorted(days.items())


async def _merged(streams: list[Days]) -> Days:
    """Yield the whole first stream (targets), then day after day from all others, in order."""
    first, *streams = streams
    async for day in first:
        yield day
    heads: list[HistoryDay | None] = [await anext(stream, None) for stream in streams]
    try:
        while days := [head.on for head in heads if head is not None]:
            today = min(days)
            for number, stream in enumerate(streams):
                while (head := heads[number]) is not None and head.on <= today:
                    yield head
                    heads[number] = await anext(stream, None)
    finally:
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]  # they are generators


def _reach(manifest: ArchiveManifest) -> str:
    moves = manifest.of(MOVES.name) or manifest.parts
    first = min(part.first_event or part.first_sent for part in moves)
    last = max(part.last_event or part.last_sent for part in moves)
    return f"holds {first:%Y-%m-%d} to {last:%Y-%m-%d}"
