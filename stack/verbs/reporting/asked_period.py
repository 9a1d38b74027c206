"""The period that a command line names: a day, or the week or month that contains it."""

from datetime import date, datetime, timedelta

import click

from contract.book import Book
from kpis.model.calendar import day_of
from reports.period import Period, ReportKind

day_argument = click.argument("day", type=click.DateTime(["%Y-%m-%d", "%Y-%m"]), required=False)
kind_option = click.option(
    "--kind",
    type=click.Choice([kind.value for kind in ReportKind]),
    default=ReportKind.DAILY.value,
    show_default=True,
    help="A day, the week from Monday, or the month that contains DAY.",
)


def asked_period(book: Book, kind: ReportKind, day: datetime | None, now: datetime) -> Period:
    """Return the period that was named, or the newest that is over.

    Raises:
        UsageError: the period is not over.
    """
    today: date = day_of(now, book.tz)
    if day is None:
        return Period.newest(kind, today)
    period = Period.of(kind, day.date())
    if period.last >= today:
        raise click.UsageError(
            f"{period.name} is not over before {period.last + timedelta(1)} in the port's zone; "
            f"the newest {kind} report is of {Period.newest(kind, today).name}"
        )
    return period
