"""The outcome of each record of a file: accepted, skipped or refused, with its place.

Every record of a file becomes exactly one outcome, so that no record is lost without a message.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from contract.book import Book, Partner
from contract.errors import Reason, Rejected
from contract.events import RawEvent
from producers.reading.release_history import ReleaseHistory

EXCERPT_CHARS = 80  # the longest part of a wrong value in a message
ORIGINAL_BYTES = 512 << 10  # longest original in a dead letter: base64 adds a third


class Form(StrEnum):
    """The forms of files that can be read."""

    EDIFACT = "edifact"
    DCSA = "dcsa"
    EVENTS = "events"
    MOVES = "moves"
    INDICATORS = "indicators"
    PROJECTS = "projects"
    OC4IDS = "oc4ids"
    OCDS = "ocds"
    EDI_JSON = "edi-json"


class Skip(StrEnum):
    """The reason why a valid record gives no event."""

    TRANSPORT = "transport_event"
    SHIPMENT = "shipment_event"
    OTHER_EVENT = "other_event"
    OTHER_MESSAGE = "other_message"
    NO_VALUE = "no_value"
    OTHER_EQUIPMENT = "other_equipment"
    NOT_SIGNED = "not_signed"


class Message(Struct, frozen=True):
    """The begin of a message, document or table."""

    at: str


class MoveReference(Struct, frozen=True, gc=False):
    """What a message says by which a correction finds its original.

    Attributes:
        function: the message function (UN/EDIFACT 1225), "" if none is given.
        corrects: whether the message corrects or cancels an earlier one.
        document: the number of the document, or of the one that is corrected; "" if there is none.
        named: whether that number can name one document; a constant text can't.
        container: move and container number, or move and place in the document.
        voyage: ship and voyage, "" if none is named.
        minute: move, terminal, container number and minute, "" without a number.
        message: the message within its file.
        edges: ids under which the same move may have been reported.
        earlier_id: the id that the move had before 0.1.0, if it is to be retracted.
    """

    function: str
    corrects: bool
    document: str
    named: bool
    container: str
    voyage: str
    minute: str
    message: str
    edges: tuple[str, ...] = ()
    earlier_id: str = ""


class Accepted(Struct, frozen=True, gc=False):
    """An event to send; `odd` are contradictions in the record, which counts all the same.

    `stated_teu` is the TEU that the record itself names, which no event has.
    """

    at: str
    event: RawEvent
    odd: tuple[str, ...] = ()
    reference: MoveReference | None = None
    stated_teu: str = ""


class Skipped(Struct, frozen=True):
    """A valid record that does not concern the port."""

    at: str
    why: Skip


class Refused(Struct, frozen=True):
    """A record that gives no event; `original` is a file of this record alone, for a retry."""

    at: str
    reason: Reason
    message: str
    original: bytes = b""


class Warned(Struct, frozen=True):
    """A fault of a message that changes none of its moves, such as a wrong count."""

    at: str
    message: str


Outcome = Message | Accepted | Skipped | Refused | Warned
Outcomes = Iterator[Outcome]


class Stream(Protocol):
    """Bytes to read."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


class File(Struct, frozen=True):
    """A file being read: its name, its bytes, and when it was written (seconds since 1970)."""

    name: str
    stream: Stream
    written_at: float


class ReadingTerms(Struct, frozen=True):
    """The book and the options of the caller, by which a file is read."""

    book: Book
    partner: Partner | None = None
    scope: str | None = None
    indicator: str | None = None
    unit: str | None = None
    version: int | None = None
    cluster: str | None = None
    functional_area: str | None = None
    retract_old_ids: bool = False
    sheet: str | None = None
    releases: ReleaseHistory | None = None
    """The OCDS releases of the run; None remembers those of one file."""


def signed_by(name: str | None, book: Book) -> Partner | None:
    """Return the partner with this sender name: the sender in UNB, the code of a carrier.

    Letter case decides only between two partners whose names differ in nothing else.
    """
    if name is None:
        return None
    word = name.casefold()
    found = [one for one in book.partner if word in {sender.casefold() for sender in one.senders}]
    return next((one for one in found if name in one.senders), found[0] if found else None)


def refusal(at: str, rejected: Rejected, original: bytes = b"") -> Refused:
    """Return a raised refusal as an outcome at `at`, or at the narrower place that it names."""
    where = rejected.where
    if not where:
        place = at
    elif where.startswith("$"):
        place = at + where[1:] if "$" in at else f"{at} {where}".lstrip()
    else:
        place = f"{at}, {where}" if at else where
    return Refused(place, rejected.reason, rejected.message, original[:ORIGINAL_BYTES])


def unread(at: str, header: Iterable[str], read: Iterable[str]) -> Iterator[Warned]:
    """Yield a warning that names the columns of a table that are not read, if there are any."""
    known = set(read)
    if strange := [excerpt(name) for name in header if name and name not in known]:
        yield Warned(at, f"not read: {', '.join(strange)}; docs/import.md names the columns")


def excerpt(value: object) -> str:
    """Return a wrong value for a message: quoted, and shortened if it is long."""
    text = repr(value)
    return text if len(text) <= EXCERPT_CHARS else text[: EXCERPT_CHARS - 1] + "…"
