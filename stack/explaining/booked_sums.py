"""What the books show of a selection: the sum of the day snapshots that it takes in."""

from collections.abc import Iterable

from contract.snapshots import ClassSum, TerminalDay
from register.selection import Amount, MoveSums, Selection


def booked_sums(days: Iterable[TerminalDay], wanted: Selection) -> MoveSums:
    """Return the sums of a selection by the newest snapshots of days.

    Snapshots know areas, terminals, days and classes; a source, a state or a reason is not asked.
    """
    hundredths = moves = 0
    for day in days:
        if not _is_day(wanted, day):
            continue
        for line in day.classes:
            if _is_class(wanted, line):
                hundredths += line.hundredths
                moves += line.moves
    return MoveSums(Amount(hundredths).scaleb(-2), moves)


def _is_day(wanted: Selection, day: TerminalDay) -> bool:
    return (
        wanted.area in (None, day.area)
        and wanted.terminal in (None, day.terminal)
        and (wanted.first is None or wanted.first <= day.on)
        and (wanted.last is None or day.on <= wanted.last)
    )


def _is_class(wanted: Selection, line: ClassSum) -> bool:
    is_move = line.move in ("LOAD", "DISC") if wanted.move is None else line.move == wanted.move
    return (
        is_move
        and wanted.kind in (None, line.kind)
        and wanted.fill in (None, line.fill or "unknown")
        and wanted.size_feet in (None, line.size)
    )
