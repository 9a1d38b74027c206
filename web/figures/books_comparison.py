"""Whether a figure of the register equals the books, which are read apart from each other.

Each lags behind Kafka by up to half a minute, and not by the same records.  So a sum that is not
the same at once is compared as of the offsets that the snapshots of the books reach.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, structs

from register.at_offsets import sums_at
from register.reading import RegisterReading
from register.selection import Amount, MoveSums, Selection
from stack.explaining.booked_sums import booked_sums
from web.figures.booked_days import APART, BookedDays

LATELY = timedelta(minutes=10)
"""Within this the books may lack what Kafka got; what is older they hold, or no worker counts."""


class Verdict(StrEnum):
    """What a comparison comes to."""

    EQUAL = "equal"
    """The sums are the same, as of the offsets that the books reach."""
    BEHIND = "behind"
    """The register lacks records that are in the books."""
    WAITING = "waiting"
    """They differ, but events wait for a worker, or the books were read once only."""
    DIFFERENT = "different"
    """They differ, at two readings of the books."""


class BooksComparison(Struct, frozen=True):
    """A figure of the register beside the books."""

    verdict: Verdict
    at: datetime
    """When the books were read with which the register is compared."""
    books: MoveSums
    register: MoveSums | None = None
    """The same by the register, as of the offsets of the books; None if that was not needed."""
    later: int = 0
    """Records of the register that the books do not hold yet."""
    unread: int = 0
    """Records of the books that the register does not hold yet."""

    @property
    def difference(self) -> MoveSums:
        """The books' sums less the register's, as of the same offsets."""
        register = self.register or self.books
        return MoveSums(self.books.teu - register.teu, self.books.moves - register.moves)


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
        return BooksComparison(Verdict.EQUAL, books[0].at, newest)
    held = [one for one in books if not one.unread(reading.reached)]
    if not held:
        unread = books[0].unread(reading.reached)
        return BooksComparison(Verdict.BEHIND, books[0].at, newest, unread=unread)
    found = _as_of(wanted, reading, held[0])
    if found.verdict is Verdict.EQUAL:
        return found
    before = _as_of(wanted, reading, held[-1])
    if before.verdict is Verdict.EQUAL:
        return before
    if waiting != 0 or held[0].at - held[-1].at < APART:
        return structs.replace(found, verdict=Verdict.WAITING)
    return found


def _as_of(wanted: Selection, reading: RegisterReading, books: BookedDays) -> BooksComparison:
    """Compare the sums as of the offsets of one reading of the books."""
    booked = booked_sums(books.days(wanted), wanted)
    register, later = sums_at(reading, wanted, books.days(wanted), books.reach, books.at - LATELY)
    verdict = Verdict.EQUAL if booked == register else Verdict.DIFFERENT
    return BooksComparison(verdict, books.at, booked, register, later)
