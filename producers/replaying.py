"""One replay: days of history sent again, each record as it was, at a pace, told as it goes."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from archive.record import Record, instant
from contract.errors import Misconfigured, StackError
from contract.topics import TARGETS
from producers.history import Day, Days
from producers.pace import Pace
from producers.records import Encoded
from producers.sender import Sender

AHEAD = timedelta(hours=1)  # Kafka refuses a record further ahead of its clock
KEEP_EVERY = 50_000  # events between two notes of how far it is


class Reached(Struct, frozen=True):
    """How far a replay is: all days before `day` are in Kafka."""

    day: date
    sent: int
    is_over: bool = False


class Told(NamedTuple):
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
        told: Callable[[Told], None],
        note: Path | None = None,
        *,
        targets: bool = True,
    ) -> None:
        """`note` is a file that says how far it is, for another process that goes on."""
        self._sender, self._pace, self._now, self._told = sender, pace, now, told
        self._note, self._targets = note, targets
        self.sent = 0
        self.goes_on = False
        self._noted = 0

    async def run(self, days: Days) -> None:
        """Send all, from the day that was noted on; what is sent again counts once.

        Raises:
            StackError: a record's time is ahead of this machine's clock; Kafka refuses.
        """
        begin = reached(self._note)
        self.goes_on = begin is not None
        on = first = date.min if begin is None else begin.day
        waiting: list[Day] = []
        async for day in days:
            if day.topic is TARGETS:
                if self._targets:
                    await self._send([day])
                continue
            if day.on < first:
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
            self._write(Reached(on, self.sent, is_over=True))

    async def _send(self, days: list[Day]) -> None:
        """Records of one day: in the order of time if they are to be paced."""
        pace, sender = self._pace, self._sender
        await pace.rest()
        limit = int((self._now() + AHEAD).timestamp() * 1000)
        for due, topic, record in _in_order(days) if pace.is_slow else _as_they_are(days):
            if record.timestamp > limit:
                raise StackError(
                    f"{topic}, partition {record.partition}, offset {record.offset} was sent at "
                    f"{instant(record.timestamp):%Y-%m-%d %H:%M} UTC: that is ahead of this "
                    "machine's clock, so Kafka would refuse it; set the clock right"
                )
            if not pace.is_due(due):
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
        for day in days:
            if day.topic is not TARGETS:
                self.sent += len(day.records)
                self._told(Told(day.on, len(day.records)))

    async def _keep(self, day: date) -> None:
        if self._note is not None and self.sent - self._noted >= KEEP_EVERY:
            await self._sender.flush()
            self._write(Reached(day, self.sent))

    def _write(self, found: Reached) -> None:
        self._noted = self.sent
        if self._note is not None:
            making = self._note.with_suffix(".making")
            making.write_bytes(msgspec.json.encode(found))
            making.replace(self._note)


def reached(note: Path | None) -> Reached | None:
    """How far a replay is by its note; None if it has not begun."""
    if note is None or not note.exists():
        return None
    try:
        return msgspec.json.decode(note.read_bytes(), type=Reached)
    except msgspec.MsgspecError as error:
        raise Misconfigured(f"{note}: {error}; remove it to begin anew") from None


def _as_they_are(days: list[Day]) -> Iterator[tuple[int, str, Record]]:
    for day in days:
        for record in day.records:
            yield record.timestamp, day.topic.name, record


def _in_order(days: list[Day]) -> Iterator[tuple[int, str, Record]]:
    """Due time, topic and record; each partition keeps its order where timestamps go back."""
    dated: list[tuple[int, str, Record]] = []
    for day in days:
        newest: dict[int, int] = {}
        for record in day.records:
            due = max(newest.get(record.partition, 0), record.timestamp)
            newest[record.partition] = due
            dated.append((due, day.topic.name, record))
    return iter(sorted(dated, key=itemgetter(0)))
