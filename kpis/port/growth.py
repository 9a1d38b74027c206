"""The KPIs of comparison: growth on last year and on the month before, each with its reason."""

from datetime import datetime, timedelta

from kpis.model.calendar import day_of
from kpis.model.kpi import Labels
from kpis.port import comparison
from kpis.port.books import PortBooks
from kpis.port.year import PortYear


def month_to_date(books: PortBooks, at: datetime) -> dict[Labels, float]:
    """TEU handled since the first day of the current month, by terminal.

    As the year to date, for the month in the port's zone: 当月累计.
    """
    today = day_of(at, books.tz)
    year = books.year(today.year)
    end = today + timedelta(1)
    return {
        (terminal,): year.teu_between(today.replace(day=1), end, terminal)
        for terminal in year.terminals
    }


def ytd_on_year(port: PortYear, at: datetime) -> float | None:
    """Growth of the year to date on the same days of last year, as a ratio; 0 is no growth.

    累计同比: mean TEU a day from 1 January to the last whole day / mean TEU a day of the same
    calendar days of last year − 1; 29 February stands against 28 February.  Absent with the reason
    that the code of the same name gives.  In a port of Spring Festival it begins when January and
    February are over, since the festival moves between them.
    """
    return comparison.year_on_year(port, at).growth


def ytd_on_year_code(port: PortYear, at: datetime) -> float:
    """The reason why the year to date is not compared with last year; 0 if it is.

    1 no whole day yet; 2 the books begin after 1 January of last year; 3 the books lack a week of
    days; 4 last year had no TEU; 5 January and February are compared together, and not over yet.
    """
    return comparison.year_on_year(port, at).code


def month_on_year(books: PortBooks, at: datetime) -> float | None:
    """Growth of the month on the same days of last year, as a ratio; 0 is no growth.

    当月同比: mean TEU a day of the month's whole days / mean TEU a day of the same calendar days
    of last year − 1, for the month of the last whole day.  With Spring Festival January and
    February are one period, compared once it is over.
    """
    return comparison.month_on_year(books, at).growth


def month_on_year_code(books: PortBooks, at: datetime) -> float:
    """The reason why the month is not compared with last year; 0 if it is.

    The codes are those of the year to date.
    """
    return comparison.month_on_year(books, at).code


def month_on_month(books: PortBooks, at: datetime) -> float | None:
    """Growth of the month's mean day on that of the month before, as a ratio; 0 is no growth.

    环比: mean TEU a day of the month's whole days / mean TEU a day of the whole month before − 1,
    for the month of the last whole day.  With Spring Festival January and February are one period:
    it is compared with December once it is over, and March is compared with it.
    """
    return comparison.month_on_month(books, at).growth


def month_on_month_code(books: PortBooks, at: datetime) -> float:
    """The reason why the month is not compared with the month before; 0 if it is.

    The codes are those of the year to date, with the month before in place of last year.
    """
    return comparison.month_on_month(books, at).code


def completeness(port: PortYear, at: datetime) -> float:
    """The reason why the books do not hold the year whole, as far as it has come; 0 if they do.

    1 no whole day yet; 2 the books begin after 1 January; 3 the books lack a week of days, or the
    last days of a year that is over.  A comparison with a year that is not whole has no value.
    """
    return comparison.completeness(port, at)
