"""Codes and times as partners write them; what can't be read is refused, never guessed."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from contract.errors import Reason, Rejected
from producers.reading.outcome import excerpt

FIRST_YEAR, LAST_YEAR = 1900, 9998  # one year short of what a datetime holds, so that zones fit

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
"""A word of DCSA 3.0, a carrier's habit, or Chinese -> the code of DCSA 2.2."""

CodeT = TypeVar("CodeT", bound=StrEnum)


def known_code(kind: type[CodeT], found: str | None, where: str) -> CodeT:
    """A code in either spelling and any letter case.

    Raises:
        Rejected: it is missing, or none that is known.
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


def instant(text: str, where: str) -> datetime:
    """An instant written as in RFC 3339, with its offset.

    Raises:
        Rejected: it is no time, names no offset, or no clock could have shown it.
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Rejected(
            Reason.BAD_VALUE,
            f"{excerpt(text)} is no time; send RFC 3339, e.g. 2026-03-01T08:00:00+08:00",
            where=where,
        ) from None
    if at.tzinfo is None:
        raise Rejected(
            Reason.NAIVE_TIME,
            f"{excerpt(text)} has no offset; send one, e.g. 2026-03-01T08:00:00+08:00",
            where=where,
        )
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Rejected(
            Reason.BAD_VALUE, f"{excerpt(text)} is no time that a port has seen", where=where
        )
    return at.replace(tzinfo=UTC) if not at.utcoffset() else at


def container_number(found: str | None) -> str | None:
    """A container's number without its blanks and hyphens, in capitals; None if there is none."""
    return "".join((found or "").replace("-", " ").split()).upper() or None
