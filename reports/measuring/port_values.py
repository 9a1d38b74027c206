"""The values of a port area, measured while its books fill up to the end of the period."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from contract.book import Area, Port
from contract.events import Label
from kpis.model.calendar import day_start
from kpis.model.kpi import measure
from kpis.past.port_past import YEARS, PortFilling
from kpis.port import handled
from kpis.port.books import PortBooks
from kpis.port.throughput import LATEST
from reports.instants import instants, whole_days, year_days
from reports.period import DAY, Period, Span
from reports.values import QUIET_DAYS, KpiReadings, PortValues, Quay


class Filled(NamedTuple):
    """The books at the end of a period, and what was read of them on the way."""

    books: PortBooks
    days: Mapping[date, Mapping[str, float]]
    """Day -> terminal -> TEU, only days since the books begin."""
    readings: Mapping[date, KpiReadings]
    """Day -> the readings at its beginning."""


def fill(filling: PortFilling, period: Period) -> Filled:
    """Post the days up to the period's end, and read KPIs at the beginnings of some days."""
    wanted, end = set(instants(period)), period.span.after
    days: dict[date, Mapping[str, float]] = {}
    read: dict[date, KpiReadings] = {}
    books = filling.until(whole_days(period).first)
    for on in (*whole_days(period).each(), end):
        books = filling.until(on)
        found = handled.day(books, moment(on, books)).items()
        if found:
            days[on - DAY] = {terminal: teu for (terminal,), teu in found}
        if on in wanted and on != end:
            read[on] = readings(books, on)
    return Filled(books, days, read)


def port_values(area: Area, port: Port, filled: Filled, period: Period) -> PortValues:
    """Return the values of an area, with the readings at the end of the period."""
    books, last = filled.books, period.last
    year = books.year(last.year)
    names = {terminal.code: terminal.name for terminal in area.terminal}
    names |= {code: Label(code, code) for code in year.terminals if code not in names}
    newest = books.newest.astimezone(books.tz) if books.newest else None
    ends = period.span.after
    plan = year.plan
    return PortValues(
        code=area.code,
        name=area.name,
        terminals=names,
        readings={**filled.readings, ends: readings(books, ends)},
        days=filled.days,
        planned=tuple(plan.planned(moment(on, books)) for on in year_days(period)) if plan else (),
        year=last.year,
        quays={name: _quay(books, name, last) for name in names},
        last_move=f"{newest:%H:%M}" if newest and newest.date() == last else "",
        closed=frozenset(port.closed),
        festival=port.festival == "spring",
        quiet_hours=port.quiet_hours,
    )


def readings(books: PortBooks, on: date) -> KpiReadings:
    """Return the readings of an area at the beginning of a day."""
    at = moment(on, books)
    return KpiReadings.of([*measure(YEARS, books, at), *measure(LATEST, books, at)])


def moment(on: date, books: PortBooks) -> datetime:
    """Return the beginning of a day in the port's zone."""
    return datetime.fromtimestamp(day_start(on, books.tz), UTC)


def _quay(books: PortBooks, terminal: str, last: date) -> Quay:
    year, empty, worked = books.year(last.year), [], list[int]()
    for on in Span(last - QUIET_DAYS * DAY, last).each():
        worked = [hour for hour, teu in enumerate(year.terminal_hours(terminal, on)) if teu]
        empty.append(23 - worked[-1] if worked else 24)
    return Quay(tuple(empty), worked[-1] if worked else None)
