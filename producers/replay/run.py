"""One replay: days of history sent again, each record as it was, at a pace, told as it goes."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from archive.filing import Record, instant
from contract.errors import Misconfigured, StackError
from contract.topics import TARGETS
from producers.publish.records import Encoded, PartitionSlot
from producers.publish.sender import Sender
from producers.replay.pace import Pace
from producers.replay.source import Days, HistoryDay

AHEAD = timedelta(hours=1)  # Kafka refuses a record further ahead of its clock
KEEP_EVERY = 50_000  # events between two notes of how far it is …
KEEP_TIME = timedelta(seconds=2)  # … or time: a paced day may have few events, or take minutes

_partition, _sent_at = attrgetter("partition"), attrgetter("timestamp")


class ReplayPosition(Struct, frozen=True):
    """How far a replay is: all that it was given of days before `day` is in Kafka."""

    day: date
    sent: int
    """Records, without targets, by all processes that had a part in it."""
    is_over: bool = False
    offsets: dict[str, dict[int, int]] = {}
    """Topic -> partition -> the offset, there where they come from, up to which all were sent.

    Empty where records have none: files.  Days alone would not do: an archive may go back in time
    where a partition was filled later than the others, but each partition keeps its order.
    """


class ReplayNotice(NamedTuple):
    """What is told as it goes."""

    day: date
    events: int
    """Sent since the last time."""


class Replay:
    """Sends days of history.

    Attributes:
        sent: records handed to Kafka, without targets.
        goes_on: it went on where an earlier one had stopped.
    """

    def __init__(
        self,
        sender: Sender,
        pace: Pace,
        now: Callable[[], datetime],
        told: Callable[[ReplayNotice], None],
        note: Path | None = None,
        *,
        targets: bool = True,
    ) -> None:
        """`note` is a file that says how far it is, for another process that goes on."""
        self._sender, self._pace, self._now, self._told = sender, pace, now, told
        self._note, self._targets = note, targets
        self.sent = 0
        self.goes_on = False
        self._noted, self._noted_at = 0, now()
        self._begin = ReplayPosition(date.min, 0)
        self._offsets: dict[str, dict[int, int]] = {}

    async def run(self, days: Days) -> None:
        """Send all that is not noted as sent; what is sent again counts once.

        Raises:
            StackError: a record's time is ahead of this machine's clock; Kafka refuses.
        """
        begin = reached(self._note)
        self.goes_on = begin is not None
        self._begin = begin or self._begin
        self._offsets = {name: dict(own) for name, own in self._begin.offsets.items()}
        on = self._begin.day
        waiting: list[HistoryDay] = []
        async for day in days:
            if day.topic is TARGETS:
                if self._targets:
                    await self._send([day])
                continue
            day = self._rest_of(day)
            if not day.records:
                continue
            if day.on != on:
                await self._send(waiting)
                waiting, on = [], day.on
                await self._keep(on)
            if self._pace.is_slow:
                waiting.append(day)
            else:
                await self._send([day])
        await self._send(waiting)
        await self._sender.flush()
        if self.sent or self.goes_on:
            self._write(on, is_over=True)

    def _rest_of(self, day: HistoryDay) -> HistoryDay:
        """What was not sent yet of a day, by what is noted."""
        if not self.goes_on:
            return day
        if not self._begin.offsets:
            return day if day.on >= self._begin.day else day._replace(records=[])
        sent = self._begin.offsets.get(day.topic.name, {})
        left = [one for one in day.records if one.offset >= sent.get(one.partition, 0)]
        return day._replace(records=left)

    async def _send(self, days: list[HistoryDay]) -> None:
        """Records of one day: in the order of time if they are to be paced.

        Targets go at once: one of another year would hold the replay back, or let it race.
        """
        await self._pace.rest()
        limit = int((self._now() + AHEAD).timestamp() * 1000)
        for day in days:
            _refuse_future(day, limit)
        if self._pace.is_slow and days and days[0].topic is not TARGETS:
            await self._send_paced(days)
        else:
            for day in days:
                for partition, records in groupby(day.records, key=_partition):
                    await self._sender.send_stretch(
                        PartitionSlot(day.topic.name, partition), records
                    )
                if day.topic is not TARGETS:
                    self._told(ReplayNotice(day.on, len(day.records)))
        for day in days:
            if day.topic is not TARGETS:
                self._count(day)

    def _count(self, day: HistoryDay) -> None:
        self.sent += len(day.records)
        if self._note is not None:
            found = {one.partition: one.offset + 1 for one in day.records}
            ends = {number: end for number, end in found.items() if end > 0}
            self._offsets.setdefault(day.topic.name, {}).update(ends)

    async def _send_paced(self, days: list[HistoryDay]) -> None:
        """Each when it is due; says how far it is whenever it waits."""
        pace, sender = self._pace, self._sender
        on, told = days[0].on, 0
        for number, (due, topic, record) in enumerate(_in_order(days)):
            if not pace.is_due(due):
                self._told(ReplayNotice(on, number - told))
                told = number
                await pace.until(due)
            await sender.send_encoded(
                Encoded(
                    topic,
                    record.key,
                    record.value,
                    record.timestamp,
                    record.partition,
                    tuple(record.headers),
                )
            )
        self._told(ReplayNotice(on, sum(len(day.records) for day in days) - told))

    async def _keep(self, day: date) -> None:
        long_ago = self._now() - self._noted_at >= KEEP_TIME
        if self._note is not None and (long_ago or self.sent - self._noted >= KEEP_EVERY):
            await self._sender.flush()
            self._write(day)

    def _write(self, day: date, *, is_over: bool = False) -> None:
        self._noted, self._noted_at = self.sent, self._now()
        if self._note is not None:
            offsets = {name: own for name, own in self._offsets.items() if own}
            found = ReplayPosition(day, self._begin.sent + self.sent, is_over, offsets)
            making = self._note.with_suffix(".making")
            making.write_bytes(msgspec.json.encode(found))
            making.replace(self._note)


def reached(note: Path | None) -> ReplayPosition | None:
    """How far a replay is by its note; None if it has not begun."""
    if note is None or not note.exists():
        return None
    try:
        return msgspec.json.decode(note.read_bytes(), type=ReplayPosition)
    except msgspec.MsgspecError as error:
        raise Misconfigured(f"{note}: {error}; remove it to begin anew") from None


def _refuse_future(day: HistoryDay, limit_ms: int) -> None:
    record = max(day.records, key=_sent_at)
    if record.timestamp > limit_ms:
        raise StackError(
            f"{day.topic.name}, partition {record.partition}, offset {record.offset} was sent at "
            f"{instant(record.timestamp):%Y-%m-%d %H:%M} UTC: that is ahead of this machine's "
            "clock, so Kafka would refuse it; set the clock right"
        )


def _in_order(days: list[HistoryDay]) -> Iterator[tuple[int, str, Record]]:
    """Due time, topic and record; each partition keeps its order where timestamps go back."""
    dated: list[tuple[int, str, Record]] = []
    for day in days:
        newest: dict[int, int] = {}
        for record in day.records:
            due = max(newest.get(record.partition, 0), record.timestamp)
            newest[record.partition] = due
            dated.append((due, day.topic.name, record))
    return iter(sorted(dated, key=itemgetter(0)))
