"""The history of a port area, from the snapshots of its days.

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
from kpis.port import growth, handled, pacing
from kpis.port.books import PortBooks
from kpis.port.throughput import LATEST, THROUGHPUT
from kpis.port.year import PortYear

_CLOSED = 25  # the offset of a closed day, above those of its hours
P = TypeVar("P")


class Days(Protocol):
    """The booked days of a port area, in order, and the snapshots of each."""

    def __iter__(self) -> Iterator[date]:
        """Iterate over the days that have books, in order."""

    def __getitem__(self, on: date) -> tuple[TerminalDay, ...]:
        """Return the snapshots of a day; none if it has no books."""


class PortFilling:
    """The books of an area as they fill, day after day."""

    def __init__(self, books: PortBooks, days: Days) -> None:
        self._books, self._days = books, days
        self._coming = list(days)[::-1]
        """Days that are not in the books yet, the next one last."""

    def until(self, on: date) -> PortBooks:
        """Return the books as they are at the beginning of a day, not earlier than the last."""
        while self._coming and self._coming[-1] < on:
            for day in self._days[self._coming.pop()]:
                self._books.post(day)
        return self._books


class PortPast:
    """The books of an area as they fill, measured hour by hour.

    The history of a year with moves runs from 1 January to its end; where the year before has no
    moves, it starts on its first day with moves.  The outcome of a year is shown through the
    following 1 January.  A forecast is made each Monday from what was known then, and holds for
    the week.
    """

    def __init__(
        self, books: PortBooks, targets: TargetHistory, days: Days, span: InstantSpan
    ) -> None:
        self._books, self._targets, self._days, self._span = books, targets, days, span
        self._by_hour, self._by_day = f"{books.area} by hour", f"{books.area} by day"

    def points(self) -> Iterator[HistoryPoint]:
        """Iterate over all history points, in order."""
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
        """Iterate over the inputs of all forecasts; afterwards the books hold all days."""
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
            yield from self._targets.questions(self._books, moment)

    def _close(self, on: date) -> None:
        for day in self._days[on]:
            self._books.post(changed(day, offset=_CLOSED))

    def _day(self, on: date, last: date) -> Iterator[HistoryPoint]:
        """A day hour by hour, then as a whole; the current day as far as it is known."""
        todays, end, until = self._days[on], self._begin(on + DAY), self._span.until
        if end >= self._span.since:
            yield from self._hours(on, todays)
        if end > until and (on < last or any(day.newest.timestamp() > until for day in todays)):
            return
        self._close(on)
        yield from self._whole(min(end, until))

    def _hours(self, on: date, todays: Collection[TerminalDay]) -> Iterator[HistoryPoint]:
        """The ends of a day's hours, except the last hour, which ends with the day."""
        last, end = self._begin(on), self._begin(on + DAY)
        for hour in range(23):
            at = hour_end(on, hour, self._books.tz)
            if at > self._span.until:
                return
            if not last < at < end:  # the clocks change: an hour is missing, or comes twice
                continue
            for day in todays:
                if day.hours[hour]:
                    self._books.post(_so_far(day, hour, at))
            yield HistoryPoint(at, self._by_hour, self._measured(_BY_HOUR, at))
            last = at

    def _whole(self, at: float) -> Iterator[HistoryPoint]:
        """All KPIs at an instant at which the books hold all that had happened by then."""
        if at < self._span.since:
            return
        moment = datetime.fromtimestamp(at, UTC)
        if forecaster := self._span.forecaster:
            for question in self._questions(moment):
                question.answer(forecaster(question.basis) if question.basis else None)
        yield HistoryPoint(at, self._by_hour, self._measured(_BY_HOUR, at))
        yield HistoryPoint(at, self._by_day, self._measured(_BY_DAY, at), DAILY_SECONDS)
        yield self._targets.point(at, moment, (self._books,))

    def _end(self, at: float) -> Iterator[HistoryPoint]:
        """The points that end all series, until the next year that has moves."""
        if at <= self._span.until:
            yield HistoryPoint(at, self._by_hour, ())
            yield HistoryPoint(at, self._by_day, ())
            yield self._targets.end_point(at)

    def _measured(
        self, families: tuple[Family[PortBooks, Any], ...], at: float
    ) -> tuple[Reading, ...]:
        moment = datetime.fromtimestamp(at, UTC)
        return tuple(
            reading for family in families for reading in measure(family, self._books, moment)
        )

    def _begin(self, on: date) -> float:
        return day_start(on, self._books.tz)


def years_at(books: PortBooks, at: datetime) -> Iterator[tuple[Labels, PortYear]]:
    """The current year, and on 1 January also the one that has just ended."""
    on = day_of(at, books.tz)
    yield (books.area, str(on.year)), books.year(on.year)
    if (on.month, on.day) == (1, 1) and books.year(on.year - 1).first:
        yield (books.area, str(on.year - 1)), books.year(on.year - 1)


_DAILY = (
    *(handled.ytd_moves, handled.ytd_class, handled.unsized, handled.gate, handled.day),
    *(pacing.plan_month, pacing.plan_month_start, pacing.plan_month_end),
    *(growth.ytd_on_year, growth.ytd_on_year_code, growth.completeness),
    *(growth.month_on_year, growth.month_on_year_code),
    *(growth.month_on_month, growth.month_on_month_code),
)
"""Formulas whose value changes, or is known, only once a day."""


def _with_kpis(family: Family[PortBooks, P], daily: bool) -> Family[PortBooks, P]:
    return replace(family, kpis=tuple(k for k in family.kpis if (k.of in _DAILY) is daily))


YEARS = replace(THROUGHPUT, parts=years_at)
_BY_HOUR, _BY_DAY = (
    (_with_kpis(YEARS, daily), _with_kpis(LATEST, daily)) for daily in (False, True)
)


def _so_far(day: TerminalDay, hour: int, at: float) -> TerminalDay:
    """A day as it was at the end of an hour; one class holds all, since none is known by hour."""
    hours = (*day.hours[: hour + 1], *(0,) * (23 - hour))
    one = ClassSum("LOAD", "normal", None, "", 1, sum(hours))
    newest = min(day.newest, datetime.fromtimestamp(at, UTC))
    return changed(day, offset=hour, classes=(one,), hours=hours, newest=newest)
