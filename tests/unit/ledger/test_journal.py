"""The changelog's records: what goes in comes out, small ones are merged, torn ones are seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from contract.errors import QuaymarkError
from ledger import move_ledger
from ledger.facts import FACT
from ledger.journal import SEGMENT, BookedTerminal, Put, blob, unblob
from ledger.move_ledger import MoveLedger
from tests.unit.ledger.records import BOOK, moved, retracted, topic

SLOTS = 20  # in place of 512, for speed
PLACES = (BookedTerminal("tonghai", "THE"), BookedTerminal("tonghai", "通海"))


@settings(max_examples=60)
@given(arrays.arrays(FACT, st.integers(1, 200)), st.sampled_from((0, 1)))
def test_any_facts_come_back_as_they_went(facts: np.ndarray, level: int) -> None:
    put = blob(level, PLACES, facts)
    assert put.value is not None

    got_level, places, got = unblob(put.key, put.value)

    assert (got_level, places) == (level, PLACES)
    assert got.tobytes() == facts.tobytes()


def test_a_torn_value_is_seen() -> None:
    put = blob(0, PLACES, np.zeros(3, FACT))
    assert put.value is not None

    with pytest.raises(QuaymarkError, match="rebuild the books"):
        unblob(put.key, put.value[:-1])


@pytest.fixture(autouse=True)
def _few_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(move_ledger, "SLOTS", SLOTS)


def live(ledger: MoveLedger, first: int, n: int) -> list[Put]:
    """Put of n moves that come one by one, none acknowledged."""
    return [
        put for i in range(first, first + n) for put in ledger.take(topic([moved(f"{i}")], i)).puts
    ]


def test_a_large_batch_is_one_final_blob_of_at_most_20_bytes_a_move() -> None:
    (put,) = MoveLedger(0, BOOK).take(topic(moved(f"{i}") for i in range(SEGMENT))).puts

    assert put.key[0] == 1
    assert put.value is not None
    assert len(put.key) + len(put.value) <= 20 * SEGMENT


def test_small_blobs_are_merged_and_deleted_only_behind_the_merged_one() -> None:
    ledger = MoveLedger(0, BOOK)
    puts = live(ledger, 0, SLOTS + 1)
    *small, merged = puts

    assert [put.key[0] for put in puts] == [0] * SLOTS + [1]
    assert merged.then == tuple(put.key for put in small)
    assert all(not put.then for put in small)

    alone = MoveLedger(0, BOOK)
    alone.load(merged.key, merged.value)
    alone.settle()
    assert alone.facts == SLOTS + 1


def test_no_second_merge_is_cut_before_the_first_is_acknowledged() -> None:
    ledger = MoveLedger(0, BOOK)
    merged = live(ledger, 0, SLOTS + 1)[-1]
    waiting = live(ledger, 100, SLOTS + 5)
    assert {put.key[0] for put in waiting} == {0}

    ledger.acknowledged(merged)
    (second,) = live(ledger, 200, 1)
    assert len(second.then) == SLOTS + 5


def test_facts_that_recovery_reads_twice_are_one() -> None:
    ledger, again = MoveLedger(0, BOOK), MoveLedger(0, BOOK)
    puts = live(ledger, 0, SLOTS + 1)  # the small ones, and the merged one with the same facts
    for put in puts * 2:
        again.load(put.key, put.value)
    again.settle()

    assert again.facts == ledger.facts == SLOTS + 1
    assert list(again.snapshots()) == list(ledger.snapshots())


def test_a_recovered_ledger_goes_on_where_it_stopped() -> None:
    ledger, again = MoveLedger(0, BOOK), MoveLedger(0, BOOK)
    for put in ledger.take(topic([moved("a"), retracted("b"), moved("c")])).puts:
        again.load(put.key, put.value)
    result = again.take(topic([moved("a"), moved("b")], 3))

    assert (result.tally.repeats, result.puts, again.facts) == (2, [], 3)


def test_a_replayed_record_is_written_again_for_the_journal_may_lack_it() -> None:
    ledger = MoveLedger(0, BOOK)
    records = topic([moved("a")])
    first, second = ledger.take(records), ledger.take(records)

    assert [put.key for put in second.puts] == [put.key for put in first.puts]
    assert second.touched == first.touched
    assert ledger.facts == 1


def test_recovery_folds_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(move_ledger, "GATHER", 2)
    ledger, again = MoveLedger(0, BOOK), MoveLedger(0, BOOK)
    for put in live(ledger, 0, 7):
        again.load(put.key, put.value)

    assert again.facts == 6  # the seventh waits for settle()
    again.settle()
    assert again.facts == 7


def test_what_live_traffic_leaves_when_merged_is_at_most_20_bytes_a_move() -> None:
    # the 18th batch of 60 makes 1,080 moves, SEGMENT or more: one final blob is left
    ledger, kept = MoveLedger(0, BOOK), {}
    for first in range(0, SEGMENT, 60):
        events = [moved(f"{i}") for i in range(first, first + 60)]
        for put in ledger.take(topic(events, first)).puts:
            kept[put.key] = put.value or b""
            for key in put.then:
                del kept[key]
            ledger.acknowledged(put)

    assert [key[0] for key in kept] == [1]
    assert sum(len(key) + len(value) for key, value in kept.items()) <= 20 * 1080
