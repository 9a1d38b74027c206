"""What the worker will say of an event, as far as contract and book tell.

The worker decides; a test holds this prediction against the ledger's own judgement.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from contract.book import Book
from contract.container import NumberFlag, check_digit, number_flag, teu_hundredths
from contract.errors import Reason, Rejected
from contract.events import (
    Classifier,
    ContainerMoved,
    EquipmentEvent,
    Mode,
    Move,
    MoveRetracted,
    MoveStatus,
    RawEvent,
)
from producers.outcome import excerpt

AHEAD = timedelta(hours=1)  # how far before our clock a sender's may be
QUAY = frozenset({EquipmentEvent.LOAD, EquipmentEvent.DISC})
GATE = frozenset({EquipmentEvent.GTIN, EquipmentEvent.GTOT})


class Uncounted(StrEnum):
    """Why a sound move is in no sum."""

    NOT_ACTUAL = "not_actual"
    NOT_A_PORT_MOVE = "not_a_port_move"
    NOT_BY_WATER = "not_by_water"
    NOT_AT_A_PORT_TERMINAL = "not_at_a_port_terminal"
    REMAIN_ON_BOARD = "remain_on_board"
    SHORTLANDED = "shortlanded"


class Verdict(Struct, frozen=True):
    """What an event will come to; `moves` is 1 or 0, `hundredths` its TEU of throughput.

    `year` is the one it is booked in, in the port's zone; `terminal` the book's own code.
    """

    uncounted: Uncounted | None = None
    flags: tuple[str, ...] = ()
    moves: int = 0
    hundredths: int = 0
    year: int = 0


def verdict(event: RawEvent, book: Book, now: datetime) -> Verdict:
    """What the worker will say of an event at `now`.

    Raises:
        Rejected: it will refuse it.
    """
    _refuse_time(event.recordedtime, "recordedtime", now)
    match event:
        case ContainerMoved():
            return _move(event, book, now)
        case MoveRetracted():
            return Verdict()
        case _:
            return Verdict()


def words_of(flag: str, event: RawEvent) -> str:
    """What is odd, and what becomes of the move."""
    move = event.data
    if not isinstance(move, Move):
        return flag
    number = move.equipmentReference or ""
    match flag:
        case NumberFlag.CHECK_DIGIT:
            return (
                f"{number}: the check digit of {number[:10]} is {check_digit(number)}; "
                "the move counts"
            )
        case NumberFlag.NOT_ISO:
            strange = sorted({f"{c} (U+{ord(c):04X})" for c in number if not c.isascii()})
            letters = f", {', '.join(strange)} not being A to Z or 0 to 9" if strange else ""
            return (
                f"{excerpt(number)} is not four letters and seven digits{letters}; the move counts"
            )
        case NumberFlag.MISSING:
            return "no container number; the move counts by its event id"
        case Reason.UNKNOWN_SIZE:
            return (
                f"{number}: size {excerpt(move.ISOEquipmentCode)} is not known; "
                "the move counts, its TEU do not"
            )
    return flag


def _move(event: ContainerMoved, book: Book, now: datetime) -> Verdict:
    move = event.data
    if move.isRetracted:
        return Verdict()
    if why := _uncounted(move):
        if why is not Uncounted.NOT_ACTUAL:
            _refuse_time(event.time, "time", now)
        return Verdict(uncounted=why)
    if move.facilityCode not in book.terminal_codes:
        raise Rejected(
            Reason.UNKNOWN_TERMINAL,
            f"{move.facilityCode!r} is no terminal of this port; known: "
            f"{', '.join(sorted(book.terminal_codes))}; add it, or an alias, to quaymark.toml",
            where="facilityCode",
        )
    _refuse_time(event.time, "time", now)
    if event.time < now - timedelta(days=book.port.open_days):
        raise Rejected(
            Reason.TOO_OLD,
            f"{event.time.isoformat()} is more than {book.port.open_days} days ago and those "
            "books are closed; raise port.open_days in quaymark.toml",
            where="time",
        )
    flag = number_flag(move.equipmentReference)
    flags: tuple[str, ...] = () if flag is None else (flag,)
    hundredths = 0
    if move.equipmentEventTypeCode in QUAY and move.moveStatus is not MoveStatus.SHIFTER:
        size = teu_hundredths(move.ISOEquipmentCode, book.port.teu)
        if size is None:
            flags += (Reason.UNKNOWN_SIZE,)
        hundredths = size or 0
    return Verdict(
        flags=flags, moves=1, hundredths=hundredths, year=event.time.astimezone(book.tz).year
    )


def _uncounted(move: Move) -> Uncounted | None:
    mode = move.transportCall.modeOfTransport if move.transportCall else None
    if move.eventClassifierCode is not Classifier.ACT:
        return Uncounted.NOT_ACTUAL
    if move.equipmentEventTypeCode not in QUAY | GATE:
        return Uncounted.NOT_A_PORT_MOVE
    if move.moveStatus is MoveStatus.REMAIN_ON_BOARD:
        return Uncounted.REMAIN_ON_BOARD
    if move.moveStatus is MoveStatus.SHORTLANDED:
        return Uncounted.SHORTLANDED
    if move.facilityTypeCode not in (None, "POTE"):
        return Uncounted.NOT_AT_A_PORT_TERMINAL
    if move.equipmentEventTypeCode in QUAY and mode in (Mode.RAIL, Mode.TRUCK):
        return Uncounted.NOT_BY_WATER
    return None


def _refuse_time(at: datetime, name: str, now: datetime) -> None:
    if at > now + AHEAD:
        raise Rejected(
            Reason.FUTURE_TIME,
            f"{at.isoformat()} is more than an hour ahead of {now.isoformat(timespec='seconds')}; "
            "set the sender's clock or zone right",
            where=name,
        )
