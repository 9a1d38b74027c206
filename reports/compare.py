"""Comparisons of days: a number, or the reason why there is none.

Both sides are taken whole and by their mean a day, so that a leap day or a month of 31 days does
not count as growth.  A running month is never set against a whole one by its sum.
"""

from datetime import date

from kpis.port.comparison import MISSING_DAYS
from reports.period import DAY, Span, month_end, year_before
from reports.reason import AbsenceReason, Why
from reports.values import PortValues

Compared = float | AbsenceReason


def growth(port: PortValues, span: Span, base: Span, terminal: str = "") -> Compared:
    """Return mean TEU a day of a span / mean TEU a day of its base − 1."""
    if base.days < 1 or span.days < 1:
        return AbsenceReason(Why.RUNNING)
    for one in (base, span):
        if reason := gap(port, one):
            return reason
    before = port.teu(base, terminal) / base.days
    if not before:
        return AbsenceReason(Why.WAS_ZERO)
    return port.teu(span, terminal) / span.days / before - 1


def on_year(port: PortValues, span: Span, terminal: str = "") -> Compared:
    """Compare a span with the same days of last year: 同比.

    With Spring Festival no part of January and February is compared, only both together.
    """
    if _cuts_festival(port, span):
        return AbsenceReason(Why.FESTIVAL)
    return growth(port, span, year_before(span), terminal)


def on_period_before(port: PortValues, span: Span, terminal: str = "") -> Compared:
    """Compare the days of a month so far with the whole month before it: 日均环比.

    With Spring Festival January and February are one period, with which March is compared.
    """
    if _cuts_festival(port, span):
        return AbsenceReason(Why.FESTIVAL)
    return growth(port, span, month_before(port, span.first), terminal)


def month_before(port: PortValues, first: date) -> Span:
    """Return the whole month before a first of the month; before March both festival months."""
    last = first - DAY
    with_january = port.festival and last.month == 2
    return Span(date(last.year, 1, 1) if with_january else last.replace(day=1), last)


def on_mean(port: PortValues, span: Span, terminal: str = "") -> Compared:
    """Compare the last day of a span with the mean of its days."""
    if reason := gap(port, span):
        return reason
    mean = port.teu(span, terminal) / span.days
    last = Span(span.last, span.last)
    return port.teu(last, terminal) / mean - 1 if mean else AbsenceReason(Why.WAS_ZERO)


def gap(port: PortValues, span: Span) -> AbsenceReason | None:
    """Return why the books do not hold a span whole; None if they do."""
    if port.begin is None or port.begin > span.first:
        return AbsenceReason(Why.BOOKS_BEGIN, port.begin.isoformat() if port.begin else "")
    if span.days < MISSING_DAYS:
        return None
    missing = 0
    for on in span.each():
        rests = on in port.closed or any(port.days.get(on, {}).values())
        missing = 0 if rests else missing + 1
        if missing == MISSING_DAYS:
            return AbsenceReason(Why.DAYS_MISSING, on.isoformat())
    return None


def _cuts_festival(port: PortValues, span: Span) -> bool:
    """Whether a span takes a part of January and February only."""
    if not port.festival:
        return False
    begin, end = date(span.last.year, 1, 1), month_end(date(span.last.year, 2, 1))
    in_it = span.first <= end and span.last >= begin
    return in_it and not (span.first <= begin and span.last >= end)
