"""Whether an answer of the register equals the books: the same sum from the day snapshots."""

from msgspec import Struct

from broker.connection import Connection
from broker.reader import TopicReading
from contract.settings import Settings
from contract.snapshots import ClassSum, TerminalDay, keep_newest
from contract.topics import TERMINAL_DAYS
from contract.wire import decode_snapshot
from register.selection import Amount, Quantity, Selection


class Agreement(Struct, frozen=True):
    """The sum by the register and by the books."""

    register: Amount
    books: Amount

    @property
    def difference(self) -> Amount:
        """The books' sum less the register's; 0 if they agree."""
        return self.books - self.register

    def __str__(self) -> str:
        if not self.difference:
            return f"equals the books: {self.books:,}"
        return (
            f"differs from the books by {self.difference:+,}: they show {self.books:,}; "
            "compare both with the raw events by `quaymark books verify`"
        )


def amount_in_books(settings: Settings, selection: Selection, measure: Quantity) -> Amount:
    """Return the sum of a selection by the newest snapshots of its days.

    Raises:
        StackError: no broker answers, or it has no such topic.
    """
    topic = TERMINAL_DAYS.under(settings.prefix)
    newest: dict[tuple[object, ...], TerminalDay] = {}
    with TopicReading(Connection.of(settings), topic) as reading:
        for records in reading.rest():
            for record in records:
                if record.value is None:
                    continue
                day = decode_snapshot(record.value)
                if isinstance(day, TerminalDay):
                    keep_newest(newest, (day.area, day.terminal, day.on, day.partition), day)
    return sum(
        (
            Amount(line.moves) if measure is Quantity.MOVES else Amount(line.hundredths) / 100
            for day in newest.values()
            if _is_day(selection, day)
            for line in day.classes
            if _is_class(selection, line)
        ),
        Amount(0),
    )


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
