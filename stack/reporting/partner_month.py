"""What became of each partner's records in the month of a report, by the register."""

from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path

from msgspec import Struct

from contract.book import Book
from contract.errors import StackError
from register import catalog as catalogs
from register.partner_quality import partner_quality_of_days
from register.partners import areas_by_partner
from reports.partner_records import PartnerRecords
from reports.period import Period, ReportKind
from reports.reason import AbsenceReason, Why
from stack.context import Say


class PartnersAsked(Struct, frozen=True):
    """What a report asks of partners: in which area and period, and as of when."""

    area: str
    period: Period
    ends: Sequence[int]
    """The offsets at which the partitions of port.moves.raw end."""
    now: datetime


def partners_of_month(
    folder: Path, book: Book, asked: PartnersAsked, say: Say
) -> tuple[PartnerRecords, ...] | AbsenceReason | None:
    """Return what a register says of an area's partners in a month, or why it can't.

    A report of no month gets None.  A register that can't be read is told by `say`, and the
    report is made without it.
    """
    period = asked.period
    if period.kind is not ReportKind.MONTHLY:
        return None
    if not book.partner:
        return AbsenceReason(Why.NO_PARTNER)
    span = period.span
    over = datetime.combine(span.after, time(), book.tz)
    if asked.now < over:
        return AbsenceReason(Why.RUNNING)
    try:
        catalog = catalogs.read(folder)
        if not catalog.rows:
            return AbsenceReason(Why.NO_REGISTER)
        if not catalog.reaches(over, dict(enumerate(asked.ends))):
            return AbsenceReason(Why.REGISTER_BEHIND, period.name)
        found = partner_quality_of_days(folder, book, asked.area, span.first, span.after)
    except StackError as error:
        say(f"the report says nothing of partners: {error}")
        return AbsenceReason(Why.NO_REGISTER)
    named = {name for name, areas in areas_by_partner(book).items() if asked.area in areas}
    return tuple(
        PartnerRecords(
            partner=one.partner,
            received=one.received,
            refused=one.refused,
            repeated=one.repeated,
            amended=one.amended,
            delays=one.delays,
            silent_days=span.days - one.days,
        )
        for one in found
        if one.received or one.partner in named
    )
