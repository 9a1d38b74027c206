"""The answer of a comparison: two figures, their difference by cause, and the records of it."""

from typing import Any

from msgspec import Struct

from register.reconciliation.causes import DifferenceCause
from register.selection import Amount

MOST_RECORDS = 50_000
"""Records of an answer; the sums are of all."""


class CauseSum(Struct, frozen=True):
    """What one cause comes to."""

    records: int
    amount: Amount


class Reconciled(Struct, frozen=True):
    """A statement beside the books.

    Attributes:
        theirs: the sum by the statement.
        ours: the sum by the register.
        causes: cause -> what it comes to, in the order of the causes.
        columns: the names of the records' columns.
        records: what differs; first those that explain the difference, then by cause.
        explaining: the number of the fewest records that sum to the difference.
        left_out: number of records beyond MOST_RECORDS.
        hints: what may lie behind many of them.
        warnings: what was not compared, or seems to be missing.
    """

    theirs: Amount
    ours: Amount
    causes: dict[DifferenceCause, CauseSum]
    columns: tuple[str, ...]
    records: list[tuple[Any, ...]]
    explaining: int
    left_out: int
    hints: list[str]
    warnings: list[str]

    @property
    def difference(self) -> Amount:
        """Theirs less ours."""
        return self.theirs - self.ours

    @property
    def unexplained(self) -> Amount:
        """What the causes do not sum to; 0 if the comparison closes."""
        return self.difference - sum((one.amount for one in self.causes.values()), Amount(0))
