"""The simulated port: its moves, seeded by date, so that a day is the same in every run.

Each day of each terminal is drawn on its own: the number of moves and their hours (`seasonality`),
the ship's call and the containers (`containers`), and the faults of records (`faults`).
Ids are stable, so that an event that is sent again is a repeat.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from operator import attrgetter

import numpy as np
from msgspec import Struct

from contract.book import Book
from contract.events import (
    Classifier,
    ContainerMoved,
    EquipmentEvent,
    Mode,
    Move,
    MoveStatus,
    TransportCall,
)
from producers.simulate import containers, faults, seasonality
from producers.simulate.faults import LONGEST_DAYS, RecordFault
from producers.simulate.sources import TimedEvent

WEIGHTS = {"THC": 45, "THE": 33, "THW": 22}
OTHER_WEIGHT = 30  # a terminal that is not in the table
GATE_PER_QUAY = 0.52  # gate moves for one quay move; transhipment and barges do not pass the gate

STATUSES = (
    (MoveStatus.TRANSHIPMENT, 0.24),
    (MoveStatus.SHIFTER, 0.015),
    (MoveStatus.OVERLANDED, 0.001),
    (MoveStatus.SHORTLANDED, 0.0005),
    (MoveStatus.REMAIN_ON_BOARD, 0.0005),
    (None, 0.743),
)
"""Status of a quay move and its share; None is export if loaded, import if discharged."""
UNCOUNTED = {MoveStatus.SHIFTER, MoveStatus.SHORTLANDED, MoveStatus.REMAIN_ON_BOARD}
COUNTED_SHARE = sum(share for status, share in STATUSES if status not in UNCOUNTED)

DRAWN = {2019: 1.00267, 2020: 1.00022}
"""Year with a published figure -> the factor by which more moves are drawn.

Containers of unknown size and retracted moves leave a year slightly below the figure, and the
draws vary, so these factors were found by trial.
"""

BERTHS, CALLS_PER_BERTH = 2, 4

_sent_at = attrgetter("at")

_LOCAL = "LOCAL"  # the SMDG list has no terminal of Nantong
_TRUCK = TransportCall(Mode.TRUCK)


class SimulatedDay(Struct, frozen=True):
    """One day of one terminal, with all that its records are drawn from."""

    source: str
    terminal: str
    neighbour: str
    """Another terminal of the port, at which some moves are booked by mistake."""
    on: date
    begins: int
    seconds: int
    """Epoch seconds of the day's first instant; its length is 86,400 without summer time."""
    zone: tzinfo | None
    un_location_code: str
    weight: float
    """Its share of the port's moves, multiplied by the volume."""


def simulate(book: Book, first: date, last: date, volume: float = 1.0) -> Iterator[TimedEvent]:
    """Yield every record sent from `first` to `last`, in order, some about earlier moves.

    `volume` is a factor on the usual volume of the year.
    """
    pending: list[TimedEvent] = []
    for day in _days(first - timedelta(LONGEST_DAYS), last):
        pending += _drawn_on(day, book, volume)
        pending.sort(key=_sent_at)
        until = bisect_left(pending, _begins(day + timedelta(1), book), key=_sent_at)
        if day >= first:
            yield from pending[:until]
        del pending[:until]


def sources_of(book: Book) -> dict[str, str]:
    """Return source of a terminal's records -> code of the terminal."""
    return {f"/{area.code}/{t.code}": t.code for area in book.area for t in area.terminal}


