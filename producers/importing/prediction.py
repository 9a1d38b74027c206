"""Predicts what the worker will make of an event, by the contract and the book alone.

The worker decides; a test compares this prediction with the ledger.
"""

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from msgspec import Struct

from contract.book import Book, Zone
from contract.container import NumberFlag, check_digit, number_flag, teu_hundredths
from contract.errors import Reason, Rejected
from contract.events import (
    AmountChanged,
    ContainerMoved,
    Money,
    Move,
    MoveRetracted,
    Project,
    ProjectRegistered,
    RawEvent,
)
from contract.future import refuse_future_time
from contract.move_class import UncountedCause, has_throughput, move_kind, uncounted_cause
from producers.reading.outcome import excerpt


class Prediction(Struct, frozen=True, gc=False):
    """What an event will add to the sums: `moves` is 1 or 0, `hundredths` its TEU of throughput.

    `year` is the year of its booking in the port's zone.  `closed` says that the books of its day
    are closed.  Two records of one event are equal if their `content` is equal.
    """

    uncounted: UncountedCause | None = None
    flags: tuple[str, ...] = ()
    moves: int = 0
    hundredths: int = 0
    year: int = 0
    retracts: bool = False
    closed: bool = False
    content: str = ""


def predict(event: RawEvent, book: Book, now: datetime) -> Prediction:
    """Predict what the worker makes of an event that arrives at `now`.

    Raises:
        Rejected: the worker will refuse the event.
    """
    refuse_future_time(event.recordedtime, now, "recordedtime")
    match event:
        case ContainerMoved():
            return _move(event, book, now)
        case MoveRetracted():
            return Prediction(retracts=True)
        case _:
            refuse_future_time(event.time, now, "time")
            if isinstance(event, ProjectRegistered):
                _refuse_codes(event.data, book.zone)
                _refuse_currency(event.data.value, event.data.signed, book)
            elif isinstance(event, AmountChanged):
                on = event.time.astimezone(book.tz).date()
                _refuse_currency(event.data.increment, on, book)
            return Prediction(content=str(event.data))


def flag_message(flag: str, event: RawEvent) -> str:
    """Return what is wrong with a flagged move, and whether the move and its TEU count."""
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
            box = number or "a container without a number"
            return f"{box}: {_no_size(move.ISOEquipmentCode)}; the move counts, its TEU do not"
    return flag


def _no_size(size: str | None) -> str:
    if not size:
        return "the size is missing"
    return (
        f"size {excerpt(size)} is no size-type code of ISO 6346 and no known spelling (if it is "
        "the sender's own word, add it to the partner's sizes in quaymark.toml)"
    )


def _move(event: ContainerMoved, book: Book, now: datetime) -> Prediction:
    move = event.data
    why = uncounted_cause(move)
    booked = why is None and not move.isRetracted
    if booked and move.facilityCode not in book.terminal_codes:
        raise Rejected(
            Reason.UNKNOWN_TERMINAL,
            f"{move.facilityCode!r} is no terminal of this port; known: "
            f"{', '.join(sorted(book.terminal_codes))}; add it, or an alias, to quaymark.toml",
            where="facilityCode",
        )
    if why is not UncountedCause.NOT_ACTUAL:
        refuse_future_time(event.time, now, "time")
    if move.isRetracted:
        return Prediction(retracts=True)
    if not booked:
        return Prediction(uncounted=why, content=str(_minute(event.time)))
    return _counted(move, event.time, book, now)


def _counted(move: Move, at: datetime, book: Book, now: datetime) -> Prediction:
    on = at.astimezone(book.tz).date()
    flag = number_flag(move.equipmentReference)
    flags: tuple[str, ...] = () if flag is None else (flag,)
    size = teu_hundredths(move.ISOEquipmentCode, book.port.teu)
    kind = move_kind(move)
    event_type, fill = move.equipmentEventTypeCode, move.emptyIndicatorCode
    handled = has_throughput(event_type, kind)
    if handled and size is None:
        flags += (Reason.UNKNOWN_SIZE,)
    terminal = book.terminal_codes[move.facilityCode]
    return Prediction(
        flags=flags,
        moves=1,
        hundredths=(size or 0) if handled else 0,
        year=on.year,
        closed=on < _first_open(now, book.tz, book.port.open_days),
        content=f"{_minute(at)}|{terminal}|{event_type}|{kind}|{fill}|{size}",
    )


def _minute(at: datetime) -> int:
    """Return the minutes since 1970: the books know no seconds."""
    return int(at.timestamp() // 60)


@lru_cache(4)
def _first_open(now: datetime, zone: tzinfo, open_days: int) -> date:
    """Return the first day whose books are open."""
    return now.astimezone(zone).date() - timedelta(days=open_days)


def _refuse_codes(project: Project, zone: Zone | None) -> None:
    if zone is None:
        raise Rejected(
            Reason.UNKNOWN_CODE,
            f"{project.zone!r} is not the zone of quaymark.toml, which has none",
            where="zone",
        )
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
