"""What the worker will say of an event, as far as contract and book tell.

The worker decides; a test holds this prediction against the ledger's own judgement.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from contract.book import Book, Zone
from contract.container import NumberFlag, check_digit, number_flag, teu_hundredths
from contract.errors import Reason, Rejected
from contract.events import (
    AmountChanged,
    Classifier,
    ContainerMoved,
    EquipmentEvent,
    Mode,
    Money,
    Move,
    MoveRetracted,
    MoveStatus,
    Project,
    ProjectRegistered,
    RawEvent,
)
from producers.reading.outcome import excerpt

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


class Prediction(Struct, frozen=True):
    """What an event will come to; `moves` is 1 or 0, `hundredths` its TEU of throughput.

    `year` is the one it is booked in, in the port's zone; `closed` that its day's books are no
    longer open; `says` what two records of one event must agree in to be the same.
    """

    uncounted: Uncounted | None = None
    flags: tuple[str, ...] = ()
    moves: int = 0
    hundredths: int = 0
    year: int = 0
    retracts: bool = False
    closed: bool = False
    says: str = ""


def verdict(event: RawEvent, book: Book, now: datetime) -> Prediction:
    """What the worker will say of an event at `now`.

    Raises:
        Rejected: it will refuse it.
    """
    _refuse_time(event.recordedtime, "recordedtime", now)
    match event:
        case ContainerMoved():
            return _move(event, book, now)
        case MoveRetracted():
            return Prediction(retracts=True)
        case _:
            _refuse_time(event.time, "time", now)
            if isinstance(event, ProjectRegistered):
                _refuse_codes(event.data, book.zone)
                _refuse_currency(event.data.value, event.data.signed, book)
            elif isinstance(event, AmountChanged):
                on = event.time.astimezone(book.tz).date()
                _refuse_currency(event.data.increment, on, book)
            return Prediction(says=str(event.data))


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


def _move(event: ContainerMoved, book: Book, now: datetime) -> Prediction:
    move = event.data
    why = _uncounted(move)
    booked = why is None and not move.isRetracted
    if booked and move.facilityCode not in book.terminal_codes:
        raise Rejected(
            Reason.UNKNOWN_TERMINAL,
            f"{move.facilityCode!r} is no terminal of this port; known: "
            f"{', '.join(sorted(book.terminal_codes))}; add it, or an alias, to quaymark.toml",
            where="facilityCode",
        )
    if why is not Uncounted.NOT_ACTUAL:
        _refuse_time(event.time, "time", now)
    if move.isRetracted:
        return Prediction(retracts=True)
    local = event.time.astimezone(book.tz)
    if not booked:
        return Prediction(uncounted=why, says=f"{local.isoformat(timespec='minutes')}")
    return _counted(move, local, book, now)


def _counted(move: Move, local: datetime, book: Book, now: datetime) -> Prediction:
    flag = number_flag(move.equipmentReference)
    flags: tuple[str, ...] = () if flag is None else (flag,)
    size = teu_hundredths(move.ISOEquipmentCode, book.port.teu)
    restow = move.moveStatus is MoveStatus.SHIFTER
    transhipment = move.isTransshipmentMove or move.moveStatus is MoveStatus.TRANSHIPMENT
    handled = move.equipmentEventTypeCode in QUAY and not restow
    if handled and size is None:
        flags += (Reason.UNKNOWN_SIZE,)
    first_open = now.astimezone(book.tz).date() - timedelta(days=book.port.open_days)
    kind = "restow" if restow else "transhipment" if transhipment else "normal"
    terminal = book.terminal_codes[move.facilityCode]
    return Prediction(
        flags=flags,
        moves=1,
        hundredths=(size or 0) if handled else 0,
        year=local.year,
        closed=local.date() < first_open,
        says=f"{local.isoformat(timespec='minutes')}|{terminal}|{move.equipmentEventTypeCode}|{kind}|"
        f"{move.emptyIndicatorCode}|{size}",
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


def _refuse_codes(project: Project, zone: Zone) -> None:
    for name, code, known in (
        ("cluster", project.cluster, zone.clusters),
        ("functional_area", project.functional_area, zone.functional_areas),
        ("park", project.park, zone.parks),
    ):
        if code is not None and code not in known:
            raise Rejected(
                Reason.UNKNOWN_CODE,
                f"{code!r} is none of {', '.join(known)}; add it to quaymark.toml",
                where=name,
            )


def _refuse_currency(value: Money, on: date, book: Book) -> None:
    known = value.currency == "CNY" or value.rate is not None
    if not known and not any(
        rate.currency == value.currency and rate.since <= on.isoformat() for rate in book.rate
    ):
        raise Rejected(
            Reason.UNKNOWN_CURRENCY,
            f"no rate of {value.currency} for {on}: give one with the amount, or add a [[rate]] "
            "to quaymark.toml",
            where="value",
        )


def _refuse_time(at: datetime, name: str, now: datetime) -> None:
    if at > now + AHEAD:
        raise Rejected(
            Reason.FUTURE_TIME,
            f"{at.isoformat()} is more than an hour ahead of {now.isoformat(timespec='seconds')}; "
            "set the sender's clock or zone right",
            where=name,
        )
