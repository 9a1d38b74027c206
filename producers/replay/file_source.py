"""Imported files as history: the events that an import sends, each at its recording time."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter, itemgetter

from archive.filing import ArchivedRecord, instant
from contract.topics import RAW
from contract.wire import epoch_ms, partition_of
from producers.context import ProducerContext
from producers.importing.run import Import
from producers.importing.tally import ImportTally
from producers.publish.records import Encoded, recorded_ms
from producers.reading.input_files import files_of
from producers.reading.outcome import ReadingTerms
from producers.replay.source import ORDER, Days, HistoryDay, HistoryRange

NO_OFFSET = -1  # a position in a file is no offset: it changes when the file is edited
_TOPICS = {topic.name: topic for topic in RAW}


async def days(paths: tuple[str, ...], wanted: HistoryRange, context: ProducerContext) -> Days:
    """Yield the events of files in a range by the day of their record; all are held in memory.

    Files may have any order, so the events are sorted here.  Records that can't be read are left
    out: `quaymark import` reports them.
    """
    found: list[tuple[str, ArchivedRecord]] = []
    now = epoch_ms(context.now())  # the worker rejects later events with a reason

    async def keep(record: Encoded) -> None:
        if (topic := _TOPICS.get(record.topic)) is not None and record.value is not None:
            key = record.key or b""
            sent = recorded_ms(record.value, now)
            number = partition_of(key, topic.partitions)
            kept = ArchivedRecord(number, NO_OFFSET, sent, key, record.value, ())
            if wanted.is_open or wanted.holds(kept):
                found.append((record.topic, kept))

    reading = Import(ReadingTerms(context.book), None, ImportTally(context.book, context.now()))
    reading.send = keep
    for file in files_of(paths):
        await reading.read(file, context.now(), lambda _: None)
    await reading.finish()
    for day in _by_day(found):
        yield day


def _by_day(found: list[tuple[str, ArchivedRecord]]) -> Iterator[HistoryDay]:
    def day_of(topic_and_record: tuple[str, ArchivedRecord]) -> date:
        return instant(topic_and_record[1].timestamp).date()

    found.sort(key=lambda pair: pair[1].timestamp)  # stable: the order of a file decides conflicts
    for on, of_day in groupby(found, key=day_of):
        of_topic = sorted(of_day, key=itemgetter(0))
        own = {name: [r for _, r in pairs] for name, pairs in groupby(of_topic, itemgetter(0))}
        for topic in ORDER:
            if topic.name in own:
                yield HistoryDay(topic, on, sorted(own[topic.name], key=attrgetter("partition")))
