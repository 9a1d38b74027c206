"""A port area's TEU compared with those of last year and of the month before.

A comparison is a number or a reason, never both.  It takes whole days of both sides, by their mean
a day, so that a leap day or a month of 31 days does not count as growth.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import IntEnum
from itertools import repeat
from typing import NamedTuple

from kpis.model.calendar import day_of, day_start
from kpis.port.books import PortBooks
from kpis.port.working_hours import worked_until
from kpis.port.year import PortYear

DAY = timedelta(1)
MISSING_DAYS = 7  # no container port rests for a week, at Spring Festival neither


class Comparability(IntEnum):
    """Whether two spans of days can be compared, or the first reason why not."""

    COMPARED = 0
    NO_WHOLE_DAY = 1
    """No day of the period is over yet."""
    BOOKS_BEGIN_LATER = 2
    """The books begin after the first day of one of the two spans."""
    DAYS_MISSING = 3
    """The books have no TEU for a week within one of the two spans."""
    WAS_ZERO = 4
    """The earlier span has no TEU."""
    SPRING_FESTIVAL = 5
    """January and February count as one period, which is not over yet."""


class DaySpan(NamedTuple):
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1


class Comparison(NamedTuple):
    """Growth as a ratio, or the reason why there is none."""

    code: Comparability
    growth: float | None = None


def year_on_year(port: PortYear, at: datetime) -> Comparison:
    """Compare 1 January to the last whole day with the same days of the year before."""
    last = last_whole_day(port, at)
    if last is None or last.year < port.year:
        return Comparison(Comparability.NO_WHOLE_DAY)
    if _has_festival(port) and last < _month_end(port.year, 2):
        return Comparison(Comparability.SPRING_FESTIVAL)
    span = DaySpan(date(port.year, 1, 1), last)
    return _compare(port, span, _year_before(span))


def month_on_year(books: PortBooks, at: datetime) -> Comparison:
    """Compare the month of the last whole day with the same days of the year before."""
    port = books.year(day_of(at, books.tz).year)
    month = _month(port, at)
    return month if isinstance(month, Comparison) else _compare(port, month, _year_before(month))


def month_on_month(books: PortBooks, at: datetime) -> Comparison:
    """Compare the month of the last whole day with the whole month before it."""
    port = books.year(day_of(at, books.tz).year)
    month = _month(port, at)
    if isinstance(month, Comparison):
        return month
    end = month.first - DAY
    is_after_festival = _has_festival(port) and end.month == 2
    first = date(end.year, 1, 1) if is_after_festival else end.replace(day=1)
    return _compare(port, month, DaySpan(first, end))


def completeness(port: PortYear, at: datetime) -> Comparability:
    """Return whether the books hold the year whole, as far as it has come."""
    last = last_whole_day(port, at)
    if last is None or last.year < port.year:
        return Comparability.NO_WHOLE_DAY
    first, end, today = date(port.year, 1, 1), date(port.year, 12, 31), day_of(at, port.tz)
    # on 1 January moves of the last evening may be on their way, which is no reason yet
    due = end - DAY if today == end + DAY else end
    if last < due and end < today:
        return _fault(port, DaySpan(first, last)) or Comparability.DAYS_MISSING
    return _fault(port, DaySpan(first, last))


def last_whole_day(port: PortYear, at: datetime) -> date | None:
    """Return the last day up to the year's end that is over and in the books; None without moves.

    While the newest move is of an earlier day, events may be on their way: that day is whole only
    if the quay could rest until its end.
    """
    newest = _newest(port)
    if newest is None:
        return None
    last = min(day_of(at, port.tz) - DAY, date(port.year, 12, 31))
    on = day_of(newest, port.tz)
    if on > last:
        return last
    due = worked_until(newest, port.port, port.tz)
    return on if due is None or due >= day_start(on + DAY, port.tz) else on - DAY


def _compare(port: PortYear, span: DaySpan, base: DaySpan) -> Comparison:
    for one in (base, span):
        if fault := _fault(port, one):
            return Comparison(fault)
    before, now = (port.teu_over(one.first, one.last + DAY) / one.days for one in (base, span))
    if not before:
        return Comparison(Comparability.WAS_ZERO)
    return Comparison(Comparability.COMPARED, now / before - 1)


def _fault(port: PortYear, span: DaySpan) -> Comparability:
    """Return why the books do not hold a span whole; `COMPARED`, which is 0, if they do."""
    begin = port.first_booked()
    if begin is None or begin > span.first:
        return Comparability.BOOKS_BEGIN_LATER
    missing = 0
    for year, days in _by_year(port, span):
        if year is not None and year.has_teu_daily(days.first, days.last + DAY):
            missing = 0  # the usual case, a hundred times as fast as day by day
            continue
        for on, teu in _daily(year, days):
            missing = 0 if teu else missing + (on not in port.port.closed)
            if missing == MISSING_DAYS:
                return Comparability.DAYS_MISSING
    return Comparability.COMPARED


def _by_year(port: PortYear, span: DaySpan) -> Iterator[tuple[PortYear | None, DaySpan]]:
    """The days of a span in each year, with that year's books if there are any."""
    years: dict[int, PortYear] = {}
    year: PortYear | None = port
    while year is not None:
        years[year.year], year = year, year.before
    for number in range(span.first.year, span.last.year + 1):
        first, last = max(span.first, date(number, 1, 1)), min(span.last, date(number, 12, 31))
        yield years.get(number), DaySpan(first, last)


def _daily(year: PortYear | None, span: DaySpan) -> Iterator[tuple[date, float]]:
    """Each day of a span with its TEU, 0 in a year that the books do not have."""
    days = (span.first + n * DAY for n in range(span.days))
    teu = repeat(0.0, span.days) if year is None else year.daily(span.first, span.last + DAY)
    return zip(days, teu, strict=True)


def _month(port: PortYear, at: datetime) -> DaySpan | Comparison:
    """Return the whole days of the newest month; with a festival January and February are one."""
    last = last_whole_day(port, at)
    if last is None:
        return Comparison(Comparability.NO_WHOLE_DAY)
    if not _has_festival(port) or last.month > 2:
        return DaySpan(last.replace(day=1), last)
    if last < _month_end(last.year, 2):
        return Comparison(Comparability.SPRING_FESTIVAL)
    return DaySpan(date(last.year, 1, 1), last)


def _newest(port: PortYear) -> datetime | None:
    """The newest move of this or a later year, or of an earlier one if these have none."""
    year: PortYear | None = port
    found: list[datetime] = []
    while year is not None:
        found += [year.newest] if year.newest else []
        year = year.after
    year = port.before
    while year is not None and not found:
        found += [year.newest] if year.newest else []
        year = year.before
    return max(found, default=None)


def _year_before(span: DaySpan) -> DaySpan:
    """The same calendar days of the year before; 29 February becomes 28 February."""
    first, last = (
        on.replace(year=on.year - 1, day=min(on.day, monthrange(on.year - 1, on.month)[1]))
        for on in span
    )
    return DaySpan(first, last)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _has_festival(port: PortYear) -> bool:
    return port.port.festival == "spring"