def _days(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _begins(day: date, book: Book) -> datetime:
    """Return the first instant of a day of the port's time zone, in UTC: the fastest to decode."""
    return datetime(day.year, day.month, day.day, tzinfo=book.tz).astimezone(UTC)


def _drawn_on(day: date, book: Book, volume: float) -> list[TimedEvent]:
    """Return all records that are ever sent about the moves of one day."""
    begins, ends = _begins(day, book), _begins(day + timedelta(1), book)
    sources = sources_of(book)
    codes = list(sources.values())
    weights = [WEIGHTS.get(code, OTHER_WEIGHT) for code in codes]
    drawn: list[TimedEvent] = []
    for at, (source, code) in enumerate(sources.items()):
        begun = int(begins.timestamp())
        terminal = SimulatedDay(
            source,
            code,
            codes[(at + 1) % len(codes)],
            day,
            begun,
            int(ends.timestamp()) - begun,
            begins.tzinfo,
            book.port.un_location_code or "",
            volume * weights[at] / sum(weights),
        )
        drawn += _records(terminal)
    return drawn


def _records(terminal: SimulatedDay) -> list[TimedEvent]:
    seed = (terminal.on.toordinal(), int.from_bytes(terminal.source.encode(), "big"))
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    drawn = DRAWN.get(terminal.on.year, 1.0)
    teu = seasonality.expected_teu(terminal.on) * terminal.weight * drawn
    mean = teu * 100 / (containers.MEAN_HUNDREDTHS * COUNTED_SHARE)
    count = round(mean * (0.92 + 0.16 * random.random()))
    gated = round(count * GATE_PER_QUAY)

    quay_times = seasonality.moments(random, count, seasonality.QUAY_HOURS, terminal.seconds)
    gate_times = seasonality.moments(random, gated, seasonality.GATE_HOURS, terminal.seconds)
    moves = [*_quay_moves(random, count, terminal), *_gate_moves(random, gated, terminal)]
    seconds = np.concatenate([quay_times, gate_times]) + terminal.begins
    return _sent(random, moves, seconds.tolist(), terminal)


def _quay_moves(random: np.random.Generator, count: int, terminal: SimulatedDay) -> Iterator[Move]:
    """Yield quay moves in the order of their times: ship by ship, discharge before load."""
    calls = [
        containers.draw_call(
            random, f"{terminal.terminal}-{terminal.on:%y%m%d}-{number + 1}", f"{terminal.on:%y%j}"
        )
        for number in range(BERTHS * CALLS_PER_BERTH)
    ]
    berth, status = random.random((2, count))
    turned = 0.35 + 0.3 * random.random(len(calls))  # when a ship changes from discharge to load
    elapsed = np.arange(count) / max(count, 1) * CALLS_PER_BERTH
    call = (berth * BERTHS).astype(np.int64) * CALLS_PER_BERTH + elapsed.astype(np.int64)
    loads = elapsed % 1.0 >= turned[call]
    picked = containers.pick(status, [share for _, share in STATUSES]).tolist()
    drawn = containers.draw_boxes(random, count)
    marks = zip(drawn.numbers, drawn.sizes, drawn.fills, strict=True)
    lifts = zip(call.tolist(), loads.tolist(), picked, strict=True)
    for (number, size, fill), (at, load, which) in zip(marks, lifts, strict=True):
        known = STATUSES[which][0]
        plain = MoveStatus.EXPORT if load else MoveStatus.IMPORT
        yield Move(
            Classifier.ACT,
            EquipmentEvent.LOAD if load else EquipmentEvent.DISC,
            terminal.terminal,
            number,
            size,
            fill,
            isTransshipmentMove=known is MoveStatus.TRANSHIPMENT,
            moveStatus=known or plain,
            transportCall=calls[at],
            facilityCodeListProvider=_LOCAL,
            UNLocationCode=terminal.un_location_code,
        )


def _gate_moves(random: np.random.Generator, count: int, terminal: SimulatedDay) -> Iterator[Move]:
    inwards = (random.random(count) < 0.5).tolist()
    drawn = containers.draw_boxes(random, count)
    for number, size, fill, into in zip(
        drawn.numbers, drawn.sizes, drawn.fills, inwards, strict=True
    ):
        yield Move(
            Classifier.ACT,
            EquipmentEvent.GTIN if into else EquipmentEvent.GTOT,
            terminal.terminal,
            number,
            size,
            fill,
            moveStatus=MoveStatus.EXPORT if into else MoveStatus.IMPORT,
            transportCall=_TRUCK,
            facilityCodeListProvider=_LOCAL,
            UNLocationCode=terminal.un_location_code,
        )


def _sent(
    random: np.random.Generator, moves: list[Move], seconds: list[float], terminal: SimulatedDay
) -> list[TimedEvent]:
    """Return the records of each move; most are sent once, 30 seconds to 5 minutes after it."""
    uniform, delay, later = random.random((3, len(moves)))
    drawn_faults = containers.pick(uniform, faults.SHARES).tolist()
    recorded = (np.array(seconds) + np.floor(30 + 270 * delay)).tolist()
    day, zone, source = f"{terminal.on:%Y%m%d}", terminal.zone, terminal.source
    at_of = datetime.fromtimestamp
    sent: list[TimedEvent] = []
    for number, (move, occurred, made, fault) in enumerate(
        zip(moves, seconds, recorded, drawn_faults, strict=True)
    ):
        at = at_of(made, zone)
        event = ContainerMoved(
            id=f"{day}-{number + 1:05d}",
            source=source,
            time=at_of(occurred, zone),
            recordedtime=at,
            specversion="1.0",
            data=move,
        )
        if fault == RecordFault.PLAIN:
            sent.append(TimedEvent(at, event))
        else:
            drawn = float(later[number])
            sent += faults.sent(event, RecordFault(fault), drawn, terminal.neighbour)
    return sent
