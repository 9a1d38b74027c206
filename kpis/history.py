"""History: what the books show at each instant of the past, as a function of their snapshots.

Snapshots hold all that is needed: a day's classes and its 24 hourly sums, cards with dated stages,
figures by period.  Posted in the order of the days and measured in between, they give what a
worker would have shown at those instants, had it known what is known now: corrections, targets
and amounts count as they stand, not as they stood.  Order of arrival can make no difference.

Within a day the books know TEU by the hour, but moves and classes by the day only.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple, Protocol, TypeVar

from msgspec.structs import replace as changed

from contract.book import Book
from contract.events import TargetSet
from contract.snapshots import ClassSum, IndicatorValue, ProjectCard, TerminalDay
from kpis import handled, pacing
from kpis.calendar import day_of, day_start, hour_end, period_end
from kpis.indicators import INDICATORS, IndicatorBook
from kpis.investment import INVESTMENT
from kpis.kpi import Family, Labels, Reading, measure
from kpis.port import PortBooks, PortYear
from kpis.portfolio import Portfolio
from kpis.throughput import LATEST, THROUGHPUT

DAY = timedelta(1)
HELD_SECONDS = 300  # Prometheus looks back 5 minutes: a query finds a value at any instant
HOURLY_SECONDS = 3600  # what moves once a day: twelve times fewer samples, found on the full hour
_CLOSED = 25  # the offset of a closed day, above those of its hours

P = TypeVar("P")
Outlook = Callable[[PortBooks, datetime], None]
"""Sets the forecast that stands on a day, at its beginning."""


def _no_outlook(books: PortBooks, at: datetime) -> None:
    """The run-rate stands."""


class Span(NamedTuple):
    """From when to when history is told, Unix seconds, both included; which forecast stood."""

    since: float
    until: float
    outlook: Outlook = _no_outlook


class Telling(NamedTuple):
    """What stands from an instant on, until the next telling `of` the same; nothing if empty."""

    at: float
    """Unix seconds."""
    of: str
    readings: tuple[Reading, ...]
    every: int = HELD_SECONDS
    """Seconds between two samples of a value that is held."""


class Days(Protocol):
    """The booked days of a port area, in order, and the snapshots of each."""

    def __iter__(self) -> Iterator[date]:
        """Each day that has books, in order."""

    def __getitem__(self, on: date) -> tuple[TerminalDay, ...]:
        """The snapshots of a day; none if it has no books."""


def port_history(
    book: Book, area: str, days: Days, targets: Iterable[TargetSet], span: Span
) -> Iterator[Telling]:
    """A port area's tellings, from its snapshots.

    Each year that has moves is told from 1 January (the first from its first day) to its end, and
    how it ended through 1 January after it.
    """
    books = PortBooks(book, area)
    for target in targets:
        books.set_target(target)
    booked = tuple(days)
    for year, its_days in groupby(booked, key=lambda on: on.year):
        on = date(year, 1, 1) if books.year(year).first_booked() else next(its_days)
        begin = day_start(on, book.tz)
        if begin > span.until:
            return
        if begin >= span.since:
            yield from _whole(books, area, begin, span)
        while on.year == year:
            todays, at = days[on], day_start(on + DAY, book.tz)
            if at >= span.since:
                yield from _hours(books, area, on, todays, span.until)
            if at > span.until:
                if on >= booked[-1] and _are_over(todays, span.until):
                    _close(books, todays)
                    yield from _whole(books, area, span.until, span)
                return
            _close(books, todays)
            if at >= span.since:
                yield from _whole(books, area, at, span)
            on += DAY
        end = day_start(on + DAY, book.tz)
        if on.year not in {day.year for day in booked}:
            yield from (Telling(end, of, ()) for of in _scopes(area) if end <= span.until)


def zone_history(
    book: Book,
    zone: str,
    cards: Collection[ProjectCard],
    figures: Iterable[IndicatorValue],
    years: Collection[int],
    span: Span,
) -> Iterator[Telling]:
    """A zone's tellings, day by day, in these years; a figure stands from its period's end on."""
    portfolio, indicators = Portfolio(book, zone), IndicatorBook(book, zone)
    for card in cards:
        portfolio.post(card)
    waiting = sorted(figures, key=lambda one: period_end(one.period, book.tz), reverse=True)
    for year in sorted(years):
        on = date(year, 1, 1)
        while on.year == year and (at := day_start(on, book.tz)) <= span.until:
            while waiting and period_end(waiting[-1].period, book.tz) <= at:
                indicators.post(waiting.pop())
            on += DAY
            if at < span.since:
                continue
            moment = datetime.fromtimestamp(at, UTC)
            found = tuple(measure(INVESTMENT, portfolio, moment)) if cards else ()
            found += tuple(measure(INDICATORS, indicators, moment))
            yield Telling(at, zone, found, HOURLY_SECONDS)
        if year + 1 not in years and (at := day_start(on, book.tz)) <= span.until:
            yield Telling(at, zone, ())


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


def _scopes(area: str) -> tuple[str, str]:
    """What is told by the hour, and what by the day."""
    return f"{area} by hour", f"{area} by day"


def _whole(books: PortBooks, area: str, at: float, span: Span) -> Iterator[Telling]:
    """All there is to tell, at an instant at which the whole day is in the books."""
    by_hour, by_day = _scopes(area)
    moment = datetime.fromtimestamp(at, UTC)
    span.outlook(books, moment)
    yield Telling(at, by_hour, _measured(_BY_HOUR, books, moment))
    yield Telling(at, by_day, _measured(_BY_DAY, books, moment), HOURLY_SECONDS)


def _hours(
    books: PortBooks, area: str, on: date, todays: Collection[TerminalDay], until: float
) -> Iterator[Telling]:
    """What is told at the end of each hour of a day but the last, which is the day's own end."""
    end = day_start(on + DAY, books.tz)
    told = day_start(on, books.tz)
    for hour in range(23):
        at = hour_end(on, hour, books.tz)
        if at > until:
            return
        if not told < at < end:  # the clocks change: an hour that is not there, or there twice
            continue
        for day in todays:
            if day.hours[hour]:
                books.post(_so_far(day, hour, at))
        found = _measured(_BY_HOUR, books, datetime.fromtimestamp(at, UTC))
        yield Telling(at, _scopes(area)[0], found)
        told = at


def _measured(
    families: tuple[Family[PortBooks, Any], ...], books: PortBooks, at: datetime
) -> tuple[Reading, ...]:
    return tuple(reading for family in families for reading in measure(family, books, at))


def _so_far(day: TerminalDay, hour: int, at: float) -> TerminalDay:
    """A day as it was at the end of an hour; its classes are not known yet, so they are one."""
    hours = (*day.hours[: hour + 1], *(0,) * (23 - hour))
    one = ClassSum("LOAD", "normal", None, "", 1, sum(hours))
    newest = min(day.newest, datetime.fromtimestamp(at, UTC))
    return changed(day, offset=hour, classes=(one,), hours=hours, newest=newest)


def _are_over(todays: Collection[TerminalDay], until: float) -> bool:
    """Has all that is booked of a day happened by then?"""
    return all(day.newest.timestamp() <= until for day in todays)


def _close(books: PortBooks, todays: Collection[TerminalDay]) -> None:
    for day in todays:
        books.post(changed(day, offset=_CLOSED))
