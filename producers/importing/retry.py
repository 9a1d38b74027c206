"""What was refused: the dead-letter topic read back, and tried again after the book has changed.

A letter is tried only if what refused it no longer does, by contract and book; what arrives a
second time is a repeat to the worker, so a retry may be made as often as one likes.

A record keeps its partition, where other records of its id lie, and its time, as of which it is
judged: the books come out as if it had never been refused.  An event that was ahead of that time
takes the first moment at which it no longer was, once that has come.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from hashlib import blake2b
from io import BytesIO

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError
from msgspec import Struct

from contract.binary_mode import ATTEMPT, structured
from contract.book import Book
from contract.errors import Reason, Rejected, StackError
from contract.events import RawEvent
from contract.settings import Settings
from contract.snapshots import DeadLetter
from contract.topics import REJECTED, TOPICS
from contract.wire import decode, decode_dead_letter, epoch_ms, event_key
from producers.importing.detect import form_of
from producers.importing.prediction import verdict
from producers.importing.run import IN_A_FILE, Import
from producers.importing.tally import Finding, ImportTally
from producers.publish.records import PARTITIONS, Encoded
from producers.reading.outcome import File, Form, ReadingTerms

POLL_MS = 1000
SETTLED = {
    Reason.CONFLICT: "two records of one event disagree; a correction needs a newer recordedtime",
    Reason.REUSED_ID: "it is booked; amend the first registration, or give its project another id",
    Reason.UNKNOWN_SIZE: "its move is counted; a newer record that names the size adds its TEU",
}
"""Reason -> why no change of the book helps."""
KNOWN_TOPICS = frozenset(topic.name for topic in TOPICS)
CLOSED = (
    "the books of {on} are closed for what came on {at}; raise port.open_days in quaymark.toml"
)


class NumberedDeadLetter(Struct, frozen=True):
    """A dead letter and its number: its offset in the topic."""

    number: int
    letter: DeadLetter

    @property
    def place(self) -> str:
        """Where the refused record stood."""
        letter = self.letter
        return letter.origin or f"{letter.topic}/{letter.partition}/{letter.offset}"


class Retried(Struct, frozen=True):
    """What became of a letter that was tried again; `refused` says why it still is, if it is."""

    letter: NumberedDeadLetter
    events: int
    refused: str = ""


async def letters(settings: Settings) -> AsyncIterator[NumberedDeadLetter]:
    """All dead letters there are now, the oldest first.

    Raises:
        StackError: there is no broker.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False)
    try:
        await consumer.start()
        partition = TopicPartition(REJECTED.under(settings.prefix).name, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        while await consumer.position(partition) < end:
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    if record.offset < end:
                        yield NumberedDeadLetter(record.offset, _read(record.value))
    except KafkaConnectionError as error:
        raise StackError(f"no Kafka at {settings.kafka}: start it (`make up`)") from error
    finally:
        await consumer.stop()


class Retry:
    """Tries letters again, by the book of now."""

    def __init__(
        self, book: Book, now: datetime, send: Callable[[Encoded], Awaitable[None]]
    ) -> None:
        self._book = book
        self._now = now
        self._send = send
        self._sent: set[bytes] = set()
        """Hashes of what went out: a record refused again and again has several letters."""

    async def again(self, letter: NumberedDeadLetter) -> Retried:
        """Send what a letter holds, if nothing speaks against it any more."""
        found = letter.letter
        if found.reason in SETTLED:
            return Retried(letter, 0, SETTLED[Reason(found.reason)])
        if not found.value:
            return Retried(letter, 0, "its bytes are not kept; they stand where it came from")
        try:
            if found.topic == IN_A_FILE:
                return await self._file(letter, found.value)
            if found.topic not in KNOWN_TOPICS:
                return Retried(letter, 0, f"{found.topic} is no topic of ours")
            value = structured(found.value, found.headers)
            event = decode(value)
            at = self._as_of(found, event)
            if verdict(event, self._book, at).closed:
                on = event.time.astimezone(self._book.tz).date()
                return Retried(letter, 0, CLOSED.format(on=on, at=at.date()))
        except Rejected as rejected:
            return Retried(letter, 0, str(rejected))
        record = Encoded(
            found.topic,
            found.key or event_key(event),
            value,
            epoch_ms(at),
            found.partition if found.partition < PARTITIONS[found.topic] else None,
            ((ATTEMPT, str(found.attempts + 1).encode()),),
        )
        return Retried(letter, await self._out([record]))

    def _as_of(self, found: DeadLetter, event: RawEvent) -> datetime:
        """The moment as of which a record is judged again.

        Raises:
            Rejected: the book of now refuses it, or it is still ahead of now.
        """
        received_at = found.received_at or found.at or self._now
        try:
            verdict(event, self._book, received_at)
        except Rejected as rejected:
            if rejected.reason is not Reason.FUTURE_TIME:
                raise
            verdict(event, self._book, self._now)
            return min(max(event.time, event.recordedtime), self._now)
        return received_at

    async def _out(self, records: list[Encoded]) -> int:
        """Send those that this run has not sent yet; gives how many."""
        events = 0
        for record in records:
            name = blake2b(
                b"%b\0%b" % (record.key or b"", record.value or b""), digest_size=16
            ).digest()
            if name not in self._sent:
                self._sent.add(name)
                await self._send(record)
                events += 1
        return events

    async def _file(self, letter: NumberedDeadLetter, original: bytes) -> Retried:
        """Read a record of a file again, as the file of its own that its letter holds."""
        refused: list[Finding] = []
        for moment in (letter.letter.at or self._now, self._now):
            waiting, refused = await self._read_again(letter.letter, original, moment)
            if [item.reason for item in refused] != [Reason.FUTURE_TIME]:
                break
        if refused:
            return Retried(letter, 0, refused[0].message.split("\n")[0])
        return Retried(letter, await self._out(waiting))

    async def _read_again(
        self, found: DeadLetter, original: bytes, moment: datetime
    ) -> tuple[list[Encoded], list[Finding]]:
        """What a record of a file gives as of a moment, and what is refused of it."""
        waiting: list[Encoded] = []

        async def keep(record: Encoded) -> None:
            if record.topic != REJECTED.name:
                waiting.append(record._replace(timestamp_ms=epoch_ms(moment)))

        run = Import(ReadingTerms(self._book), None, ImportTally(self._book, moment))
        run.send = keep
        made_at = (found.at or self._now).timestamp()
        await run.records(File(found.origin, BytesIO(original), made_at), _form(found, original))
        return waiting, [item for item in run.tally.items if item.kind == "rejected"]


def _read(value: bytes | None) -> DeadLetter:
    """A letter; what is none is shown as one, so that it can be seen."""
    try:
        return decode_dead_letter(value or b"")
    except Rejected as rejected:
        return DeadLetter(REJECTED.name, 0, -1, Reason.UNDECODABLE, str(rejected), value)


def _form(letter: DeadLetter, original: bytes) -> Form:
    """The form that the bytes show, else the one in which they came."""
    try:
        return form_of(original)
    except Rejected:
        came_as = (letter.key or b"").decode("utf-8", "replace")
        if came_as not in [*map(str, Form)]:
            raise
        return Form(came_as)
