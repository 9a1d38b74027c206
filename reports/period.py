"""The period of a report: a day, a week from Monday, or a month, in the port's time zone."""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

DAY = timedelta(1)


class ReportKind(StrEnum):
    """The kind of a report."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Span(Struct, frozen=True, order=True):
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1

    @property
    def after(self) -> date:
        """The day after the last."""
        return self.last + DAY

    def each(self) -> tuple[date, ...]:
        """All days, in order; none if the last is before the first."""
        return tuple(self.first + n * DAY for n in range(self.days))


class Period(Struct, frozen=True):
    """The period of a report: its kind and its days."""

    kind: ReportKind
    span: Span

    @classmethod
    def of(cls, kind: ReportKind, on: date) -> "Period":
        """Return the period of a kind that contains a day."""
        match kind:
            case ReportKind.DAILY:
                return cls(kind, Span(on, on))
            case ReportKind.WEEKLY:
                monday = on - on.weekday() * DAY
                return cls(kind, Span(monday, monday + 6 * DAY))
            case ReportKind.MONTHLY:
                return cls(kind, Span(on.replace(day=1), month_end(on)))

    @classmethod
    def newest(cls, kind: ReportKind, today: date) -> "Period":
        """Return the newest period of a kind that is over."""
        running = cls.of(kind, today)
        return cls.of(kind, running.span.first - DAY)

    @property
    def last(self) -> date:
        """The last day."""
        return self.span.last

    @property
    def name(self) -> str:
        """The period as it is written in names of files: 2026-11-25, 2026-W48 or 2026-11."""
        match self.kind:
            case ReportKind.DAILY:
                return self.last.isoformat()
            case ReportKind.WEEKLY:
                year, week, _ = self.last.isocalendar()
                return f"{year}-W{week:02}"
            case ReportKind.MONTHLY:
                return f"{self.last:%Y-%m}"


def month_end(on: date) -> date:
    """Return the last day of a day's month."""
    return on.replace(day=monthrange(on.year, on.month)[1])


def month_to(on: date) -> Span:
    """Return the days of a month up to a day."""
    return Span(on.replace(day=1), on)


def year_to(on: date) -> Span:
    """Return the days of a year up to a day."""
    return Span(date(on.year, 1, 1), on)


def year_before(span: Span) -> Span:
    """Return the same calendar days of the year before; 29 February becomes 28 February."""
    return Span(_year_back(span.first), _year_back(span.last))


def _year_back(on: date) -> date:
    day = min(on.day, monthrange(on.year - 1, on.month)[1])
    return on.replace(year=on.year - 1, day=day)
