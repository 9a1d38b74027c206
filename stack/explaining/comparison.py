"""A statement compared with the register: it is read, loaded and taken apart."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, field

from contract.book import Book
from contract.errors import Misconfigured
from contract.evidence.statement import (
    StatedMove,
    StatedRetraction,
    StatedTotal,
    StatementEnd,
    StatementLine,
    StatementNote,
    UnreadLine,
)
from register.reconciliation.answer import Reconciled
from register.reconciliation.cells import RegisterPart
from register.reconciliation.of_moves import reconciled
from register.reconciliation.of_totals import reconciled_totals
from register.reconciliation.sides import ComparisonTerms
from register.reconciliation.stated_moves import StatedMoves, scratch
from register.reconciliation.total_lines import MOST_TOTALS
from register.selection import SummedUnit

MOST_NOTES = 5  # notes and unread lines that are shown; the rest is counted


class StatementReport(Struct):
    """What the reader says beside the moves and totals."""

    unread: int = 0
    first_unread: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def take(self, line: UnreadLine | StatementNote | StatementEnd) -> None:
        """Note one line."""
        match line:
            case UnreadLine(at, reason, message):
                self.unread += 1
                if len(self.first_unread) < MOST_NOTES:
                    self.first_unread.append(f"{at}: {reason}: {message}")
            case StatementNote(at, message):
                if len(self.notes) < MOST_NOTES:
                    self.notes.append(f"{at}: {message}")
            case StatementEnd(left_out):
                self.left_out.update(left_out)

    @property
    def warnings(self) -> list[str]:
        """What a person must know of the reading."""
        said = list(self.notes)
        if self.unread:
            said.append(f"{self.unread:,} lines can't be read, and are in no sum; the first:")
            said += [f"  {line}" for line in self.first_unread]
        said += [
            f"{number:,} lines are no throughput by their own words: {why}"
            for why, number in sorted(self.left_out.items())
        ]
        return said


def compared(
    lines: Iterable[StatementLine],
    folder: Path,
    book: Book,
    terms: ComparisonTerms,
    measure: SummedUnit | None,
) -> tuple[Reconciled, SummedUnit, StatementReport]:
    """Return a statement compared with the register in a folder; what is summed; and the reading.

    `measure` is TEU unless it is given, but moves for totals that have no TEU.

    Raises:
        Misconfigured: the statement holds moves and totals, neither of both, or nothing of the
            terminal or the period; or its totals overlap.
        StackError: the register is damaged.
    """
    report, totals, count = StatementReport(), list[StatedTotal](), 0
    with scratch() as connection:
        moves = StatedMoves(connection, book.port.teu)
        for line in lines:
            match line:
                case StatedMove() | StatedRetraction():
                    moves.add(line)
                    count += 1
                case StatedTotal():
                    totals.append(line)
                    if len(totals) > MOST_TOTALS:
                        raise Misconfigured(
                            f"the statement has more than {MOST_TOTALS:,} totals; compare it in "
                            "parts"
                        )
                case UnreadLine() | StatementNote() | StatementEnd():
                    report.take(line)
        if count and totals:
            raise Misconfigured(
                "the statement holds both moves and totals; compare one after the other"
            )
        if totals:
            has_teu = any(one.hundredths is not None for one in totals)
            measure = measure or (SummedUnit.TEU if has_teu else SummedUnit.MOVES)
            register = RegisterPart(folder, book, terms.selection)
            return reconciled_totals(totals, register, measure), measure, report
        if not count:
            raise Misconfigured("\n".join(["the statement holds no move", *report.warnings]))
        replaced = moves.close()
        if replaced:
            report.notes.append(f"{replaced:,} moves of the statement are replaced by later ones")
        measure = measure or SummedUnit.TEU
        return reconciled(connection, folder, book, terms, measure), measure, report
