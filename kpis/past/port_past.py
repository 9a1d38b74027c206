"""A port area's past, from the snapshots of its days.

Within a day the books know TEU by the hour, but moves and classes by the day only.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace as changed

from contract.snapshots import ClassSum, TerminalDay
from kpis.forecast.basis import Basis, Question
from kpis.model.calendar import day_of, day_start, hour_end
from kpis.model.kpi import Family, Labels, Reading, measure
from kpis.past.history import DAILY_SECONDS, DAY, HistoryPoint, InstantSpan, TargetHistory
from kpis.port import handled, pacing
from kpis.port.books import PortBooks
from kpis.port.throughput import LATEST, THROUGHPUT
from kpis.port.year import PortYear

_CLOSED = 25  # the offset of a closed day, above those of its hours
P = TypeVar("P")


class Days(Protocol):
    """The booked days of a port area, in order, and the snapshots of each."""

    def __iter__(self) -> Iterator[date]:
        """Each day that has books, in order."""

    def __getitem__(self, on: date) -> tuple[TerminalDay, ...]:
        """The snapshots of a day; none if it has no books."""


class PortPast:
    """The books of an area as they fill, told hour by hour.

    Each year that has moves is told from 1 January (where the year before has none, from its first
    day) to its end, and
    how it ended through 1 January after it.  A forecast, where there is one, is made on Mondays
    from what was known then, and stands for the week.
    """

    def __init__(
        self, books: PortBooks, aims: TargetHistory, days: Days, span: InstantSpan
    ) -> None:
        self._books, self._aims, self._days, self._span = books, aims, days, span
        self._by_hour, self._by_day = f"{books.area} by hour", f"{books.area} by day"

    def tell(self) -> Iterator[HistoryPoint]:
        """All tellings, in order."""
        booked = tuple(self._days)
        years = {on.year for on in booked}
        for year, its_days in groupby(booked, key=lambda on: on.year):
            on = next(its_days)
            if year - 1 in years:
                on = date(year, 1, 1)
            if self._begin(on) > self._span.until:
                return
            yield from self._whole(self._begin(on))
            while on.year == year:
                yield from self._day(on, booked[-1])
                on += DAY
                if self._begin(on) > self._span.until:
                    return
            if on.year not in years:
                yield from self._end(self._begin(on + DAY))

    def bases(self) -> Iterator[Basis]:
        """What the forecasts are to be made from; the books are full then."""
        booked = tuple(self._days)
        for on in (booked[0] + n * DAY for n in range((booked[-1] - booked[0]).days + 1)):
            at = self._begin(on + DAY)
            if at > self._span.until:
                return
            self._close(on)
            if at >= self._span.since:
                for question in self._questions(datetime.fromtimestamp(at, UTC)):
                    if question.basis:
                        yield question.basis

    def _questions(self, moment: datetime) -> Iterator[Question]:
        if day_of(moment, self._books.tz).weekday() == 0:
            yield from self._aims.questions(self._books, moment)

    def _close(self, on: date) -> None:
        for day in self._days[on]:
            self._books.post(changed(day, offset=_CLOSED))

    def _day(self, on: date, last: date) -> Iterator[HistoryPoint]:
        """A day hour by hour, then as a whole; or all there is of one that is not over."""
        todays, end, until = self._days[on], self._begin(on + DAY), self._span.until
        if end >= self._span.since:
            yield from self._hours(on, todays)
        if end > until and (on < last or any(day.newest.timestamp() > until for day in todays)):
            return
        self._close(on)
        yield from self._whole(min(end, until))

    def _hours(self, on: date, todays: Collection[TerminalDay]) -> Iterator[HistoryPoint]:
        """The ends of a day's hours but the last, which is the day's own."""
        told, end = self._begin(on), self._begin(on + DAY)
        for hour in range(23):
            at = hour_end(on, hour, self._books.tz)
            if at > self._span.until:
                return
            if not told < at < end:  # the clocks change: an hour that is not there, or twice
                continue
            for day in todays:
                if day.hours[hour]:
                    self._books.post(_so_far(day, hour, at))
            yield HistoryPoint(at, self._by_hour, self._measured(_BY_HOUR, at))
            told = at

    def _whole(self, at: float) -> Iterator[HistoryPoint]:
        """All there is to tell, at an instant at which the books hold all that has happened."""
        if at < self._span.since:
            return
        moment = datetime.fromtimestamp(at, UTC)
        if forecaster := self._span.forecaster:
            for question in self._questions(moment):
                question.answer(forecaster(question.basis) if question.basis else None)
        yield HistoryPoint(at, self._by_hour, self._measured(_BY_HOUR, at))
        yield HistoryPoint(at, self._by_day, self._measured(_BY_DAY, at), DAILY_SECONDS)
        yield self._aims.tell(at, moment, (self._books,))

    def _end(self, at: float) -> Iterator[HistoryPoint]:
        """No more is told, until the next year that has moves."""
        if at <= self._span.until:
            yield HistoryPoint(at, self._by_hour, ())
            yield HistoryPoint(at, self._by_day, ())
            yield self._aims.end(at)

    def _measured(
        self, families: tuple[Family[PortBooks, Any], ...], at: float
    ) -> tuple[Reading, ...]:
        moment = datetime.fromtimestamp(at, UTC)
        return tuple(
            reading for family in families for reading in measure(family, self._books, moment)
        )

    def _begin(self, on: date) -> float:
        return day_start(on, self._books.tz)


def _told(books: PortBooks, at: datetime) -> Iterator[tuple[Labels, PortYear]]:
    """The current year, and on 1 January the one that has just ended."""
    on = day_of(at, books.tz)
    yield (books.area, str(on.year)), books.year(on.year)
    if (on.month, on.day) == (1, 1) and books.year(on.year - 1).first:
        yield (books.area, str(on.year - 1)), books.year(on.year - 1)


_DAILY = (
    *(handled.ytd_moves, handled.ytd_class, handled.unsized, handled.gate, handled.day),
    *(pacing.plan_month, pacing.plan_month_start, pacing.plan_month_end),
)
"""What moves, or is known, once a day only."""


def _tempo(family: Family[PortBooks, P], daily: bool) -> Family[PortBooks, P]:
    return replace(family, kpis=tuple(k for k in family.kpis if (k.of in _DAILY) is daily))


_YEARS = replace(THROUGHPUT, parts=_told)
_BY_HOUR, _BY_DAY = ((_tempo(_YEARS, daily), _tempo(LATEST, daily)) for daily in (False, True))


def _so_far(day: TerminalDay, hour: int, at: float) -> TerminalDay:
    """A day as it was at the end of an hour; its classes are not known yet, so they are one."""
    hours = (*day.hours[: hour + 1], *(0,) * (23 - hour))
    one = ClassSum("LOAD", "normal", None, "", 1, sum(hours))
    newest = min(day.newest, datetime.fromtimestamp(at, UTC))
    return changed(day, offset=hour, classes=(one,), hours=hours, newest=newest)
