"""The changelog that the bench makes is the one that a worker would have written."""

from bench.live_journal import booked, one_by_one
from ledger.journal import SLOTS, Put
from ledger.move_ledger import MoveLedger
from tests.unit.ledger.records import BOOK, moved, topic

MOVES = topic(moved(f"{n}") for n in range(SLOTS + 3))


def test_it_is_what_a_worker_writes_of_moves_that_come_one_by_one() -> None:
    ledger = MoveLedger(0, BOOK)
    written: list[Put] = []
    for record in MOVES:
        for put in ledger.take([record]).puts:
            ledger.acknowledged(put)
            written += [put, *(Put(key, None) for key in put.then)]

    made = list(one_by_one(*booked(MoveLedger(0, BOOK), MOVES)))

    assert made == written
    # SLOTS small ones, the merged one with the next move, SLOTS deletions, 2 small ones
    assert len(made) == 2 * SLOTS + 3
