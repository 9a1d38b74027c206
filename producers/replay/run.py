"""One replay: sends days of history again, each record as it was, at a pace, with progress."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import NamedTuple

import msgspec

from archive.filing import instant
from contract.errors import Misconfigured, StackError
from contract.future import LONGEST_AHEAD
from contract.progress import ReplayPosition
from contract.record import ConsumerRecord
from contract.topics import TARGETS
from producers.publish.records import Encoded, PartitionSlot
from producers.publish.sender import Sender
from producers.replay.pace import Pace
from producers.replay.source import Days, HistoryDay

KEEP_EVERY = 50_000  # events between two writes of the position …
KEEP_TIME = timedelta(seconds=2)  # … or this time: a slow day has few events or takes minutes

_partition, _sent_at = attrgetter("partition"), attrgetter("timestamp")


class ReplayNotice(NamedTuple):
    """Progress of a replay since the last notice."""

    day: date
    events: int
    """Events sent since the last notice."""


class Replay:
    """Sends days of history.

    Attributes:
        sent: records handed to Kafka, without targets.
        continues: it continued where an earlier process had stopped.
    """

    def __init__(
        self,
        sender: Sender,
        pace: Pace,
        now: Callable[[], datetime],
        notify: Callable[[ReplayNotice], None],
        note: Path | None = None,
        *,
        targets: bool = True,
    ) -> None:
        """`note` is a file for the position, from which another process can continue."""
        self._sender, self._pace, self._now, self._notify = sender, pace, now, notify
        self._note, self._targets = note, targets
        self.sent = 0
        self.continues = False
        self._noted, self._noted_at = 0, now()
        self._begin = ReplayPosition(date.min, 0)
        self._offsets: dict[str, dict[int, int]] = {}

    async def run(self, days: Days) -> None:
        """Send all records after the noted position; an event that is sent twice counts once.

        Raises:
            StackError: the time of a record is ahead of this machine's clock, or Kafka rejects it.
        """
        begin = reached(self._note)
        self.continues = begin is not None
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
        if self.sent or self.continues:
            self._write(on, is_over=True)

    def _rest_of(self, day: HistoryDay) -> HistoryDay:
        """Return the part of a day that lies after the noted position."""
        if not self.continues:
            return day
        if not self._begin.offsets:
            return day if day.on >= self._begin.day else day._replace(records=[])
        sent = self._begin.offsets.get(day.topic.name, {})
        left = [one for one in day.records if one.offset >= sent.get(one.partition, 0)]
        return day._replace(records=left)

    async def _send(self, days: list[HistoryDay]) -> None:
        """Send the records of one day, in the order of time if the replay is slowed down.

        Targets are sent at once: a target of another year would distort the pace.
        """
        await self._pace.wait_while_paused()
        limit = int((self._now() + LONGEST_AHEAD).timestamp() * 1000)
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
                    self._notify(ReplayNotice(day.on, len(day.records)))
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
        """Send each record when it is due; report progress before each wait."""
        pace, sender = self._pace, self._sender
        on, notified = days[0].on, 0
        for number, (due, topic, record) in enumerate(_in_order(days)):
            if not pace.is_due(due):
                self._notify(ReplayNotice(on, number - notified))
                notified = number
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
        self._notify(ReplayNotice(on, sum(len(day.records) for day in days) - notified))

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
    """Return the position in a note; None if there is none."""
    if note is None or not note.exists():
        return None
    try:
        return msgspec.json.decode(note.read_bytes(), type=ReplayPosition)
    except msgspec.MsgspecError as error:
        raise Misconfigured(f"{note}: {error}; remove it to start from the beginning") from None


def _refuse_future(day: HistoryDay, limit_ms: int) -> None:
    record = max(day.records, key=_sent_at)
    if record.timestamp > limit_ms:
        raise StackError(
            f"{day.topic.name}, partition {record.partition}, offset {record.offset} was sent at "
            f"{instant(record.timestamp):%Y-%m-%d %H:%M} UTC: that is ahead of this machine's "
            "clock, so Kafka would reject it; correct the clock"
        )


def _in_order(days: list[HistoryDay]) -> Iterator[tuple[int, str, ConsumerRecord]]:
    """Return (due time, topic, record) in order of time; each partition keeps its own order."""
    dated: list[tuple[int, str, ConsumerRecord]] = []
    for day in days:
        newest: dict[int, int] = {}
        for record in day.records:
            due = max(newest.get(record.partition, 0), record.timestamp)
            newest[record.partition] = due
            dated.append((due, day.topic.name, record))
    return iter(sorted(dated, key=itemgetter(0)))
