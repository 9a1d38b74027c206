"""An id names the moves of one container: another one under it is a conflict, and is shown."""

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.recount import Recount
from audit.totals import TotalKind
from contract.errors import Reason
from contract.events import ContainerMoved, MoveRetracted
from ledger import journal
from ledger.equipment import number_hashes
from ledger.facts import FACT
from ledger.journal import BookedTerminal, blob, unblob
from ledger.move_ledger import MoveLedger
from tests.unit.ledger.records import BOOK, moved, retracted, topic

ONE, OTHER = "CSQU3054383", "MSKU0000080"
LATER = "2026-03-02T09:00:00+08:00"
LAST = "2026-03-03T09:00:00+08:00"


def booked(*events: ContainerMoved | MoveRetracted) -> tuple[MoveLedger, list[tuple[Reason, str]]]:
    ledger = MoveLedger(0, BOOK)
    refusals = ledger.take(topic(events)).refusals
    return ledger, [(refusal.reason, refusal.error) for refusal in refusals]


def hundredths(ledger: MoveLedger) -> int:
    return sum(cell.hundredths for day in ledger.snapshots() for cell in day.classes)


def test_another_container_under_an_id_is_a_conflict_though_its_record_is_newer() -> None:
    ledger, ((reason, error),) = booked(
        moved("1", number=ONE), moved("1", number=OTHER, size="42G1", recorded=LATER)
    )

    assert reason is Reason.CONFLICT
    assert f"booked for another container than {OTHER!r}" in error
    assert hundredths(ledger) == 100  # the 20 ft box of the first record counts


def test_the_same_content_of_another_container_is_no_repeat() -> None:
    _, ((reason, _),) = booked(moved("1", number=ONE), moved("1", number=OTHER))

    assert reason is Reason.CONFLICT


def test_a_retraction_that_names_another_container_takes_nothing_back() -> None:
    ledger, ((reason, _),) = booked(
        moved("1", number=ONE), moved("1", number=OTHER, recorded=LATER, retracted=True)
    )

    assert reason is Reason.CONFLICT
    assert hundredths(ledger) == 100


def test_a_retraction_by_id_names_no_container_and_fits_each() -> None:
    ledger, refused = booked(moved("1", number=ONE), retracted("1"))

    assert (refused, hundredths(ledger)) == ([], 0)


@pytest.mark.parametrize("spelling", ["csqu3054383", "CSQU 305438-3", " CSQU3054383 "])
def test_letter_case_blanks_and_hyphens_make_no_other_container(spelling: str) -> None:
    ledger, refused = booked(
        moved("1", number=ONE), moved("1", number=spelling, size="42G1", recorded=LATER)
    )

    assert (refused, hundredths(ledger)) == ([], 200)


def test_a_record_without_a_number_amends_and_leaves_the_container_known() -> None:
    ledger, ((reason, _),) = booked(
        moved("1", number=ONE),
        moved("1", number=None, size="42G1", recorded=LATER),
        moved("1", number=OTHER, size="L5G1", recorded=LAST),
    )

    assert reason is Reason.CONFLICT
    assert hundredths(ledger) == 200


def test_a_number_may_be_named_later_than_its_move() -> None:
    ledger, refused = booked(
        moved("1", number=None), moved("1", number=ONE, size="42G1", recorded=LATER)
    )

    assert (refused, hundredths(ledger)) == ([], 200)


def test_numbers_of_any_text_have_a_hash_of_24_bits_and_only_the_empty_one_has_none() -> None:
    numbers = ["", ONE, ONE.lower(), OTHER, "СSQU3054383", "箱", "x" * 40, "\0", " ", "-"]

    hashes = number_hashes(numbers).tolist()

    assert [bool(h) for h in hashes] == [False, *[True] * 7, False, False]
    assert hashes[1] == hashes[2] != hashes[3]
    assert max(hashes) < 1 << 24
    # a batch with a strange number gives the others the hash that they have alone
    assert hashes[1] == number_hashes([ONE])[0]


def test_a_hundred_thousand_numbers_have_hardly_a_hash_in_common() -> None:
    # of n = 100,000 in 2^24: n^2 / 2 / 2^24 = 298 pairs are expected to meet by chance
    hashes = number_hashes([f"CSQU{n:07}" for n in range(100_000)])

    assert 100_000 - len(np.unique(hashes)) < 450


def test_books_of_the_version_before_fit_any_container(monkeypatch: pytest.MonkeyPatch) -> None:
    old = np.zeros(1, FACT)
    old["head"], old["rest"], old["kind"] = 7, 0xABCDEF12, 255
    monkeypatch.setattr(journal, "VERSION", journal.NO_BOXES)
    put = blob(0, (BookedTerminal("tonghai", "THE"),), old)
    monkeypatch.undo()
    assert put.value is not None

    facts = unblob(put.key, put.value)[2]

    assert facts["rest"].tolist() == [0x12000000]  # the byte of the id that is compared still


records = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from([ONE, OTHER, None]),
        st.integers(1, 4),
        st.sampled_from(["22G1", "42G1"]),
        st.booleans(),
    ),
    max_size=9,
)


@settings(max_examples=150)
@given(records, st.sets(st.integers(1, 8)), st.integers(0, 99))
def test_the_recount_agrees_in_any_batches_and_after_any_recovery(
    moves: list[tuple[str, str | None, int, str, bool]], cuts: set[int], seed: int
) -> None:
    raw = topic(
        moved(
            name, number=number, size=size, retracted=gone, recorded=f"2026-03-0{hour}T09:00+08:00"
        )
        for name, number, hour, size, gone in moves
    )
    ledger, again, recount = MoveLedger(0, BOOK), MoveLedger(0, BOOK), Recount(BOOK)
    puts = []
    for start, end in pairwise([0, *sorted(cuts), len(raw) + 9]):
        puts += ledger.take(raw[start:end]).puts
    for record in raw:
        recount.take(0, record.timestamp, record.value)
    Random(seed).shuffle(puts)
    for put in puts:
        again.load(put.key, put.value)
        again.settle()

    expected = sum(
        count for name, count in recount.totals().items() if name.figure is TotalKind.TEU
    )
    assert hundredths(ledger) == hundredths(again) == expected
