"""Whether an answer of the register equals the books: the same sum from the day snapshots."""

import time
from collections.abc import Callable

from msgspec import Struct

from broker.connection import Connection
from broker.reader import TopicReading
from contract.settings import Settings
from contract.snapshots import TerminalDay, keep_newest
from contract.topics import TERMINAL_DAYS
from contract.wire import decode_snapshot
from register.at_offsets import REMEDY
from register.selection import Amount, Selection, SummedUnit
from stack.explaining.booked_sums import booked_sums

PATIENCE_SECONDS = 20.0
"""How long both are read on while they differ: one may have seen a move that the other has not."""
PAUSE_SECONDS = 0.5


class Agreement(Struct, frozen=True):
    """The sum by the register and by the books, both as of now."""

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
            f"differs from the books by {self.difference:+,}: they show {self.books:,}; {REMEDY}"
        )


def agreement(
    settings: Settings,
    of: tuple[Selection, SummedUnit],
    in_register: Callable[[], Amount],
    bring_on: Callable[[], object],
) -> Agreement:
    """Return whether register and books show the same sum.

    `bring_on` brings the register up to date.  It is called while they differ, since moves may
    come meanwhile.

    Raises:
        StackError: no broker answers, or it has no such topic.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    with _BookSums(settings) as books:
        while True:
            found = Agreement(in_register(), books.amount(*of))
            if not found.difference or time.monotonic() > deadline:
                return found
            time.sleep(PAUSE_SECONDS)
            bring_on()


class _BookSums:
    """The newest snapshots of days, which are read on each time they are asked."""

    def __init__(self, settings: Settings) -> None:
        topic = TERMINAL_DAYS.under(settings.prefix)
        self._reading = TopicReading(Connection.of(settings), topic)
        self._newest: dict[tuple[object, ...], TerminalDay] = {}

    def __enter__(self) -> "_BookSums":
        self._reading.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._reading.__exit__(None, None, None)

    def amount(self, selection: Selection, measure: SummedUnit) -> Amount:
        """Return the sum of a selection by the newest snapshots of its days."""
        for records in self._reading.rest():
            for record in records:
                day = None if record.value is None else decode_snapshot(record.value)
                if isinstance(day, TerminalDay):
                    keep_newest(self._newest, (day.area, day.terminal, day.on, day.partition), day)
        return booked_sums(self._newest.values(), selection).of(measure)
