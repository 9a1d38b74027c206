"""What a comparison of a figure with the books comes to."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from register.selection import MoveSums


class AgreementVerdict(StrEnum):
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

    verdict: AgreementVerdict
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
