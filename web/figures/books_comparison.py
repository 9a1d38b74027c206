"""Whether a figure of the register equals the books, which are read apart from each other.

Each lags behind Kafka by up to half a minute, and not by the same records.  So a sum that is not
the same at once is compared as of the offsets that the snapshots of the books reach.
"""

from collections.abc import Sequence

from msgspec import structs

from register.at_offsets import sums_at
from register.reading import RegisterReading
from register.selection import Amount, Selection
from stack.explaining.booked_sums import booked_sums
from web.figures.booked_days import APART, BookedDays
from web.figures.books_verdict import AgreementVerdict, BooksComparison


def compared_with_books(
    wanted: Selection,
    shown: tuple[Amount, int | None],
    reading: RegisterReading,
    books: Sequence[BookedDays],
    waiting: int | None,
) -> BooksComparison | None:
    """Compare the TEU and moves that the register shows now with the newest readings of the books.

    Moves that are None are not compared unless the TEU differ.
    `books` are readings some seconds apart, the newest first; `waiting` are the events that the
    workers have not counted, None if none of them answers.  None if the books were never read.

    Raises:
        StackError: the register's files can't be read.
    """
    if not books:
        return None
    newest = booked_sums(books[0].days(wanted), wanted)
    if newest.teu == shown[0] and shown[1] in (None, newest.moves):
        return BooksComparison(AgreementVerdict.EQUAL, books[0].at, newest)
    held = [one for one in books if not one.unread(reading.reached)]
    if not held:
        unread = books[0].unread(reading.reached)
        return BooksComparison(AgreementVerdict.BEHIND, books[0].at, newest, unread=unread)
    found = _as_of(wanted, reading, held[0])
    if found.verdict is AgreementVerdict.EQUAL:
        return found
    if earlier := next((one for one in held if held[0].at - one.at >= APART), None):
        before = _as_of(wanted, reading, earlier)
        if before.verdict is AgreementVerdict.EQUAL:
            return before
        if waiting == 0:
            return found
    return structs.replace(found, verdict=AgreementVerdict.WAITING)


def _as_of(wanted: Selection, reading: RegisterReading, books: BookedDays) -> BooksComparison:
    """Compare the sums as of the offsets of one reading of the books."""
    booked = booked_sums(books.days(wanted), wanted)
    register, later = sums_at(reading, wanted, books.days(wanted), books.reach)
    verdict = AgreementVerdict.EQUAL if booked == register else AgreementVerdict.DIFFERENT
    return BooksComparison(verdict, books.at, booked, register, later)
