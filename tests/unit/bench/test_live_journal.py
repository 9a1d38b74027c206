"""This test checks that the bench makes the changelog that a worker would write."""

from bench.live_journal import booked, one_by_one
from ledger.journal import SLOTS, Put
from ledger.move_ledger import MoveLedger
from tests.unit.ledger.records import BOOK, moved, topic

MOVES = topic(moved(f"{n}") for n in range(SLOTS + 3))


def test_the_changelog_is_the_one_of_a_worker_whose_moves_come_one_by_one() -> None:
    ledger = MoveLedger(0, BOOK)
    written: list[Put] = []
    for record in MOVES:
        for put in ledger.take([record]).puts:
            ledger.acknowledged(put)
            written += [put, *(Put(key, None) for key in put.then)]

    made = list(one_by_one(*booked(MoveLedger(0, BOOK), MOVES)))

    assert made == written
    # SLOTS small records, the merged one with the next move, SLOTS tombstones, 2 small records
    assert len(made) == 2 * SLOTS + 3
