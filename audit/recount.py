"""A recount of container moves from the raw events: what the books have to say, in plain code.

It follows docs/exactness.md to the letter and shares nothing with the ledger but the encoding in
`contract/`.  Which moves count (contract/move_class.py), how long a container is
(contract/container_size.py) and how far ahead an event may be (contract/future.py) it states anew,
on purpose: a mistake there then shows as a difference.  It keeps one dict of ids a partition,
filled in the order of the topic.  A record is judged as of the moment at which Kafka got it.
"""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import NamedTuple

import msgspec

from audit.box_length import box_length
from audit.totals import GATE, QUAY, MoveClass, Part, TotalName, totals
from contract.binary_mode import Headers, structured
from contract.book import Book
from contract.container import HUNDREDTHS
from contract.errors import Reason, Rejected
from contract.events import Classifier, ContainerMoved, Mode, Move, MoveRetracted, MoveStatus
from contract.wire import MAX_EVENT_BYTES, decode, decode_move, epoch_ms, received_at, rejection_of

AHEAD = timedelta(hours=1)  # how far before Kafka's clock a sender's may be
FIRST = date(1970, 1, 2)  # no books are open before that day
FOR_GOOD = sys.maxsize  # a retraction by id is newer than every record
PORT_TERMINAL = "POTE"  # DCSA facilityTypeCode, in any letter case
FEET = {"1": "10", "2": "20", "3": "30", "4": "40", "L": "45"}
"""Length by ISO 6346 (first character of its codes) -> in feet; any other known one is "other"."""


class Counted(NamedTuple):
    """A move that is in the sums."""

    klass: MoveClass
    hundredths: int


class StandingEvent(NamedTuple):
    """What stands of an id; no `counted` for a move that is retracted or no throughput."""

    recorded: int
    """recordedtime, milliseconds since 1970."""
    on: date
    counted: Counted | None
    box: str = ""
    """The container's number; "" if no record of the id names one."""


class Recount:
    """The moves of all partitions, each id once."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._standing: defaultdict[int, dict[tuple[str, str], StandingEvent]] = defaultdict(dict)
        """partition -> (source, id) -> what stands."""
        self._known: dict[Counted, Counted] = {}  # a few hundred; each is held once
        self.events = 0
        """Records taken."""
        self.refused = Counter[Reason]()
        """Reason -> records that can't be counted; conflicts are not told from repeats."""

    def take(
        self, partition: int, timestamp_ms: int, value: bytes | None, headers: Headers = ()
    ) -> None:
        """The next record of a partition, and when Kafka got it."""
        self.events += 1
        try:
            self._take(partition, timestamp_ms, _decoded(value, headers))
        except Rejected as refusal:
            self.refused[refusal.reason] += 1

    def totals(self) -> Counter[TotalName]:
        """The totals of what stands."""
        return totals(self._parts())

    def doubles(self) -> int:
        """Moves counted on more than one partition.

        An id is known on its own partition only: a producer keyed its records otherwise than
        `contract.wire.event_key`.
        """
        return sum(
            bool(one[name].counted and other[name].counted)
            for one, other in combinations(self._standing.values(), 2)
            for name in one.keys() & other.keys()
        )

    def _parts(self) -> Iterator[Part]:
        moves = Counter(
            (told.counted, told.on.year)
            for standing in self._standing.values()
            for told in standing.values()
            if told.counted is not None
        )
        for (counted, year), times in moves.items():
            yield counted.klass, year, times, times * counted.hundredths

    def _take(
        self, partition: int, timestamp_ms: int, event: ContainerMoved | MoveRetracted
    ) -> None:
        if isinstance(event, MoveRetracted):
            name, recorded = event.data.retractedEventID, FOR_GOOD
            counted, is_actual, box = None, False, ""
        else:
            name, recorded = event.id, epoch_ms(event.recordedtime)
            counted = self._counted(event.data)
            is_actual = event.data.eventClassifierCode is Classifier.ACT
            box = _box(event.data.equipmentReference or "")
        now = received_at(timestamp_ms).astimezone(self._book.tz)
        latest = now + AHEAD
        if event.recordedtime > latest or (is_actual and event.time > latest):
            raise Rejected(Reason.FUTURE_TIME, "more than an hour ahead")
        on = self._day(event.time) if counted else date.min
        standing = self._standing[partition]
        identity = (sys.intern(event.source), name)
        stands = standing.get(identity)
        if stands is not None:
            if box and stands.box and box != stands.box:
                return  # an id names the moves of one container
            if recorded <= stands.recorded:
                return  # older, or as old and behind it in the topic
            box = box or stands.box
        closed = max(FIRST, now.date() - timedelta(self._book.port.open_days))
        if (counted and on < closed) or (stands and stands.counted and stands.on < closed):
            raise Rejected(Reason.TOO_OLD, "the day is closed")
        standing[identity] = StandingEvent(recorded, on, counted, box)

    def _counted(self, move: Move) -> Counted | None:
        """The class of a move and its TEU, if it is in any sum."""
        if not _is_port_move(move):
            return None
        terminal = self._book.terminal_codes.get(move.facilityCode)
        if terminal is None:
            raise Rejected(Reason.UNKNOWN_TERMINAL, move.facilityCode)
        kind, length = _kind(move), box_length(move.ISOEquipmentCode)
        teu = 0 if length is None else HUNDREDTHS[self._book.port.teu][length]
        size = "unknown" if length is None else FEET.get(length, "other")
        klass = MoveClass(
            self._book.area_of[terminal],
            terminal,
            move.equipmentEventTypeCode.value,
            kind,
            move.emptyIndicatorCode,
            size,
        )
        handled = klass.move in QUAY and kind != "restow"
        counted = Counted(klass, teu if handled else 0)
        return self._known.setdefault(counted, counted)

    def _day(self, at: datetime) -> date:
        try:
            return at.astimezone(self._book.tz).date()
        except OverflowError:  # the first hours of the year 1
            return date.min


def _decoded(value: bytes | None, headers: Headers) -> ContainerMoved | MoveRetracted:
    raw = value or b""
    try:
        value = structured(value, headers)
        if value is None or len(value) > MAX_EVENT_BYTES:
            decode(value)  # refuses both
        raw = value or b""
        return decode_move(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise rejection_of(raw, error) from None


def _is_port_move(move: Move) -> bool:
    """An actual lift over the quay of a terminal by water, or a passage of its gate."""
    kind, call = move.equipmentEventTypeCode.value, move.transportCall
    by_land = call is not None and call.modeOfTransport in (Mode.RAIL, Mode.TRUCK)
    return (
        move.eventClassifierCode is Classifier.ACT
        and not move.isRetracted
        and (kind in GATE or (kind in QUAY and not by_land))
        and move.moveStatus not in (MoveStatus.REMAIN_ON_BOARD, MoveStatus.SHORTLANDED)
        and (move.facilityTypeCode or PORT_TERMINAL).casefold() == "pote"
    )


def _box(number: str) -> str:
    """Return a container number as the ledger compares it: capitals, no blanks, 16 characters."""
    plain = re.sub(r"[^\x21-\x7e]", "?", re.sub(r"[\s-]+", "", number))
    return sys.intern(plain.upper()[:16])


def _kind(move: Move) -> str:
    if move.moveStatus is MoveStatus.SHIFTER:
        return "restow"
    if move.moveStatus is MoveStatus.TRANSHIPMENT or move.isTransshipmentMove:
        return "transhipment"
    return "normal"
