"""One year of a port area: sums that each snapshot updates."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from operator import add, sub
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from contract.book import Port
from contract.events import Fill
from contract.move_class import QUAY_MOVES
from contract.snapshots import ClassSum, TerminalDay, supersedes
from kpis.model.calendar import day_start, hour_end
from kpis.plan.plan import Plan
from kpis.plan.progress import Outlook, Progress

QUAY = tuple(event.value for event in QUAY_MOVES)


class YearClass(Struct, frozen=True, gc=False):
    """The attributes by which a year's moves are summed."""

    terminal: str
    move: str
    kind: str
    fill: Fill | None
    size: str


class MoveSum:
    """A number of moves and their hundredths of a TEU."""

    __slots__ = ("hundredths", "moves")

    def __init__(self) -> None:
        self.moves = 0
        self.hundredths = 0


class _CountedDay(Struct, frozen=True, gc=False):
    """A snapshot that the sums include, packed, since objects would take 10 times the memory."""

    offset: int
    newest: datetime | None
    """None for a day without a quay move."""
    has_moves: bool
    """False for a day whose moves were all amended away or retracted."""
    packed: bytes


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[tuple[ClassSum, ...], tuple[int, ...]]).decode
_NO_HOURS = (0,) * 24


class PortYear:
    """One year of a port area; `before` and `after` are its neighbours in the books, or None."""

    def __init__(self, year: int, tz: ZoneInfo, terminals: tuple[str, ...], port: Port) -> None:
        self.year = year
        self.port = port
        self.tz = tz
        self.plan: Plan | None = None
        self.outlook: Outlook | None = None
        self.before: PortYear | None = None
        self.after: PortYear | None = None
        self.sums: defaultdict[YearClass, MoveSum] = defaultdict(MoveSum)
        self._own = terminals
        self._first: date | None = None
        """None while it has to be looked for."""
        self._newest: datetime | None = None
        """None while it has to be looked for."""
        self._held: dict[tuple[str, date, int], _CountedDay] = {}
        self._quay = Counter[str]()
        """Terminal -> hundredths of a TEU of its quay moves."""
        self._total = 0
        """Hundredths of a TEU of all days."""
        self._days = array("q", bytes(8 * 366))
        """Hundredths of a TEU of the area, by day of the year."""
        self._hours = {terminal: array("q", bytes(8 * 366 * 24)) for terminal in terminals}
        """Terminal -> hundredths of a TEU by hour of the year."""

    @property
    def terminals(self) -> tuple[str, ...]:
        """The terminals of the book, and others that have moves in the year."""
        moved = (
            {year_class.terminal for year_class in self.sums}
            if len(self._hours) > len(self._own)
            else ()
        )
        return tuple(name for name in self._hours if name in self._own or name in moved)

    @property
    def first(self) -> date | None:
        """The earliest day that has moves.

        A day whose moves were all amended away does not count.  Had the amendments come first, it
        would never have been booked, and the order of arrival must not change a figure.
        """
        if self._first is None:
            standing = (on for (_, on, _), one in self._held.items() if one.has_moves)
            self._first = min(standing, default=None)
        return self._first

    @property
    def teu(self) -> float:
        """TEU over the quay in this year."""
        return self._total / 100

    @property
    def newest(self) -> datetime | None:
        """The event time of the newest quay move of the year."""
        if self._newest is None:
            self._newest = max(
                (one.newest for one in self._held.values() if one.newest), default=None
            )
        return self._newest

    @property
    def progress(self) -> Progress | None:
        """The year's progress towards its target, if it has one."""
        return Progress(self.plan, self.teu, outlook=self.outlook) if self.plan else None

    def quay_teu(self, terminal: str) -> float:
        """TEU of a terminal's quay moves in this year."""
        return self._quay[terminal] / 100

    def teu_over(self, first: date, end: date) -> float:
        """TEU of the days before `end`, whether of this or of earlier years."""
        year: PortYear | None = self
        hundredths = 0
        while year is not None:
            hundredths += sum(year._days_between(first, end, ""))
            year = year.before
        return hundredths / 100

    def terminal_hours(self, terminal: str, on: date) -> tuple[int, ...]:
        """Hundredths of a TEU of a terminal, hour by hour, on a day of this or an earlier year."""
        if on.year == self.year:
            hours = self._hours.get(terminal)
            start = _day(on) * 24
            return tuple(hours[start : start + 24]) if hours else (0,) * 24
        return self.before.terminal_hours(terminal, on) if self.before else (0,) * 24

    def first_booked(self) -> date | None:
        """Return the first day with moves of this or an earlier year."""
        earlier = self.before.first_booked() if self.before else None
        return earlier or self.first

    def teu_between(self, first: date, end: date, terminal: str = "") -> float:
        """TEU of those of the days before `end` that are this year's, of a terminal or all."""
        span = self._clip(first, end)
        if span is None:
            return 0.0
        start, stop = span
        if not terminal:
            return sum(self._days[start:stop]) / 100
        hours = self._hours.get(terminal, array("q"))
        return sum(hours[start * 24 : stop * 24]) / 100

    def has_teu_daily(self, first: date, end: date) -> bool:
        """Whether each of those of the days before `end` that are this year's has TEU."""
        return 0 not in self._days_between(first, end, "")

    def daily(self, first: date, end: date, terminal: str = "") -> Iterator[float]:
        """TEU of each of those days."""
        return (hundredths / 100 for hundredths in self._days_between(first, end, terminal))

    def reached(self, teu: float, first: date | None = None, terminal: str = "") -> float | None:
        """Return the end of the hour in which the TEU since 1 January, or `first`, reach `teu`.

        In Unix seconds; of one terminal or of all.
        """
        if self._total < teu * 100:
            return None
        days = self._by_day(terminal)
        start = _day(first) if first and first.year == self.year else 0
        sums = enumerate(accumulate(days[start:]), start)
        found = next(((n, done) for n, done in sums if done >= teu * 100), None)
        if found is None:
            return None
        on = date(self.year, 1, 1) + timedelta(found[0])
        done = found[1] - days[found[0]]
        names = (terminal,) if terminal else self.terminals
        by_hour = zip(*(self.terminal_hours(name, on) for name in names), strict=True)
        for hour, amounts in enumerate(by_hour):
            done += sum(amounts)
            if done >= teu * 100:
                return hour_end(on, hour, self.tz)
        return day_start(on + timedelta(1), self.tz)

    def post(self, day: TerminalDay) -> bool:
        """Post a snapshot to the sums; return False if the books hold this one or a newer one."""
        key = (day.terminal, day.on, day.partition)
        held = self._held.get(key)
        if not supersedes(day, held):
            return False
        classes, hours = _unpack(held.packed) if held is not None else ((), _NO_HOURS)
        self._count(day.terminal, classes, -1)
        self._count(day.terminal, day.classes, 1)
        self._spread(day.terminal, day.on, hours, day.hours)
        newest = day.newest if any(line.move in QUAY for line in day.classes) else None
        has_moves = bool(day.classes)
        self._held[key] = _CountedDay(
            day.offset, newest, has_moves, _pack((day.classes, day.hours))
        )
        if newest is None or self._newest is None or newest < self._newest:
            self._newest = None
        else:
            self._newest = newest
        if not has_moves:
            self._first = None
        elif self._first is not None:
            self._first = min(self._first, day.on)
        return True

    def _days_between(self, first: date, end: date, terminal: str) -> Sequence[int]:
        span = self._clip(first, end)
        return self._by_day(terminal, *span) if span else ()

    def _clip(self, first: date, end: date) -> tuple[int, int] | None:
        """The days of the year from `first` to `end`, counted from 0; None if there are none."""
        start, stop = max(first, date(self.year, 1, 1)), min(end, date(self.year + 1, 1, 1))
        return None if start >= stop else (_day(start), _day(stop - timedelta(1)) + 1)

    def _by_day(self, terminal: str, start: int = 0, stop: int = 366) -> Sequence[int]:
        """Hundredths of a TEU by day of the year, of a terminal or all."""
        if not terminal:
            return self._days[start:stop]
        hours = self._hours.get(terminal, ())
        return [sum(hours[day * 24 : day * 24 + 24]) for day in range(start, stop)]

    def _count(self, terminal: str, classes: tuple[ClassSum, ...], sign: int) -> None:
        for line in classes:
            year_class = YearClass(terminal, line.move, line.kind, line.fill, line.size)
            total = self.sums[year_class]
            total.moves += sign * line.moves
            total.hundredths += sign * line.hundredths
            if line.move in QUAY:
                self._quay[terminal] += sign * line.hundredths
            if not total.moves:
                del self.sums[year_class]

    def _spread(
        self, terminal: str, on: date, before: tuple[int, ...], after: tuple[int, ...]
    ) -> None:
        """Replace a terminal's hours of a day in the sums."""
        hours = self._hours.get(terminal)
        if hours is None:
            hours = self._hours[terminal] = array("q", bytes(8 * 366 * 24))
        if before == after:
            return
        day = _day(on)
        known = hours[day * 24 : day * 24 + 24]
        hours[day * 24 : day * 24 + 24] = array("q", map(add, known, map(sub, after, before)))
        more = sum(after) - sum(before)
        self._days[day] += more
        self._total += more


def _day(on: date) -> int:
    """0 on 1 January."""
    return on.toordinal() - date(on.year, 1, 1).toordinal()
