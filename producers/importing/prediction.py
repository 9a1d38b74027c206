"""Predicts what the worker will make of an event, by the contract and the book alone.

The worker decides; a test compares this prediction with the ledger.
"""

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

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


RETRACTS = Prediction(retracts=True)
"""What the worker makes of every retraction."""
KEPT = 4_096  # judged moves: a ship has a few dozen kinds of them


class _Judged(Struct, frozen=True, gc=False):
    """What the book says of a move, without its container and its time."""

    uncounted: UncountedCause | None = None
    flags: tuple[str, ...] = ()
    hundredths: int = 0
    content: str = ""


class Predictor:
    """Predicts what the worker makes of events, by one book."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._judged: dict[Move, _Judged] = {}
        """A move without its container number -> what the book says of it."""

    def predict(self, event: RawEvent, now: datetime) -> Prediction:
        """Predict what the worker makes of an event that arrives at `now`.

        Raises:
            Rejected: the worker will refuse the event.
        """
        book = self._book
        if event.recordedtime > now:
            refuse_future_time(event.recordedtime, now, "recordedtime")
        match event:
            case ContainerMoved():
                return self._move(event, now)
            case MoveRetracted():
                return RETRACTS
            case _:
                refuse_future_time(event.time, now, "time")
                if isinstance(event, ProjectRegistered):
                    _refuse_codes(event.data, book.zone)
                    _refuse_currency(event.data.value, event.data.signed, book)
                elif isinstance(event, AmountChanged):
                    on = event.time.astimezone(book.tz).date()
                    _refuse_currency(event.data.increment, on, book)
                return Prediction(content=str(event.data))

    def _move(self, event: ContainerMoved, now: datetime) -> Prediction:
        move = event.data
        judged = self._judge(move)
        why = judged.uncounted
        if event.time > now and why is not UncountedCause.NOT_ACTUAL:
            refuse_future_time(event.time, now, "time")
        if move.isRetracted:
            return RETRACTS
        if why is not None:
            return Prediction(uncounted=why, content=str(_minute(event.time)))
        tz = self._book.tz
        on = event.time.astimezone(tz).date()
        flag = number_flag(move.equipmentReference)
        return Prediction(
            flags=judged.flags if flag is None else (flag, *judged.flags),
            moves=1,
            hundredths=judged.hundredths,
            year=on.year,
            closed=on < _first_open(now, tz, self._book.port.open_days),
            content=f"{_minute(event.time)}|{judged.content}",
        )

    def _judge(self, move: Move) -> _Judged:
        """Return what the book says of a move, whichever its container.

        Raises:
            Rejected: the move would count, and the book lacks its terminal.
        """
        alike = replace(move, equipmentReference=None)
        judged = self._judged.get(alike)
        if judged is None:
            if len(self._judged) >= KEPT:
                self._judged.clear()
            judged = self._judged[alike] = _judge(alike, self._book)
        return judged


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


def _judge(move: Move, book: Book) -> _Judged:
    why = uncounted_cause(move)
    if why is not None or move.isRetracted:
        return _Judged(why)
    terminal = book.terminal_codes.get(move.facilityCode)
    if terminal is None:
        raise Rejected(
            Reason.UNKNOWN_TERMINAL,
            f"{move.facilityCode!r} is no terminal of this port; known: "
            f"{', '.join(sorted(book.terminal_codes))}; add it to quaymark.toml, "
            "or to the aliases of a terminal there",
            where="facilityCode",
        )
    size = teu_hundredths(move.ISOEquipmentCode, book.port.teu)
    kind = move_kind(move)
    event_type, fill = move.equipmentEventTypeCode, move.emptyIndicatorCode
    handled = has_throughput(event_type, kind)
    return _Judged(
        None,
        (Reason.UNKNOWN_SIZE,) if handled and size is None else (),
        (size or 0) if handled else 0,
        f"{terminal}|{event_type}|{kind}|{fill}|{size}",
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
