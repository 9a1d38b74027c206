"""The instants at which a report reads the KPIs: beginnings of days."""

from datetime import date

from reports.period import DAY, Period, Span, month_to, year_before, year_to


def instants(period: Period) -> tuple[date, ...]:
    """Return the days at whose beginning KPIs are read, in order.

    They are the ends of the spans that the report shows and compares, and the days on which these
    spans begin: classes and moves are known as sums since 1 January only, so that the sum of some
    days is the difference of two readings.
    """
    last = period.last
    spans = [period.span, Span(last, last)]
    for end in (last, last - DAY):  # sums to date leave out a last day that is not whole
        spans += [Span(period.span.first, end), month_to(end), year_to(end)]
    spans += [year_before(span) for span in spans]
    return tuple(sorted({on for span in spans for on in (span.first, span.after)}))


def whole_days(period: Period) -> Span:
    """Return the days whose TEU a report needs: since 1 January of the year before."""
    return Span(date(period.last.year - 1, 1, 1), period.last)


def year_days(period: Period) -> tuple[date, ...]:
    """Return the days of the report's year, and the 1 January after it."""
    year = period.last.year
    return (*Span(date(year, 1, 1), date(year, 12, 31)).each(), date(year, 12, 31) + DAY)
