"""The join of facts, where events alone can't lead."""

import numpy as np

from ledger.facts import FACT, FINAL, RETRACTED, FactOutcome
from ledger.fold import CurrentFacts


def facts(*rows: tuple[int, ...]) -> np.ndarray:
    """Of (head, rest, recorded, offset, day, minute, place, kind, hundredths)."""
    return np.array(list(rows), FACT)


BOOKED = (7, 1, 1000, 5, 20_000, 480, 0, 0, 100)


def test_two_ids_that_share_half_a_hash_are_distinguished_and_the_second_is_rejected() -> None:
    twin = (7, 2, 2000, 6, *BOOKED[4:])
    for batches in ([[BOOKED, twin]], [[BOOKED], [twin]]):
        standing = CurrentFacts()
        *_, last = [standing.fold(facts(*batch), 0) for batch in batches]

        assert [dispute.outcome for dispute in last.disputes] == [FactOutcome.CONFLICT]
        assert standing.of((0, 20_000)).by_class == {0: [1, 100]}


def test_of_equal_moments_the_lower_offset_is_kept_also_when_it_is_read_later() -> None:
    standing = CurrentFacts()
    standing.fold(facts(BOOKED), 0)
    folded = standing.fold(facts((7, 1, 1000, 4, 20_000, 480, 0, 0, 200)), 0)

    assert folded.outcomes.tolist() == [FactOutcome.NEWER]
    assert standing.of((0, 20_000)).by_class == {0: [1, 200]}


def test_a_record_read_again_under_another_book_changes_nothing() -> None:
    # the same offset, but by another convention of TEU: the journal must not hold both
    standing = CurrentFacts()
    standing.fold(facts(BOOKED), 0)
    folded = standing.fold(facts((*BOOKED[:8], 225)), 0)

    assert folded.outcomes.tolist() == [FactOutcome.REPEAT]
    assert standing.of((0, 20_000)).by_class == {0: [1, 100]}


def test_a_tombstone_from_before_the_open_books_is_no_change_of_a_closed_day() -> None:
    standing = CurrentFacts()
    folded = standing.fold(facts((7, 1, FINAL, 5, 10, 0, 255, RETRACTED, 0)), first_open=19_000)

    assert folded.outcomes.tolist() == [FactOutcome.NEW]
    assert not folded.disputes


def test_a_day_that_was_booked_and_left_within_one_batch_is_announced_too() -> None:
    """A worker that read the records apart may have announced the first day and been lost."""
    moved_on = (7, 1, 2000, 6, 20_003, *BOOKED[5:])
    standing = CurrentFacts()

    folded = standing.fold(facts(BOOKED, moved_on), 0)

    assert folded.outcomes.tolist() == [FactOutcome.NEW, FactOutcome.NEWER]
    assert folded.cells == {(0, 20_000), (0, 20_003)}
    assert standing.of((0, 20_000)).by_class == {}


def test_a_day_is_announced_whose_only_move_was_retracted_in_its_own_batch() -> None:
    gone = (7, 1, FINAL, 6, 20_000, 0, 255, RETRACTED, 0)
    standing = CurrentFacts()

    folded = standing.fold(facts(BOOKED, gone), 0)

    assert folded.cells == {(0, 20_000)}
    assert len(standing) == 1
