"""History to send again: a range of the raw topics or of an archive, in days over all topics."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from archive.envelope import event_time
from archive.filing import Record, filed, instant
from archive.manifest import ArchiveManifest, Part
from archive.topic_reader import DAILY, TopicReader
from contract.errors import Misconfigured, StackError
from contract.topics import INDICATORS, MOVES, PROJECTS, TARGETS, Topic

ORDER = (TARGETS, PROJECTS, INDICATORS, MOVES)
"""What a year is judged by before what it is judged on; the rest day by day in this order."""
SAID = 12  # days named in a message; a thousand would hide the first


class By(StrEnum):
    """By which time a range picks."""

    EVENT = "event"
    APPEND = "append"


class HistoryRange(Struct, frozen=True):
    """From an instant up to, not including, another; None is open.

    Targets are in every range: what a year is judged by is often set in another one.
    """

    since: datetime | None = None
    until: datetime | None = None
    by: By = By.EVENT

    @property
    def is_open(self) -> bool:
        """Whether everything is in it."""
        return self.since is None and self.until is None

    def holds(self, record: Record) -> bool:
        """Whether a record is in it; what is no event goes by when it was sent."""
        at = event_time(record) if self.by is By.EVENT else None
        at = at or instant(record.timestamp * 1000)
        return not (
            (self.since is not None and at < self.since)
            or (self.until is not None and at >= self.until)
        )

    def may_hold(self, part: Part) -> bool:
        """Whether any record of a file can be in it."""
        first, last = self._bounds(part)
        return not (
            (self.since is not None and last < self.since)
            or (self.until is not None and first >= self.until)
        )

    def holds_all_of(self, part: Part) -> bool:
        """Whether every record of a file is in it, so that none needs to be looked into."""
        first, last = self._bounds(part)
        return (self.since is None or first >= self.since) and (
            self.until is None or last < self.until
        )

    def _bounds(self, part: Part) -> tuple[datetime, datetime]:
        """The first and the last time by which a record of a file may go."""
        bounds = [(part.first_sent, part.last_sent)]
        if self.by is By.EVENT and part.first_event and part.last_event:
            bounds.append((part.first_event, part.last_event))
        return min(b[0] for b in bounds), max(b[1] for b in bounds)


class HistoryDay(NamedTuple):
    """Records of one topic and day, in the order of each partition."""

    topic: Topic
    on: date
    records: list[Record]


Days = AsyncIterator[HistoryDay]


def archived(folder: Path, wanted: HistoryRange, *, allow_gaps: bool) -> tuple[Days, list[str]]:
    """The days of an archive in a range, and what of them is left out.

    Raises:
        Misconfigured: there is no archive, or it has nothing in the range.
        StackError: something of the range is missing or damaged, and gaps are not allowed.
    """
    from archive.verify import gaps  # loads pyarrow: only who reads an archive waits for it

    manifest = ArchiveManifest.read(folder)
    if not manifest.parts:
        raise Misconfigured(f"{folder} is no archive: there is no manifest that names a file")
    chosen = {
        part.path: part
        for part in manifest.parts
        if part.topic == TARGETS.name or wanted.may_hold(part)
    }
    if all(part.topic == TARGETS.name for part in chosen.values()):
        raise Misconfigured(f"{folder} has nothing of that range: it {_reach(manifest)}")
    found = [gap for gap in gaps(manifest) if not gap.path or gap.path in chosen]
    if found and not allow_gaps:
        more = f"\n  and {len(found) - SAID} more" if len(found) > SAID else ""
        raise StackError(
            f"{folder} is not whole:\n  "
            + "\n  ".join(map(str, found[:SAID]))
            + f"{more}\nput the files back from a copy, or let --allow-gaps use the rest"
        )
    for gap in found:
        chosen.pop(gap.path, None)
    streams = [_of_archive(manifest, topic, list(chosen.values()), wanted) for topic in ORDER]
    return _merged(streams), [str(gap) for gap in found]


def of_topics(kafka: str, prefix: str, wanted: HistoryRange) -> Days:
    """The days of the raw topics, up to their ends of now, in a range."""
    return _merged([_of_topic(kafka, prefix, topic, wanted) for topic in ORDER])


async def _of_archive(
    manifest: ArchiveManifest, topic: Topic, chosen: list[Part], wanted: HistoryRange
) -> Days:
    from archive import part as parts

    for part in chosen:
        if part.topic == topic.name:
            found: Iterator[Record] = parts.read(manifest.folder, part)
            whole = topic.name in DAILY
            looked_into = not wanted.holds_all_of(part)
            for day, records in [(part.day, list(found))] if whole else _days_of(found):
                if held := _held(topic, records, wanted) if looked_into else records:
                    yield HistoryDay(topic, day, held)


async def _of_topic(kafka: str, prefix: str, topic: Topic, wanted: HistoryRange) -> Days:
    since = wanted.since if wanted.by is By.APPEND and topic is not TARGETS else None
    since_ms = None if since is None else int(since.timestamp() * 1000)
    async with TopicReader(kafka, prefix) as reader:
        async for stretch in reader.days(topic, {}, since_ms, monthly=False):
            if held := _held(topic, stretch.records, wanted):
                yield HistoryDay(topic, stretch.day, held)


def _held(topic: Topic, records: list[Record], wanted: HistoryRange) -> list[Record]:
    if wanted.is_open or topic is TARGETS:
        return records
    return [record for record in records if wanted.holds(record)]


def _days_of(records: Iterator[Record]) -> Iterator[tuple[date, list[Record]]]:
    """A file's records by day: one filed by the month holds several."""
    days: dict[date, list[Record]] = {}
    for _, own in groupby(records, key=attrgetter("partition")):
        for day, record, _ in filed(own):
            days.setdefault(day, []).append(record)
    yield from sorted(days.items())


async def _merged(streams: list[Days]) -> Days:
    """The first stream whole (targets), then the next day of all others, in their order."""
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
