"""A statement of totals compared with the register."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from contract.evidence.statement import StatedTotal
from register.reconciliation.answer import MOST_RECORDS, CauseSum, Reconciled
from register.reconciliation.causes import DifferenceCause
from register.reconciliation.cells import DAY_STARTS, DayCell, RegisterPart, cells_of
from register.reconciliation.conventions import KindSums, countings, hint, own_counting
from register.reconciliation.fewest import fewest
from register.reconciliation.total_lines import TotalLines, amount_of
from register.reconciliation.wholeness import LONGEST_GAP
from register.selection import Amount, SummedUnit

COLUMNS = (
    *("cause", "amount", "explains", "theirs", "ours", "first_day", "last_day", "vessel"),
    *("voyage", "move", "kind", "fill", "size_feet", "note", "at"),
)
_OF_TOTAL = ("first", "last", "vessel", "voyage", "move", "kind", "fill", "size_feet")
_CAUSES = list(DifferenceCause)


class _Difference(Struct):
    """One total that differs; amounts are hundredths of a TEU, or moves."""

    cause: DifferenceCause
    theirs: int | None
    ours: int
    total: StatedTotal | None = None
    note: str = ""
    explains: bool = False

    @property
    def amount(self) -> int:
        return (self.theirs or 0) - self.ours

    @property
    def place(self) -> tuple[Any, ...]:
        """Its place among the records."""
        return not self.explains, _CAUSES.index(self.cause), self.note

    def row(self, decimals: int) -> tuple[Any, ...]:
        theirs = None if self.theirs is None else Amount(self.theirs).scaleb(-decimals)
        return (
            self.cause.value,
            Amount(self.amount).scaleb(-decimals),
            self.explains,
            theirs,
            Amount(self.ours).scaleb(-decimals),
            *(self.total and getattr(self.total, name) for name in _OF_TOTAL),
            self.note or None,
            self.total and self.total.at,
        )


def reconciled_totals(
    totals: Iterable[StatedTotal], register: RegisterPart, measure: SummedUnit
) -> Reconciled:
    """Compare the totals of a statement with a register.

    Raises:
        Misconfigured: totals overlap, or none is of the terminal and the period.
        StackError: the register is damaged.
    """
    lines = TotalLines(totals, register.selection, measure)
    cells = cells_of(register, by_ship=lines.has_ships)
    if register.selection.first is None:  # days and ships that the statement does not name
        cells = [cell for cell in cells if lines.line_of(cell) is not None]
    theirs = [amount_of(one, measure) or 0 for one in lines.totals]
    found = _differences(lines, theirs, cells, measure)
    all_ours = sum(cell.hundredths if measure is SummedUnit.TEU else cell.moves for cell in cells)
    few = fewest(Counter(one.amount for one in found), sum(theirs) - all_ours)
    for one in found:
        if few.get(one.amount, 0):
            few[one.amount] -= 1
            one.explains = True
    found.sort(key=lambda one: one.place)
    decimals = 2 if measure is SummedUnit.TEU else 0
    by_cause = {cause: [one for one in found if one.cause is cause] for cause in DifferenceCause}
    return Reconciled(
        Amount(sum(theirs)).scaleb(-decimals),
        Amount(all_ours).scaleb(-decimals),
        {
            cause: CauseSum(len(of), Amount(sum(one.amount for one in of)).scaleb(-decimals))
            for cause, of in by_cause.items()
            if of
        },
        COLUMNS,
        [one.row(decimals) for one in found[:MOST_RECORDS]],
        sum(one.explains for one in found),
        max(len(found) - MOST_RECORDS, 0),
        _hints(register, lines, theirs, measure),
        lines.warnings + _missing_days(lines, cells),
    )


def _differences(
    lines: TotalLines, theirs: Sequence[int], cells: Iterable[DayCell], measure: SummedUnit
) -> list[_Difference]:
    """Return the totals that differ, and ours of which the statement has none."""
    ours, alone = Counter[int](), Counter[str]()
    for cell in cells:
        own = cell.hundredths if measure is SummedUnit.TEU else cell.moves
        number = lines.line_of(cell)
        if number is None:
            alone[lines.alone(cell)] += own
        else:
            ours[number] += own
    found = [
        _Difference(_cause(stated, number in ours), stated, ours[number], total)
        for number, (total, stated) in enumerate(zip(lines.totals, theirs, strict=True))
        if stated != ours[number]
    ]
    found += [
        _Difference(DifferenceCause.ONLY_OURS, None, booked, note=words)
        for words, booked in sorted(alone.items())
        if booked
    ]
    return found


def _cause(stated: int, has_ours: bool) -> DifferenceCause:
    if not stated:
        return DifferenceCause.ONLY_OURS
    return DifferenceCause.OTHER_SUM if has_ours else DifferenceCause.ONLY_THEIRS


def _hints(
    register: RegisterPart, lines: TotalLines, theirs: Sequence[int], measure: SummedUnit
) -> list[str]:
    convention = register.book.port.teu
    sums: dict[tuple[int, str], KindSums] = {}
    ways = countings(convention, measure)
    for start in DAY_STARTS:
        cells = cells_of(register, start, by_ship=lines.has_ships)
        numbered = [(lines.line_of(cell), cell) for cell in cells]
        if register.selection.first is None:
            numbered = [pair for pair in numbered if pair[0] is not None]
        for sizes in dict.fromkeys(way.sizes for way in ways):
            sums[start, sizes] = KindSums(numbered, sizes, measure)
    distances = {way: sums[way.day_start, way.sizes].distance(theirs, way) for way in ways}
    return hint(distances, own_counting(convention, measure), measure)


def _missing_days(lines: TotalLines, cells: Iterable[DayCell]) -> list[str]:
    """Return on how many days we have moves, and the statement has no total at all."""
    if not lines.has_days:
        return []
    has_total: dict[Any, bool] = {}
    for cell in cells:
        has_total[cell.on] = has_total.get(cell.on, False) or lines.line_of(cell) is not None
    missing = sorted(day for day, has in has_total.items() if not has)
    if len(missing) < LONGEST_GAP:
        return []
    return [
        f"the statement has no total for {len(missing)} days between {missing[0]} and "
        f"{missing[-1]} on which we have moves: is a part of it missing?"
    ]
