"""The header of a message: partner, document, function (report, correction, cancellation), time.

It is read by the partner's profile in quaymark.toml, whose time zone holds for times without one.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from contract.book import Book, Partner
from contract.errors import Reason, Rejected
from producers.edifact.message_parts import MessageHead
from producers.edifact.segment import Segment
from producers.reading.outcome import ReadingTerms, excerpt, signed_by
from producers.reading.values import FIRST_YEAR, LAST_YEAR

ORIGINALS = frozenset(("", "2", "7", "9"))  # missing, addition, duplicate, original
CANCELS = frozenset(("1", "3"))  # cancellation, deletion
CHANGES = frozenset(("4", "5"))  # change, replace
FORMATS = {"102": 8, "201": 10, "203": 12, "204": 14}
"""UN/EDIFACT 2379 -> number of digits; 201 begins with a year of two digits, the others with four.

205 is 203 followed by +HHMM or -HHMM.
"""
# UNB names only the minute, so a correction of the same minute is made newer than its original.
CORRECTION_LATER = timedelta(seconds=30)
MESSAGE_LATER = timedelta(milliseconds=1)


class MessageHeader(Struct, frozen=True):
    """What the header of a message says of all its moves."""

    head: MessageHead
    book: Book
    partner: Partner
    source: str
    zone: ZoneInfo
    code: str
    number: str
    function: str
    recorded: datetime | None
    retract_old_ids: bool = False

    @property
    def cancels(self) -> bool:
        """Whether the message takes its moves back."""
        return self.function in CANCELS

    @property
    def corrects(self) -> bool:
        """Whether the message corrects or cancels an earlier one."""
        return self.function in CANCELS or self.function in CHANGES


def message_header(head: MessageHead, terms: ReadingTerms) -> MessageHeader:
    """Read the header of a message by its partner's profile.

    Raises:
        Rejected: no profile names the sender, or the header lacks what every move needs.
    """
    partner = terms.partner or _partner(head, terms)
    bgm = first(head.segments, "BGM")
    if bgm is None:
        raise Rejected(
            Reason.MISSING_FIELD, "the message has no BGM, so what it reports is unknown"
        )
    function = bgm.get(2)
    if function not in ORIGINALS | CANCELS | CHANGES:
        raise Rejected(
            Reason.UNKNOWN_CODE,
            f"1225 is {excerpt(function)}; known: 1, 3 cancel, "
            "4 change, 5 replace, 2, 7, 9 report",
            where=bgm.at,
        )
    number = bgm.get(1)
    if function in CANCELS | CHANGES:
        earlier = first(head.segments, "RFF", "ACW")
        number = (earlier.get(0, 1) if earlier else "") or number
    return MessageHeader(
        head,
        terms.book,
        partner,
        f"/edifact/{partner.name}",
        ZoneInfo(partner.time_zone),
        bgm.get(0),
        number,
        function,
        _recorded(head, partner, function),
        terms.retract_old_ids,
    )


def first(segments: tuple[Segment, ...], tag: str, qualifier: str | None = None) -> Segment | None:
    """Return the first segment with this tag, and with this qualifier if one is given."""
    for segment in segments:
        if segment.tag == tag and (qualifier is None or segment.get(0) == qualifier):
            return segment
    return None


@lru_cache(4096)  # several cranes lift in one minute
def instant(text: str, form: str, zone: ZoneInfo) -> datetime:
    """Read a time of DTM or UNB, which is in `zone` unless it names an offset.

    Raises:
        Rejected: the text is no time in this format.
    """
    try:
        if form == "205":
            at = datetime.strptime(text, "%Y%m%d%H%M%z")
        elif len(text) == FORMATS.get(form) and text.isascii() and text.isdigit():
            at = _digits(f"20{text}" if form == "201" else text, zone)
        else:
            raise ValueError(form)
    except ValueError:
        raise Rejected(
            Reason.BAD_VALUE,
            f"{excerpt(text)} is no time in format {excerpt(form)}; "
            f"known formats: {', '.join(FORMATS)}, 205",
        ) from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Rejected(Reason.BAD_VALUE, f"{excerpt(text)} is in no year that a port has seen")
    return at.astimezone(UTC)


def _digits(text: str, zone: tzinfo) -> datetime:
    """Read CCYYMMDD with or without HHMM and SS; strptime takes twenty times as long."""
    if text[8:10] == "24":
        raise ValueError(text)  # newer Pythons take it for the next midnight
    day, clock = text[:8], text[8:] or "00"
    if offset := _offset(day, zone):
        return datetime.fromisoformat(f"{day}T{clock}{offset}")
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone)


@lru_cache(1024)  # reading with an offset takes half as long as with a zone
def _offset(day: str, zone: tzinfo) -> str:
    """Return the offset of a zone on a day, such as +08:00; "" if it changes on that day."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=zone)
    seconds = (*range(0, 86_400, 3_600), 86_399)
    offsets = {(midnight + timedelta(seconds=second)).isoformat()[19:] for second in seconds}
    return offsets.pop() if len(offsets) == 1 else ""


def _partner(head: MessageHead, terms: ReadingTerms) -> Partner:
    sender = head.interchange.sender
    if partner := signed_by(sender, terms.book):
        return partner
    bgm = first(head.segments, "BGM")
    raise Rejected(
        Reason.UNKNOWN_PARTNER,
        f"no profile for sender {excerpt(sender)}, whose document code is "
        f"{excerpt(bgm.get(0) if bgm else '')}; say --partner, or add to quaymark.toml:\n"
        f'[[partner]]\nname = "{_slug(sender)}"\nsenders = [{_quoted(sender)}]\n'
        f'time_zone = "{terms.book.port.time_zone}"\n'
        'terminals = { THEIR_CODE = "OURS" }\n'
        'documents = { discharge = ["44", "98"], load = ["46", "270"], '
        'gate_in = ["34"], gate_out = ["36"] }',
        where="UNB",
    )


def _slug(sender: str) -> str:
    return "".join(c for c in sender.lower() if c.isascii() and c.isalnum())[:64] or "partner"


def _quoted(text: str) -> str:
    """Return a TOML string; a JSON string is a valid one."""
    return msgspec.json.encode(text).decode()


def _recorded(head: MessageHead, partner: Partner, function: str) -> datetime | None:
    """Return when the message was made by DTM+137, else by UNB; None if neither can be read."""
    own = first(head.segments, "DTM", "137")
    zone = ZoneInfo(partner.time_zone)
    later = MESSAGE_LATER * (head.number % 20_000)
    later += CORRECTION_LATER if function in CANCELS | CHANGES else timedelta()
    prepared = head.interchange.prepared
    for text, form in (
        (own.get(0, 1), own.get(0, 2)) if own else ("", ""),
        (prepared, "201" if len(prepared) == 10 else "203"),
    ):
        try:
            return instant(text, form, zone) + later
        except Rejected:
            continue
    return None
