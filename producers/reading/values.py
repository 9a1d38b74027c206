"""Codes and times in the spellings of partners; an unreadable one is refused, never guessed."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from contract.book import Book, Partner
from contract.container_size import size_word
from contract.errors import Reason, Rejected
from producers.reading.outcome import excerpt

FIRST_YEAR, LAST_YEAR = (
    1900,
    9998,
)  # one year within the limits of datetime, so that every offset fits

LONGEST_DAY = 10  # characters of a day such as 2026-03-01; a longer text has a time of day

_TIME = re.compile(
    r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}"
    r"([^0-9][0-9]{2}:?[0-9]{2}(:?[0-9]{2}([.,][0-9]+)?)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?",
    re.ASCII | re.IGNORECASE,
)
"""A time as RFC 3339 and ISO 8601 write it.

Python's own reader takes 08.05 for a fraction of a second, and 08-05 for an hour with an offset.
"""

SPELLINGS = {
    "ACTUAL": "ACT",
    "ESTIMATED": "EST",
    "PLANNED": "PLN",
    "REQUESTED": "REQ",
    "LOADED": "LOAD",
    "DISCHARGE": "DISC",
    "DISCHARGED": "DISC",
    "GATE_IN": "GTIN",
    "GATED_IN": "GTIN",
    "GATE_OUT": "GTOT",
    "GATED_OUT": "GTOT",
    "STUFFED": "STUF",
    "STRIPPED": "STRP",
    "PICKED_UP": "PICK",
    "PICK_UP": "PICK",
    "DROPPED_OFF": "DROP",
    "DROP_OFF": "DROP",
    "INSPECTED": "INSP",
    "RESEALED": "RSEA",
    "REMOVED": "RMVD",
    "CUSTOMS_SELECTED_FOR_SCAN": "CUSS",
    "CUSTOMS_SELECTED_FOR_INSPECTION": "CUSI",
    "CUSTOMS_RELEASED": "CUSR",
    "CROSSED": "CROS",
    "AVAILABLE_FOR_PICKUP": "AVPU",
    "AVAILABLE_FOR_PICK_UP": "AVPU",
    "AVAILABLE_FOR_DROP_OFF": "AVDO",
    "E": "EMPTY",
    "F": "LADEN",
    "L": "LADEN",
    "FULL": "LADEN",
    "MARITIME": "VESSEL",
    "INLAND_WATER": "BARGE",
    "ROAD": "TRUCK",
    "装": "LOAD",
    "装船": "LOAD",
    "卸": "DISC",
    "卸船": "DISC",
    "进闸": "GTIN",
    "进场": "GTIN",
    "出闸": "GTOT",
    "出场": "GTOT",
    "空": "EMPTY",
    "空箱": "EMPTY",
    "重": "LADEN",
    "重箱": "LADEN",
    "海轮": "VESSEL",
    "驳船": "BARGE",
    "铁路": "RAIL",
    "公路": "TRUCK",
}
"""Word of DCSA 3.0, of a carrier, or in Chinese -> code of DCSA 2.2."""

CodeT = TypeVar("CodeT", bound=StrEnum)


def known_code(kind: type[CodeT], found: str | None, where: str) -> CodeT:
    """Return a code that is written in either spelling and any letter case.

    Raises:
        Rejected: the code is missing or not known.
    """
    if not found:
        raise Rejected(
            Reason.MISSING_FIELD,
            f"{where.rpartition('.')[2]} is missing",
            where=where.rpartition(".")[0],
        )
    word = "_".join(found.strip().upper().replace("-", " ").replace("_", " ").split())
    try:
        return kind(SPELLINGS.get(word, word))
    except ValueError:
        raise Rejected(
            Reason.UNKNOWN_CODE,
            f"{excerpt(found)} is not known; known: {', '.join(kind)}",
            where=where,
        ) from None


def iso_time(text: str) -> datetime:
    """Return a time, or the begin of a day, as ISO 8601 writes it.

    Raises:
        ValueError: the text is none.
    """
    if not _TIME.fullmatch(text.strip()):
        raise ValueError(text)
    return datetime.fromisoformat(text.strip().upper())  # RFC 3339 allows a small t and z


def instant(text: str, where: str) -> datetime:
    """Return an instant written as in RFC 3339, with its offset.

    Raises:
        Rejected: the text is no time, has no offset, or lies outside all years of ports.
    """
    try:
        at = iso_time(text)
    except ValueError:
        raise Rejected(
            Reason.BAD_VALUE,
            f"{excerpt(text)} is no time; send RFC 3339, e.g. 2026-03-01T08:00:00+08:00",
            where=where,
        ) from None
    if at.tzinfo is None:
        lacking = "has no offset; send one"
        if len(text.strip()) <= LONGEST_DAY:
            lacking = "is a day without a time of day; send both, the time with its offset"
        raise Rejected(
            Reason.NAIVE_TIME,
            f"{excerpt(text)} {lacking}, e.g. 2026-03-01T08:00:00+08:00",
            where=where,
        )
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Rejected(
            Reason.BAD_VALUE, f"{excerpt(text)} is no time that a port has seen", where=where
        )
    return at.replace(tzinfo=UTC) if not at.utcoffset() else at


def unknown_terminal(code: str, book: Book, where: str) -> Rejected:
    """Return the refusal of a move at a terminal that the book does not know."""
    return Rejected(
        Reason.UNKNOWN_TERMINAL,
        f"{code!r} is no terminal of this port; known: "
        f"{', '.join(sorted(book.terminal_codes))}; add it to quaymark.toml, "
        "or to the aliases of a terminal there",
        where=where,
    )


def zoned_instant(text: str, where: str, partner: Partner | None) -> datetime:
    """Return an instant; one without an offset is in the time zone of its partner.

    Raises:
        Rejected: as `instant` does, or there is no offset and no partner.
    """
    try:
        return instant(text, where)
    except Rejected as rejected:
        if rejected.reason is not Reason.NAIVE_TIME or len(text.strip()) <= LONGEST_DAY:
            raise
    if partner is None:
        raise Rejected(
            Reason.NAIVE_TIME,
            f"{excerpt(text)} has no offset; add one such as +08:00, or name the sender with "
            "--partner, whose time zone it then is",
            where=where,
        )
    local = iso_time(text).replace(tzinfo=ZoneInfo(partner.time_zone))
    return instant(local.isoformat(), where)


def terminal_code(code: str, partner: Partner | None, book: Book) -> str:
    """Return a terminal's code in the book: the partner's word for it, in either letter case."""
    for known in (partner.terminals if partner else {}, book.terminal_codes):
        if code in known:
            return known[code]
        for theirs, ours in known.items():
            if theirs.casefold() == code.casefold():
                return ours
    return code


def container_number(found: str | None) -> str | None:
    """Return a container number in capitals without blanks and hyphens; None if it is empty."""
    if found and found.isalnum() and found.isupper():
        return found
    return "".join((found or "").replace("-", " ").split()).upper() or None


def container_size(found: str | int | None, partner: Partner | None) -> str | None:
    """Return a size as it goes into the event; None if there is none.

    The partner's own words become those of its `sizes`.  Everything else stays as it is written,
    in capitals: contract/container_size.py decides whether it is a size.
    """
    text = "" if found is None else size_word(str(found))
    if partner is not None:
        for theirs, ours in partner.sizes.items():
            if size_word(theirs) == text:
                return ours
    return text or None
