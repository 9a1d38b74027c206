from collections.abc import Callable, Iterator

import pytest

from audit.recount import Recount
from audit.totals import Difference, TotalKind, TotalName, Totals
from contract.errors import StackError
from contract.wire import encode
from stack.books import verify
from stack.books.shown_totals import ShownTotals
from stack.books.verify import TotalsComparison, compare, compare_totals
from tests.unit.ledger.records import BOOK, NOW, moved

TEU = TotalName(TotalKind.TEU, "tonghai", "THE", 2026)
MOVES = TotalName(TotalKind.MOVES, "tonghai", "THE", 2026)
CLASS = TotalName(TotalKind.CLASS_TEU, "tonghai", "THE", 2026, ("load", "laden", "20", "normal"))
# one laden 20 ft box loaded at THE: 1.00 TEU
ONE = {TEU: 100, MOVES: 1, CLASS: 100}


def one_move(partitions: tuple[int, ...] = (0,), time: str = "2026-03-01T08:00:00Z") -> Recount:
    recount = Recount(BOOK)
    for partition in partitions:
        recount.take(partition, round(NOW.timestamp() * 1000), encode(moved("a", time)))
    return recount


def judge(shown: Totals) -> TotalsComparison:
    return compare_totals(one_move(), shown, BOOK, 2026)


def answers_in_turn(*answers: ShownTotals) -> Callable[[], ShownTotals]:
    """Each answer once, the last for ever."""
    rest: Iterator[ShownTotals] = iter(answers[:-1])
    return lambda: next(rest, answers[-1])


def counted(*numbers: int) -> Callable[[], int]:
    """Each number once, then zeros."""
    rest = iter(numbers)
    return lambda: next(rest, 0)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(verify, "UNCHANGED_SECONDS", 0.02)


def test_equal_books_are_clean_at_once() -> None:
    assert compare(counted(), counted(), answers_in_turn(ShownTotals(ONE)), judge, 5).clean


def test_books_that_are_about_to_agree_are_waited_for() -> None:
    ask = answers_in_turn(
        ShownTotals({}, "1 events wait to be read"), ShownTotals({TEU: 25}), ShownTotals(ONE)
    )

    assert compare(counted(1, 1), counted(1), ask, judge, 5).clean


def test_books_that_stay_at_something_else_are_not_exact() -> None:
    verdict = compare(
        counted(), counted(), answers_in_turn(ShownTotals(ONE | {TEU: 225})), judge, 5
    )

    assert not verdict.clean
    assert verdict.differing == [Difference(TEU, 100, 225)]


def test_a_worker_that_never_settles_is_named_after_the_wait() -> None:
    with pytest.raises(StackError, match="5 events wait to be read"):
        compare(
            counted(),
            counted(),
            answers_in_turn(ShownTotals(ONE, "5 events wait to be read")),
            judge,
            0.01,
        )


def test_events_that_keep_coming_cannot_be_compared() -> None:
    with pytest.raises(StackError, match="events keep coming"):
        compare(lambda: 1, lambda: 1, answers_in_turn(ShownTotals(ONE)), judge, 0.01)


def test_a_move_counted_on_two_partitions_is_not_clean() -> None:
    twice = {TEU: 200, MOVES: 2, CLASS: 200}

    verdict = compare_totals(one_move((0, 1)), twice, BOOK, 2026)

    assert verdict.differing == []
    assert verdict.duplicated == 1
    assert not verdict.clean


def test_a_year_that_is_not_shown_yet_is_not_compared() -> None:
    next_year = one_move(time="2026-03-01T08:00:00Z")

    assert compare_totals(next_year, {}, BOOK, 2025).clean


def test_a_terminal_that_moved_is_compared_over_its_areas() -> None:
    elsewhere = {line._replace(area="riverside"): amount for line, amount in ONE.items()}

    verdict = compare_totals(one_move(), elsewhere, BOOK, 2026)

    assert verdict.clean
    assert verdict.moved == {"THE": "riverside"}
