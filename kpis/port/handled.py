"""TEU and moves that a port area handled: since 1 January, on the last day, in the last hour."""

from collections import Counter
from datetime import date, datetime, timedelta

from contract.move_class import has_throughput
from kpis.model.calendar import day_of
from kpis.model.kpi import Labels
from kpis.port.books import PortBooks
from kpis.port.year import QUAY, PortYear

MOVES = {"LOAD": "load", "DISC": "discharge"}
DIRECTIONS = {"GTIN": "in", "GTOT": "out"}


def ytd(port: PortYear, at: datetime) -> dict[Labels, float]:
    """TEU handled over the quay since 1 January, by terminal.

    Sum of load and discharge moves in the port's zone by event time, net of corrections and
    retractions; transhipment counts twice, restows and unknown sizes nothing.  In January it
    starts again from 0.  Source: UNCTAD, World Bank IS.SHP.GOOD.TU.
    """
    return {(terminal,): port.quay_teu(terminal) for terminal in port.terminals}


def ytd_moves(port: PortYear, at: datetime) -> dict[Labels, float]:
    """Quay moves since 1 January, by terminal.

    Load and discharge, restows and unknown sizes included.
    """
    moves = Counter({(terminal,): 0 for terminal in port.terminals})
    for year_class, total in port.sums.items():
        if year_class.move in QUAY:
            moves[year_class.terminal,] += total.moves
    return {terminal: float(count) for terminal, count in moves.items()}


def ytd_class(port: PortYear, at: datetime) -> dict[Labels, float]:
    """TEU handled since 1 January by terminal, move, fill, size in feet, and kind.

    Restows and unknown sizes have no TEU and so no series here.
    """
    return {
        (
            year_class.terminal,
            MOVES[year_class.move],
            year_class.fill.lower() if year_class.fill else "unknown",
            year_class.size,
            year_class.kind,
        ): total.hundredths / 100
        for year_class, total in port.sums.items()
        if has_throughput(year_class.move, year_class.kind) and year_class.size != "unknown"
    }


def unsized(port: PortYear, at: datetime) -> dict[Labels, float]:
    """Quay moves since 1 January whose container size is unknown, by terminal.

    Their TEU is missing from all other figures.  Restows are left out, which have no
    TEU at any size.
    """
    moves = Counter({(terminal,): 0 for terminal in port.terminals})
    for year_class, total in port.sums.items():
        if has_throughput(year_class.move, year_class.kind) and year_class.size == "unknown":
            moves[year_class.terminal,] += total.moves
    return {terminal: float(count) for terminal, count in moves.items()}


def gate(port: PortYear, at: datetime) -> dict[Labels, float]:
    """Gate moves since 1 January, by terminal and direction; they are no throughput."""
    moves = Counter(
        {(name, direction): 0 for name in port.terminals for direction in DIRECTIONS.values()}
    )
    for year_class, total in port.sums.items():
        if year_class.move in DIRECTIONS:
            moves[year_class.terminal, DIRECTIONS[year_class.move]] += total.moves
    return {labels: float(count) for labels, count in moves.items()}


def as_of(port: PortYear, at: datetime) -> float | None:
    """When the newest quay move in the year's books happened.

    Event time in Unix seconds; absent while the year has none.
    """
    return port.newest.timestamp() if port.newest else None


def day(books: PortBooks, at: datetime) -> dict[Labels, float]:
    """TEU handled on the last closed day, by terminal.

    Yesterday in the port's zone; absent where the books begin later.
    """
    today = day_of(at, books.tz)
    return _hours(books, today - timedelta(1), 0, 24)


def hour(books: PortBooks, at: datetime) -> dict[Labels, float]:
    """TEU handled in the last closed hour, by terminal.

    The clock hour before the current one in the port's zone; absent where the books begin later.
    """
    ago = (at - timedelta(hours=1)).astimezone(books.tz)
    return _hours(books, ago.date(), ago.hour, ago.hour + 1)


def _hours(books: PortBooks, on: date, start: int, stop: int) -> dict[Labels, float]:
    """Terminal -> TEU of some hours of a day."""
    year = books.year(on.year)
    since = year.first_booked()
    if since is None or on < since:
        return {}
    return {
        (terminal,): sum(year.terminal_hours(terminal, on)[start:stop]) / 100
        for terminal in year.terminals
    }
