"""Reads the dead-letter topic, and sends dead letters again after the book has changed.

A dead letter is sent again only if contract and book no longer refuse it.  The worker takes what
arrives a second time as a repeat, so a retry may be made any number of times.

A record keeps its partition, where the other records of its id lie, and the time as of which it
is judged, so the books come out as if it had never been refused.  An event that was ahead of that
time takes its own time, once that has come.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from hashlib import blake2b
from io import BytesIO

from msgspec import Struct
from msgspec.structs import replace

from broker.connection import Connection
from broker.reader import read_to_end
from contract.binary_mode import ATTEMPT, SENT_AGAIN, Headers, structured
from contract.book import Book
from contract.errors import Reason, Rejected
from contract.events import RawEvent
from contract.settings import Settings
from contract.snapshots import IN_A_FILE, DeadLetter
from contract.topics import REJECTED, TOPICS
from contract.wire import decode, decode_dead_letter, epoch_ms, event_key
from producers.importing.detect import form_of
from producers.importing.prediction import Predictor
from producers.importing.run import Import
from producers.importing.tally import Finding, ImportTally
from producers.publish.records import PARTITIONS, Encoded, recorded_ms
from producers.reading.outcome import File, Form, ReadingTerms

SETTLED = {
    Reason.CONFLICT: "its id is booked for another container, or with other content: an amendment "
    "needs a newer recordedtime, another move its own id",
    Reason.REUSED_ID: "it is booked; amend the first registration, or give its project another id",
    Reason.UNKNOWN_SIZE: "its move is counted; a newer record that names the size adds its TEU",
}
"""Reason -> why no change of the book helps against it."""
KNOWN_TOPICS = frozenset(topic.name for topic in TOPICS)
CLOSED = (
    "the books of {on} are closed for what came on {at}; raise port.open_days in quaymark.toml"
)


class NumberedDeadLetter(Struct, frozen=True):
    """A dead letter and its number: its offset in the topic."""

    number: int
    dead_letter: DeadLetter

    @property
    def place(self) -> str:
        """Where the refused record stood: in a file, or at an offset of a partition."""
        found = self.dead_letter
        return found.origin or f"{found.topic}/{found.partition}/{found.offset}"


class Retried(Struct, frozen=True):
    """How many events of a dead letter were sent; `refused` says why it is still refused."""

    dead_letter: NumberedDeadLetter
    events: int
    refused: str = ""


async def dead_letters(settings: Settings) -> AsyncIterator[NumberedDeadLetter]:
    """Yield the dead letters that the topic holds now, the oldest first.

    Raises:
        StackError: no broker answers, or it has no such topic.
    """
    topic = REJECTED.under(settings.prefix)
    async for records in read_to_end(Connection.of(settings), topic):
        for record in records:
            yield NumberedDeadLetter(record.offset, _read(record.value))


class Retry:
    """Sends dead letters again that the present book no longer refuses."""

    def __init__(
        self, book: Book, now: datetime, send: Callable[[Encoded], Awaitable[None]]
    ) -> None:
        self._book = book
        self._predictor = Predictor(book)
        self._now = now
        self._send = send
        self._sent: set[bytes] = set()
        """Hashes of what was sent: a record that was refused twice has two dead letters."""

    async def again(self, numbered: NumberedDeadLetter) -> Retried:
        """Send the events of a dead letter, unless it is still refused."""
        found = numbered.dead_letter
        if found.reason in SETTLED:
            return Retried(numbered, 0, SETTLED[Reason(found.reason)])
        if not found.value:
            return Retried(
                numbered, 0, "its bytes were not kept; send it again from where it came"
            )
        try:
            if found.topic == IN_A_FILE:
                return await self._file(numbered, found.value)
            if found.topic not in KNOWN_TOPICS:
                return Retried(numbered, 0, f"{found.topic!r} is no topic of this contract")
            value = structured(found.value, found.headers)
            event = decode(value)
            at = self._as_of(found, event)
            if self._predictor.predict(event, at).closed:
                on = event.time.astimezone(self._book.tz).date()
                return Retried(numbered, 0, CLOSED.format(on=on, at=at.date()))
        except Rejected as rejected:
            return Retried(numbered, 0, str(rejected))
        record = Encoded(
            found.topic,
            found.key or event_key(event),
            value,
            epoch_ms(at),
            found.partition if found.partition < PARTITIONS[found.topic] else None,
            self._headers(found),
        )
        return Retried(numbered, await self._out([record]))

    def _headers(self, found: DeadLetter) -> Headers:
        """Return what says that an event was refused before, and when it is sent again."""
        return (
            (ATTEMPT, str(found.attempts + 1).encode()),
            (SENT_AGAIN, str(epoch_ms(self._now)).encode()),
        )

    def _as_of(self, found: DeadLetter, event: RawEvent) -> datetime:
        """Return the moment as of which a record is judged again.

        Raises:
            Rejected: the present book refuses the record, or it is still in the future.
        """
        received_at = found.received_at or found.at or self._now
        try:
            self._predictor.predict(event, received_at)
        except Rejected as rejected:
            if rejected.reason is not Reason.FUTURE_TIME:
                raise
            self._predictor.predict(event, self._now)
            return min(max(event.time, event.recordedtime), self._now)
        return received_at

    async def _out(self, records: list[Encoded]) -> int:
        """Send the records that this run has not sent yet, and return how many."""
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

    async def _file(self, numbered: NumberedDeadLetter, original: bytes) -> Retried:
        """Read a refused record of a file again, from the bytes in its dead letter."""
        refused: list[Finding] = []
        first = numbered.dead_letter.at or self._now
        moments = (first, self._now) if numbered.dead_letter.received_at is None else (self._now,)
        for moment in moments:
            waiting, refused = await self._read_again(numbered.dead_letter, original, moment)
            if [item.reason for item in refused] != [Reason.FUTURE_TIME]:
                break
        if refused:
            return Retried(numbered, 0, refused[0].message.split("\n")[0])
        return Retried(numbered, await self._out(waiting))

    async def _read_again(
        self, found: DeadLetter, original: bytes, moment: datetime
    ) -> tuple[list[Encoded], list[Finding]]:
        """Read a dead letter as of a moment; return its events, and what is refused of it.

        What was imported as history is read as of the time at which each event was recorded.
        """
        waiting: list[Encoded] = []
        as_recorded = found.received_at is not None
        moment_ms = epoch_ms(moment)

        async def keep(record: Encoded) -> None:
            if record.topic != REJECTED.name:
                at_ms = recorded_ms(record.value or b"", moment_ms) if as_recorded else moment_ms
                headers = self._headers(found)
                waiting.append(replace(record, timestamp_ms=at_ms, headers=headers))

        tally = ImportTally(self._book, moment, as_recorded=as_recorded)
        run = Import(ReadingTerms(self._book), None, tally)
        run.send = keep
        made_at = (found.received_at or found.at or self._now).timestamp()
        await run.records(File(found.origin, BytesIO(original), made_at), _form(found, original))
        return waiting, [item for item in run.tally.items if item.kind == "rejected"]


def _read(value: bytes | None) -> DeadLetter:
    """Decode a dead letter; bytes that are none become one, so that they can be shown."""
    try:
        return decode_dead_letter(value or b"")
    except Rejected as rejected:
        return DeadLetter(REJECTED.name, 0, -1, Reason.UNDECODABLE, str(rejected), value)


def _form(found: DeadLetter, original: bytes) -> Form:
    """Return the form that the bytes show, else the form of the file that they came from."""
    try:
        return form_of(original)
    except Rejected:
        came_as = (found.key or b"").decode("utf-8", "replace")
        if came_as not in [*map(str, Form)]:
            raise
        return Form(came_as)
